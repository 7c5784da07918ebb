using XdpTop.Memory;

namespace XdpTop.Flows;

/// <summary>
/// Ended Flow Records on their way from a worker to the Exporting Process, each with its byte distribution where these
/// are counted: two queues in step, as a record is much smaller without. One thread enqueues, one dequeues.
/// </summary>
internal sealed class FlowRecordQueue : IDisposable
{
    private readonly SpscQueue<FlowRecord> _records;
    private readonly SpscQueue<ByteDistribution>? _distributions;

    /// <param name="capacity">Records at least: it is rounded up to a power of two.</param>
    public FlowRecordQueue(int capacity, bool byteDistribution = false)
    {
        _records = new SpscQueue<FlowRecord>(capacity);
        if (byteDistribution)
            _distributions = new SpscQueue<ByteDistribution>(capacity);
    }

    /// <summary>Records in the queue, as of some moment during the call. Any thread may ask.</summary>
    public int Count => _records.Count;

    /// <summary>Producer only. Makes sure of a place for the next record, to be filled in there; false when the queue is full.</summary>
    // Distributions are taken out last, so where there is room for one there is room for its record.
    public bool TryReserve() => _distributions is null ? _records.TryReserve() : _distributions.TryReserve();

    /// <summary>Producer only, after <see cref="TryReserve"/>: the next record, which still holds what was there before.</summary>
    public ref FlowRecord Reserved => ref _records.Reserved;

    /// <summary>Likewise its byte distribution, where these are counted.</summary>
    public ref ByteDistribution ReservedDistribution => ref _distributions!.Reserved;

    /// <summary>Producer only: gives away what was reserved.</summary>
    public void Commit()
    {
        _distributions?.Commit(); // first: whoever sees the record finds it
        _records.Commit();
    }

    /// <summary>Producer only, where byte distributions are not counted. False when the queue is full.</summary>
    public bool TryEnqueue(in FlowRecord record) => _records.TryEnqueue(in record);

    /// <summary>Consumer only. Takes as many as there is room for in <paramref name="records"/>; gives how many.</summary>
    /// <param name="distributions">As long as <paramref name="records"/>; not used where they are not counted.</param>
    public int TryDequeue(Span<FlowRecord> records, Span<ByteDistribution> distributions = default)
    {
        int count = _records.TryDequeue(records);
        _distributions?.TryDequeue(distributions[..count]);
        return count;
    }

    /// <inheritdoc cref="MappedMemory.Populate"/>
    public void Populate() => _records.Populate();

    /// <summary>After both threads have stopped.</summary>
    public void Dispose()
    {
        _records.Dispose();
        _distributions?.Dispose();
    }
}
