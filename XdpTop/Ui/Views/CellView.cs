using System.Drawing;
using Terminal.Gui.Drawing;
using Terminal.Gui.Drivers;
using Terminal.Gui.ViewBase;
using XdpTop.Ui.ViewModels;
using Attribute = Terminal.Gui.Drawing.Attribute;
using Style = XdpTop.Ui.ViewModels.Style;

namespace XdpTop.Ui.Views;

/// <summary>
/// A view that draws a <see cref="CellGrid"/>: it writes the cells that have changed, and only these, straight into
/// the driver's output buffer. Terminal.Gui's own drawing of text allocates tens of megabytes for a full screen.
/// </summary>
internal sealed class CellView : View
{
    private static readonly string[] Graphemes = [.. Enumerable.Range(0, 0x250).Select(c => ((char)c).ToString())];
    private static readonly Dictionary<char, string> OtherGraphemes = ViewModels.Glyphs.Special.ToDictionary(c => c, c => c.ToString());

    private readonly CellGrid _grid;
    private readonly Palette _palette;
    private readonly Action<CellGrid> _draw;

    /// <param name="palette">How the grid's styles look.</param>
    /// <param name="draw">Fills in the grid, which has the view's size and is blank.</param>
    public CellView(Palette palette, Action<CellGrid> draw)
    {
        _palette = palette;
        _draw = draw;
        _grid = new CellGrid(palette.Glyphs);
        Width = Dim.Fill();
    }

    /// <summary>All cells are drawn: there is nothing to clear before.</summary>
    protected override bool OnClearingViewport() => true;

    protected override bool OnDrawingContent(DrawContext? context)
    {
        if (App?.Driver is not { } driver || driver.GetOutputBuffer() is not { Contents: not null } buffer)
            return true;
        _grid.Reset(Viewport.Width, Viewport.Height);
        _draw(_grid);
        Rectangle screen = ViewportToScreen(new Rectangle(Point.Empty, Viewport.Size));
        foreach (Rectangle clip in buffer.Clip?.GetRectangles() ?? [screen])
            Copy(buffer, screen.Location, Rectangle.Intersect(screen, clip));
        context?.AddDrawnRectangle(screen);
        return true;
    }

    private void Copy(IOutputBuffer buffer, Point origin, Rectangle area)
    {
        Cell[,] contents = buffer.Contents!;
        int bottom = Math.Min(area.Bottom, contents.GetLength(0));
        int right = Math.Min(area.Right, contents.GetLength(1));
        for (int row = area.Top; row < bottom; row++)
        {
            ReadOnlySpan<char> characters = _grid.Characters(row - origin.Y);
            ReadOnlySpan<Style> styles = _grid.Styles(row - origin.Y);
            for (int column = area.Left; column < right; column++)
            {
                string grapheme = GraphemeOf(characters[column - origin.X]);
                Attribute attribute = _palette[styles[column - origin.X]];
                ref Cell cell = ref contents[row, column];
                if (cell.Attribute == attribute && cell.Grapheme == grapheme)
                    continue;
                cell = new Cell(attribute, true, grapheme);
                buffer.DirtyLines[row] = true;
            }
        }
    }

    private static string GraphemeOf(char character) =>
        character < Graphemes.Length ? Graphemes[character] : OtherGraphemes[character];
}
