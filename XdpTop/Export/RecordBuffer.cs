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
    private int _first;

    public RecordBuffer(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _capacity = capacity;
    }

    public int Count { get; private set; }

    public int Room => _capacity - Count;

    /// <summary>False if the oldest record was lost for it.</summary>
    public bool Add(in FlowRecord record)
    {
        if (_records.Length == 0)
            _records = new FlowRecord[_capacity];
        bool hasRoom = Count < _capacity;
        if (!hasRoom)
            RemoveFirst();
        _records[(_first + Count) % _capacity] = record;
        Count++;
        return hasRoom;
    }

    /// <summary>The oldest record; there must be one.</summary>
    public ref readonly FlowRecord First => ref _records[_first];

    public void RemoveFirst()
    {
        _first = (_first + 1) % _capacity;
        Count--;
    }
}
