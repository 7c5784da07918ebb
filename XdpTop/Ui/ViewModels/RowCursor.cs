namespace XdpTop.Ui.ViewModels;

/// <summary>Which rows of a table are in sight, and which one is under the cursor.</summary>
internal sealed class RowCursor
{
    private int _visibleRows = 1;
    private int _rowCount;

    /// <summary>The row under the cursor, or -1 while the user has not asked for one.</summary>
    public int Row { get; private set; } = -1;

    /// <summary>The first visible row.</summary>
    public int Top { get; private set; }

    public int PageSize => Math.Max(1, _visibleRows - 1);

    private int LastTop => Math.Max(0, _rowCount - _visibleRows);

    /// <summary>The table has so many rows now.</summary>
    public void Fit(int rowCount) => Fit(rowCount, _visibleRows);

    /// <summary>The table has so many rows now, and room for so many.</summary>
    public void Fit(int rowCount, int visibleRows)
    {
        (_rowCount, _visibleRows) = (rowCount, Math.Max(1, visibleRows));
        if (Row >= rowCount)
            Row = rowCount - 1;
        KeepInSight();
    }

    /// <summary>Moves by some rows; the first move puts it on the first visible row.</summary>
    public void Move(int rows) => Put(Row < 0 && Math.Abs(rows) < _rowCount ? Top : Math.Max(0, Row) + rows);

    /// <summary>Puts it on this row, or on the nearest one there is.</summary>
    public void Put(int row)
    {
        if (_rowCount == 0)
            return;
        Row = Math.Clamp(row, 0, _rowCount - 1);
        KeepInSight();
    }

    /// <summary>Puts it on a visible row, counted from the first one; not where there is none.</summary>
    public void Click(int line)
    {
        if (Top + line < _rowCount)
            Put(Top + line);
    }

    /// <summary>Takes it away and goes back to the first row.</summary>
    public void Remove() => (Row, Top) = (-1, 0);

    /// <summary>Moves the rows; a cursor that gets out of sight comes along.</summary>
    public void Scroll(int rows)
    {
        Top = Math.Clamp(Top + rows, 0, LastTop);
        if (Row >= 0)
            Put(Math.Clamp(Row, Top, Top + _visibleRows - 1));
    }

    private void KeepInSight()
    {
        if (Row >= 0)
            Top = Math.Clamp(Top, Math.Max(0, Row - _visibleRows + 1), Row);
        Top = Math.Clamp(Top, 0, LastTop);
    }
}
