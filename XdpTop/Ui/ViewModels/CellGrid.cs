namespace XdpTop.Ui.ViewModels;

/// <summary>What a piece of text is, for the palette to choose how it looks.</summary>
internal enum Style : byte
{
    Normal,

    /// <summary>Values that matter most.</summary>
    Strong,

    /// <summary>What stands beside values, which are strong.</summary>
    Label,

    /// <summary>A table's heading.</summary>
    Heading,

    /// <summary>The heading that the table is sorted by.</summary>
    SortHeading,

    /// <summary>The row under the cursor.</summary>
    Cursor,

    /// <summary>All is well.</summary>
    Good,

    /// <summary>Something that the user should see to.</summary>
    Warning,

    /// <summary>A flow that has ended.</summary>
    Ended,

    /// <summary>Bars and columns of graphs.</summary>
    Graph,

    /// <summary>Those of the reverse direction.</summary>
    OtherGraph,
}

/// <summary>
/// A rectangle of styled characters, one in a cell, that view models write to and views show. Grows only, so that
/// drawing does not allocate. Whatever is written outside is cut off; what a terminal could take for more than one
/// plain character is shown as '·'.
/// </summary>
/// <param name="glyphs">The characters that the terminal can show; others are shown by such as look like them.</param>
internal sealed class CellGrid(GlyphSet glyphs = GlyphSet.Unicode)
{
    private char[] _characters = [];
    private Style[] _styles = [];

    public int Width { get; private set; }
    public int Height { get; private set; }

    /// <summary>Makes all cells blank.</summary>
    public void Reset(int width, int height)
    {
        Width = Math.Max(0, width);
        Height = Math.Max(0, height);
        int cells = Width * Height;
        if (_characters.Length < cells)
        {
            _characters = new char[cells];
            _styles = new Style[cells];
        }
        _characters.AsSpan(0, cells).Fill(' ');
        _styles.AsSpan(0, cells).Clear();
    }

    public ReadOnlySpan<char> Characters(int row) => _characters.AsSpan(row * Width, Width);

    public ReadOnlySpan<Style> Styles(int row) => _styles.AsSpan(row * Width, Width);

    /// <summary>Writes the text from this column on and returns the column after it.</summary>
    public int Write(int column, int row, ReadOnlySpan<char> text, Style style = Style.Normal)
    {
        if ((uint)row < (uint)Height)
        {
            for (int i = 0; i < text.Length; i++)
                Set(column + i, row, text[i], style);
        }
        return column + text.Length;
    }

    /// <summary>Writes a label and its value, with a space between and two after them; returns the column after those.</summary>
    public int WriteField(int column, int row, string label, ReadOnlySpan<char> value, Style style = Style.Strong) =>
        Write(Write(column, row, label, Style.Label) + 1, row, value, style) + 2;

    /// <summary>Writes the text into a field of this width; the text's end is cut off, with '…', if it is too long.</summary>
    public void WriteFitted(int column, int row, int width, ReadOnlySpan<char> text, bool right, Style style)
    {
        if (text.Length > width)
        {
            Write(column, row, text[..Math.Max(0, width - 1)], style);
            Write(column + width - 1, row, "…", style);
        }
        else
        {
            Write(right ? column + width - text.Length : column, row, text, style);
        }
    }

    /// <summary>Writes the text from this column on, in lines that end between words, above a last row; returns the row after it.</summary>
    public int WriteLines(int column, int row, int last, ReadOnlySpan<char> text, Style style = Style.Normal)
    {
        int width = Math.Max(1, Width - column);
        while (text.Length > 0 && row < last)
        {
            int space = text.Length <= width ? text.Length : text[..(width + 1)].LastIndexOf(' ');
            int length = space > 0 ? space : width; // a word that is longer than a line is parted
            Write(column, row++, text[..length], style);
            text = text[length..].TrimStart(' ');
        }
        return row;
    }

    /// <summary>Gives a whole row this style.</summary>
    public void Paint(int row, Style style)
    {
        if ((uint)row < (uint)Height)
            _styles.AsSpan(row * Width, Width).Fill(style);
    }

    /// <summary>The characters as lines.</summary>
    public override string ToString() =>
        string.Join('\n', Enumerable.Range(0, Height).Select(row => Characters(row).TrimEnd().ToString()));

    private void Set(int column, int row, char character, Style style)
    {
        if ((uint)column >= (uint)Width)
            return;
        int cell = row * Width + column;
        _characters[cell] = Glyphs.Show(character, glyphs);
        _styles[cell] = style;
    }
}
