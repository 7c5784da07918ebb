namespace XdpTop.Ui.ViewModels;

/// <summary>Bars and columns of block characters, an eighth of a cell fine. <see cref="CellGrid"/> knows what they are without UTF-8.</summary>
internal static class Bar
{
    /// <summary>From an eighth of a cell's height to the whole of it.</summary>
    public const string Columns = " ▁▂▃▄▅▆▇█";

    private const string Rows = " ▏▎▍▌▋▊▉█";

    /// <summary>A bar from the left that fills this part of the text; gives its length.</summary>
    public static int Write(double share, Span<char> text)
    {
        int eighths = (int)Math.Round(Math.Clamp(share, 0, 1) * text.Length * 8);
        text[..(eighths / 8)].Fill('█');
        if (eighths % 8 == 0)
            return eighths / 8;
        text[eighths / 8] = Rows[eighths % 8];
        return eighths / 8 + 1;
    }

    /// <summary>The character for a column that fills so much of a cell, from 0 to 1.</summary>
    public static char Column(double share) => Columns[(int)Math.Round(Math.Clamp(double.IsNaN(share) ? 0 : share, 0, 1) * 8)];
}
