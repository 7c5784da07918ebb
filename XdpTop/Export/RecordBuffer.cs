using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>
/// Data Records that wait, first in, first out; when it is full, the oldest make room. A Data Record is a Flow Record, or
/// the two of a Biflow. Used by one thread at a time; takes its memory with the first record.
/// </summary>
internal sealed class RecordBuffer
{
    private readonly int _capacity;
    private FlowRecord[] _records = [];
    private ByteDistribution[] _distributions = []; // at the same places; none where they are not counted
    private int _first;
    private int _taken;

    /// <param name="capacity">In Flow Records.</param>
    public RecordBuffer(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        _capacity = capacity;
    }

    /// <summary>Data Records that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Flow Records that there is room for.</summary>
    public int Room => _capacity - _taken;

    /// <summary>How much of the room is taken: 0 to 1.</summary>
    public double Fill => (double)_taken / _capacity;

    /// <summary>Adds one Data Record; gives those that were lost for it.</summary>
    /// <param name="byteDistribution">Empty where it is not counted: for all records or for none.</param>
    public Tally Add(ReadOnlySpan<FlowRecord> dataRecord, ReadOnlySpan<uint> byteDistribution = default)
    {
        if (_records.Length == 0)
        {
            _records = new FlowRecord[_capacity];
            _distributions = byteDistribution.IsEmpty ? [] : new ByteDistribution[_capacity];
        }
        Tally lost = default;
        while (Room < dataRecord.Length)
        {
            lost += FirstTally;
            RemoveFirst();
        }
        if (!byteDistribution.IsEmpty)
            byteDistribution.CopyTo(_distributions[PlaceAfter(_taken)]);
        foreach (ref readonly FlowRecord record in dataRecord)
            _records[PlaceAfter(_taken++)] = record;
        Count++;
        return lost;
    }

    /// <summary>The oldest record, or its forward direction; there must be one.</summary>
    public ref readonly FlowRecord First => ref _records[_first];

    /// <summary>The reverse direction of the oldest, if it <see cref="FlowRecord.HasReverse"/>.</summary>
    public ref readonly FlowRecord FirstReverse => ref _records[PlaceAfter(1)];

    /// <summary>That of the oldest record; empty where it is not counted.</summary>
    public ReadOnlySpan<uint> FirstByteDistribution => ByteDistribution.At(_distributions, _first);

    /// <summary>What the oldest counts.</summary>
    public Tally FirstTally => Tally.Of([First]) + (First.HasReverse ? Tally.Of([FirstReverse]) with { Records = 0 } : default);

    /// <summary>Takes the oldest, as many as there is room for; gives how many Flow Records.</summary>
    /// <param name="distributions">As long as <paramref name="records"/>; not used where they are not counted.</param>
    public int Take(Span<FlowRecord> records, Span<ByteDistribution> distributions)
    {
        int taken = 0;
        while (Count > 0 && taken + (First.HasReverse ? 2 : 1) <= records.Length)
        {
            if (_distributions.Length > 0)
                distributions[taken] = _distributions[_first];
            records[taken++] = First;
            if (First.HasReverse)
                records[taken++] = FirstReverse;
            RemoveFirst();
        }
        return taken;
    }

    /// <summary>Removes all; gives what they were.</summary>
    public Tally Clear()
    {
        Tally all = default;
        for (; Count > 0; RemoveFirst())
            all += FirstTally;
        return all;
    }

    public void RemoveFirst()
    {
        int records = First.HasReverse ? 2 : 1;
        _first = PlaceAfter(records);
        _taken -= records;
        Count--;
    }

    private int PlaceAfter(int records) => (_first + records) % _capacity;
}
