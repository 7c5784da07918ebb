using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>
/// Data Records that wait, first in, first out; when it is full, the oldest make room. A Data Record is a Flow Record, or
/// the two of a Biflow. Used by the exporter thread; takes its memory with the first record.
/// </summary>
internal sealed class RecordBuffer
{
    private readonly int _capacity;
    private FlowRecord[] _records = [];
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

    /// <summary>Adds one Data Record; gives how many were lost for it.</summary>
    public int Add(ReadOnlySpan<FlowRecord> dataRecord)
    {
        if (_records.Length == 0)
            _records = new FlowRecord[_capacity];
        int lost = 0;
        for (; Room < dataRecord.Length; lost++)
            RemoveFirst();
        foreach (ref readonly FlowRecord record in dataRecord)
            _records[(_first + _taken++) % _capacity] = record;
        Count++;
        return lost;
    }

    /// <summary>The oldest record, or its forward direction; there must be one.</summary>
    public ref readonly FlowRecord First => ref _records[_first];

    /// <summary>The reverse direction of the oldest, if it <see cref="FlowRecord.HasReverse"/>.</summary>
    public ref readonly FlowRecord Reverse => ref _records[(_first + 1) % _capacity];

    public void RemoveFirst()
    {
        int records = First.HasReverse ? 2 : 1;
        _first = (_first + records) % _capacity;
        _taken -= records;
        Count--;
    }
}
