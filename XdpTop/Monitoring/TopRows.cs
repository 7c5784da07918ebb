namespace XdpTop.Monitoring;

/// <summary>
/// Keeps the first N rows, by a sort order, of any number that are offered: a heap in the snapshot's own buffer with the
/// last of the kept rows at its root. Does not allocate.
/// </summary>
internal ref struct TopRows<TRow, TOrder>(Span<TRow> rows, TOrder order)
    where TRow : struct
    where TOrder : struct, IRowOrder<TRow>
{
    private readonly Span<TRow> _rows = rows;
    private bool _isHeap;

    public int Count { get; private set; }

    public void Offer(ref readonly TRow row)
    {
        if (Count < _rows.Length)
        {
            _rows[Count++] = row;
            return;
        }
        if (Count == 0)
            return;
        if (!_isHeap)
        {
            for (int parent = Count / 2 - 1; parent >= 0; parent--)
                SiftDown(parent, Count);
            _isHeap = true;
        }
        if (Compare(in row, in _rows[0]) >= 0)
            return;
        _rows[0] = row;
        SiftDown(0, Count);
    }

    /// <summary>Puts the kept rows in order. Nothing may be offered after.</summary>
    public void Sort()
    {
        for (int parent = Count / 2 - 1; parent >= 0; parent--)
            SiftDown(parent, Count);
        for (int last = Count - 1; last > 0; last--)
        {
            (_rows[0], _rows[last]) = (_rows[last], _rows[0]);
            SiftDown(0, last);
        }
    }

    private readonly int Compare(ref readonly TRow left, ref readonly TRow right) => order.Compare(in left, in right);

    private readonly void SiftDown(int parent, int count)
    {
        while (true)
        {
            int child = 2 * parent + 1;
            if (child >= count)
                return;
            if (child + 1 < count && Compare(in _rows[child + 1], in _rows[child]) > 0)
                child++;
            if (Compare(in _rows[parent], in _rows[child]) >= 0)
                return;
            (_rows[parent], _rows[child]) = (_rows[child], _rows[parent]);
            parent = child;
        }
    }
}

/// <summary>Which of two rows comes first: negative when it is the left one.</summary>
internal interface IRowOrder<TRow>
    where TRow : struct
{
    int Compare(ref readonly TRow left, ref readonly TRow right);
}
