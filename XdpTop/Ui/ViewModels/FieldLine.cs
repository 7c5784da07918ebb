namespace XdpTop.Ui.ViewModels;

/// <summary>Fields of given widths on a row of a grid, one after the other.</summary>
internal ref struct FieldLine(CellGrid grid, int row, Style style)
{
    private int _column;

    public void Left(int width, scoped ReadOnlySpan<char> text) => Put(width, text, right: false, style);

    public void Left(int width, scoped ReadOnlySpan<char> text, Style own) => Put(width, text, right: false, own);

    public void Right(int width, scoped ReadOnlySpan<char> text) => Put(width, text, right: true, style);

    public void Right(int width, scoped ReadOnlySpan<char> text, Style own) => Put(width, text, right: true, own);

    private void Put(int width, scoped ReadOnlySpan<char> text, bool right, Style own)
    {
        grid.WriteFitted(_column, row, width, text, right, own);
        _column += width;
    }
}
