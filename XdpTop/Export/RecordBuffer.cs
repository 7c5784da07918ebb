using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>
/// Flow Records that wait, first in, first out; when it is full, the oldest makes room. Used by the exporter thread;
/// takes its memory with the first record.
/// </summary>
internal sealed class RecordBuffer
{
    private readonly int _capacity;
    private FlowRecord[] _records = [];
    private ByteDistribution[] _distributions = []; // at the same places; none where they are not counted
    private int _first;

    public RecordBuffer(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _capacity = capacity;
    }

    public int Count { get; private set; }

    public int Room => _capacity - Count;

    /// <summary>False if the oldest record was lost for it.</summary>
    /// <param name="byteDistribution">Empty where it is not counted: for all records or for none.</param>
    public bool Add(in FlowRecord record, ReadOnlySpan<uint> byteDistribution = default)
    {
        if (_records.Length == 0)
        {
            _records = new FlowRecord[_capacity];
            _distributions = byteDistribution.IsEmpty ? [] : new ByteDistribution[_capacity];
        }
        bool hasRoom = Count < _capacity;
        if (!hasRoom)
            RemoveFirst();
        int place = (_first + Count) % _capacity;
        _records[place] = record;
        if (!byteDistribution.IsEmpty)
            byteDistribution.CopyTo(_distributions[place]);
        Count++;
        return hasRoom;
    }

    /// <summary>The oldest record; there must be one.</summary>
    public ref readonly FlowRecord First => ref _records[_first];

    /// <summary>That of the oldest record; empty where it is not counted.</summary>
    public ReadOnlySpan<uint> FirstByteDistribution => ByteDistribution.At(_distributions, _first);

    public void RemoveFirst()
    {
        _first = (_first + 1) % _capacity;
        Count--;
    }
}
