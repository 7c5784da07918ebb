using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace XdpTop.Monitoring;

/// <summary>
/// Keeps the first N rows, by a sort order, of any number that are offered. The rows stay where they were put in the
/// snapshot's own buffer until the end: a heap of their places has the last of the kept rows at its root, as moving rows
/// themselves, of some hundred octets, would take most of the time. Does not allocate once it was used.
/// </summary>
internal ref struct TopRows<TRow, TOrder>(Span<TRow> rows, TOrder order)
    where TRow : struct
    where TOrder : struct, IRowOrder<TRow>
{
    private readonly Span<TRow> _rows = rows;
    private readonly int[] _places = ArrayPool<int>.Shared.Rent(rows.Length);
    private bool _isHeap;

    public int Count { get; private set; }

    /// <summary>Whether a row is kept only if it comes before <see cref="Last"/>.</summary>
    public readonly bool IsFull => _isHeap;

    /// <summary>The last of the rows kept, when it <see cref="IsFull"/>.</summary>
    [UnscopedRef]
    public readonly ref readonly TRow Last => ref _rows[_places[0]];

    public void Offer(ref readonly TRow row)
    {
        if (Count < _rows.Length)
        {
            _places[Count] = Count;
            _rows[Count++] = row;
            return;
        }
        if (Count == 0)
            return;
        if (!_isHeap)
        {
            MakeHeap();
            _isHeap = true;
        }
        ref TRow last = ref _rows[_places[0]];
        if (Compare(in row, in last) >= 0)
            return;
        last = row;
        SiftDown(0, Count);
    }

    /// <summary>Puts the kept rows in order. Nothing may be offered after.</summary>
    public void Sort()
    {
        MakeHeap();
        for (int last = Count - 1; last > 0; last--)
        {
            (_places[0], _places[last]) = (_places[last], _places[0]);
            SiftDown(0, last);
        }
        MoveRowsToPlaces();
        ArrayPool<int>.Shared.Return(_places);
    }

    private readonly int Compare(ref readonly TRow left, ref readonly TRow right) => order.Compare(in left, in right);

    private readonly void MakeHeap()
    {
        for (int parent = Count / 2 - 1; parent >= 0; parent--)
            SiftDown(parent, Count);
    }

    private readonly void SiftDown(int parent, int count)
    {
        int place = _places[parent];
        for (int child = 2 * parent + 1; child < count; child = 2 * parent + 1)
        {
            if (child + 1 < count && Compare(in _rows[_places[child + 1]], in _rows[_places[child]]) > 0)
                child++;
            if (Compare(in _rows[place], in _rows[_places[child]]) >= 0)
                break;
            _places[parent] = _places[child];
            parent = child;
        }
        _places[parent] = place;
    }

    /// <summary>The places are a permutation now: each of its cycles is gone round once, with one row out of the way.</summary>
    private readonly void MoveRowsToPlaces()
    {
        for (int first = 0; first < Count; first++)
        {
            if (_places[first] == first)
                continue;
            TRow row = _rows[first];
            int to = first;
            for (int from = _places[to]; from != first; from = _places[to])
            {
                _rows[to] = _rows[from];
                _places[to] = to;
                to = from;
            }
            _rows[to] = row;
            _places[to] = to;
        }
    }
}

/// <summary>Which of two rows comes first: negative when it is the left one.</summary>
internal interface IRowOrder<TRow>
    where TRow : struct
{
    int Compare(ref readonly TRow left, ref readonly TRow right);
}
