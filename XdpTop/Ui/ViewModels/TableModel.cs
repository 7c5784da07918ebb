namespace XdpTop.Ui.ViewModels;

/// <summary>A column of a table.</summary>
/// <param name="Heading">One character shorter than the column at most: the sort mark stands beside it.</param>
/// <param name="Width">In characters; 0 for names, which share what the others leave.</param>
/// <param name="IsRight">Whether it is aligned to the right, as numbers are.</param>
/// <param name="FromWidth">The table's width from which there is room for the column.</param>
/// <param name="ToWidth">The table's width from which another column takes its place.</param>
internal abstract record TableColumn(string Heading, int Width, bool IsRight, int FromWidth = 0, int ToWidth = int.MaxValue)
{
    /// <summary>The widest name that is ever shown whole: an IPv6 address of 8 groups of 4 digits.</summary>
    private const int WidestName = 39;

    public bool IsName => Width == 0;

    /// <summary>The columns' places in a table of this width: where each begins, and its width.</summary>
    public static (T Column, int At, int Width)[] Place<T>(T[] columns, int tableWidth)
        where T : TableColumn
    {
        int left = tableWidth - columns.Sum(c => c.Width) - (columns.Length - 1);
        int names = columns.Count(c => c.IsName);
        var places = new (T, int, int)[columns.Length];
        int at = 0;
        for (int i = 0; i < columns.Length; i++)
        {
            int width = columns[i].Width;
            if (columns[i].IsName)
            {
                // The last one of them takes the odd character.
                width = Math.Clamp(left / names, 1, WidestName);
                left -= width;
                names--;
            }
            places[i] = (columns[i], at, width);
            at += width + 1;
        }
        return places;
    }
}

/// <summary>
/// A view that is a table: a heading and the rows that fit below it. Formats only the rows that are visible, and does
/// not allocate while its columns stay. The cursor stays on what it was put on, wherever that moves to, unless the user
/// wants it to stay where it is.
/// </summary>
internal abstract class TableModel<TColumn>(ScreenModel screen) : PageModel
    where TColumn : TableColumn
{
    private readonly RowCursor _cursor = new();
    private (TColumn Column, int At, int Width)[] _columns = [];
    private (int Width, bool Biflows, bool Services, Amounts Amounts, IReadOnlyList<string> Columns) _layout = (-1, false, false, default, []);

    public override int Cursor => _cursor.Row;

    public override int PageSize => _cursor.PageSize;

    /// <summary>The first visible row.</summary>
    public int Top => _cursor.Top;

    protected ScreenModel Screen => screen;

    protected abstract string Absence { get; }

    /// <summary>Whether the smallest is at the top.</summary>
    protected abstract bool IsAscending { get; }

    /// <summary>What the rows are sorted by, for a sentence.</summary>
    protected abstract string SortName { get; }

    public override string HiddenOrder(int width)
    {
        Arrange(width);
        return _columns.Any(place => IsSortedBy(place.Column)) ? "" : $"{SortName} {Mark}";
    }

    private string Mark => IsAscending ? "▲" : "▼";

    public override void Draw(CellGrid grid)
    {
        Arrange(grid.Width);
        int rows = RowCount;
        if (Cursor >= 0 && screen.IsFollowing && FindRemembered() is >= 0 and int found)
            _cursor.Put(found);
        _cursor.Fit(rows, grid.Height - 1);
        Remember();
        DrawHeading(grid);
        if (rows == 0)
            grid.Write(2, 2, Absence, Style.Label);
        for (int line = 1; line < grid.Height && Top + line - 1 < rows; line++)
            DrawRow(grid, line, Top + line - 1);
    }

    /// <summary>What a click on the heading at this column of the screen is on, or null.</summary>
    public TColumn? ColumnAt(int at)
    {
        foreach ((TColumn column, int start, int width) in _columns)
        {
            // The gap after a column is the column's, too.
            if (at >= start && at <= start + width)
                return column;
        }
        return null;
    }

    public override void Move(int rows)
    {
        _cursor.Fit(RowCount);
        _cursor.Move(rows);
        Remember();
    }

    public override void Scroll(int rows)
    {
        _cursor.Fit(RowCount);
        _cursor.Scroll(rows);
        Remember();
    }

    public override void Click(int column, int row)
    {
        _cursor.Fit(RowCount);
        if (row > 0)
            _cursor.Click(row - 1);
        else if (ColumnAt(column) is { } heading)
            SortBy(heading);
        Remember();
    }

    public override bool HasRowAt(int row) => row > 0 && Top + row - 1 < RowCount;

    public override bool TryLeave()
    {
        bool hasCursor = Cursor >= 0;
        _cursor.Remove();
        return hasCursor;
    }

    /// <summary>The columns for which a table of this width has room.</summary>
    protected abstract TColumn[] ColumnsFor(int width);

    protected abstract bool IsSortedBy(TColumn column);

    protected abstract void SortBy(TColumn column);

    /// <summary>Writes a cell's text; gives its length.</summary>
    protected abstract int Format(TColumn column, int row, int width, Span<char> text);

    /// <summary>Keeps in mind what this row shows.</summary>
    protected abstract void Remember(int row);

    /// <summary>The row that shows what is kept in mind; −1 if none does.</summary>
    protected abstract int FindRemembered();

    protected virtual bool HasEnded(int row) => false;

    private void Arrange(int width)
    {
        (int, bool, bool, Amounts, IReadOnlyList<string>) layout = (width, screen.Request.Biflows, screen.Request.ServiceNames, screen.Amounts, screen.Columns);
        if (layout != _layout)
            _columns = TableColumn.Place(ColumnsFor(width), width);
        _layout = layout;
    }

    private void Remember()
    {
        if (Cursor >= 0 && Cursor < RowCount)
            Remember(Cursor);
    }

    private void DrawHeading(CellGrid grid)
    {
        grid.Paint(0, Style.Heading);
        foreach ((TColumn column, int at, int width) in _columns)
        {
            bool isSorted = IsSortedBy(column);
            Style style = isSorted ? Style.SortHeading : Style.Heading;
            grid.WriteFitted(at, 0, width, column.Heading, column.IsRight, style);
            if (isSorted)
            {
                int mark = column.IsRight ? at + width - column.Heading.Length - 1 : at + column.Heading.Length;
                grid.Write(mark, 0, Mark, style);
            }
        }
    }

    private void DrawRow(CellGrid grid, int line, int row)
    {
        bool isCursor = row == Cursor;
        Style style = isCursor ? Style.Cursor : HasEnded(row) ? Style.Ended : Style.Normal;
        if (isCursor)
            grid.Paint(line, style);
        Span<char> text = stackalloc char[64];
        foreach ((TColumn column, int at, int width) in _columns)
        {
            int length = Format(column, row, width, text);
            grid.WriteFitted(at, line, width, text[..length], column.IsRight, style);
        }
    }
}
