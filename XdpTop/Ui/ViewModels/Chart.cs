using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

/// <summary>Rates over time, as columns of block characters with a scale beside and times below.</summary>
/// <param name="unit">What is shown of the history.</param>
/// <param name="seconds">How far back it goes.</param>
/// <param name="isLogarithmic">Whether each step of the scale is ten times the one below.</param>
internal sealed class Chart(AmountUnit unit, int seconds, bool isLogarithmic)
{
    /// <summary>Decades of a logarithmic scale.</summary>
    private const int Decades = 4;

    private const int ScaleWidth = 6;

    /// <summary>Rows for the times.</summary>
    private const int Below = 1;

    /// <summary>Draws into the rectangle.</summary>
    public void Draw(CellGrid grid, int left, int top, int width, int height, RateHistory history, Style style)
    {
        int columns = width - ScaleWidth - 1, rows = height - Below;
        if (columns < 4 || rows < 1)
            return;
        double highest = 0;
        for (int column = 0; column < columns; column++)
            highest = double.MaxNumber(highest, ValueAt(history, column, columns)); // the number, where one of them is none
        double scale = NiceAbove(highest);
        DrawScale(grid, left, top, rows, scale);
        for (int column = 0; column < columns; column++)
        {
            double value = ValueAt(history, column, columns);
            double filled = rows * Part(value, scale);
            for (int row = 0; row < rows && filled > row; row++)
            {
                // What is more than nothing can be seen.
                char block = Bar.Column(row == 0 ? Math.Max(filled, 1 / 8.0) : filled - row);
                grid.Write(left + ScaleWidth + 1 + column, top + rows - 1 - row, [block], style);
            }
        }
        DrawTimes(grid, left + ScaleWidth + 1, top + rows, columns);
    }

    /// <summary>The smallest of 1, 2 and 5 times a power of ten that is not below the value.</summary>
    public static double NiceAbove(double value)
    {
        if (!(value > 0))
            return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (double factor in (ReadOnlySpan<double>)[1, 2, 5])
        {
            if (value <= factor * power * (1 + 1e-9))
                return factor * power;
        }
        return 10 * power;
    }

    /// <summary>
    /// The mean rate of the time that a column stands for; NaN where it is not known. Columns of several seconds begin at
    /// whole multiples of these, so that they stay as they are while time goes on.
    /// </summary>
    private double ValueAt(RateHistory history, int column, int columns)
    {
        long from, to;
        if (columns >= seconds)
        {
            from = history.To - seconds + (long)column * seconds / columns;
            to = from + 1;
        }
        else
        {
            int each = (seconds + columns - 1) / columns;
            long end = (history.To + each - 1) / each * each;
            from = end - (long)(columns - column) * each;
            to = from + each;
        }
        return unit switch
        {
            AmountUnit.Bits => 8 * history.OctetRate(from, to),
            AmountUnit.Bytes => history.OctetRate(from, to),
            _ => history.PacketRate(from, to),
        };
    }

    private double Part(double value, double scale) =>
        !(value > 0) ? 0 : !isLogarithmic ? value / scale : Math.Max(0, 1 + Math.Log10(value / scale) / Decades);

    private void DrawScale(CellGrid grid, int left, int top, int rows, double scale)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        for (int row = 0; row < rows; row++)
            grid.Write(left + ScaleWidth, top + row, "│", Style.Label);
        int marks = Math.Min(rows, isLogarithmic ? Decades : rows >= 8 ? 4 : 2);
        for (int mark = 0; mark < marks; mark++)
        {
            double part = 1 - (double)mark / marks;
            double value = isLogarithmic ? scale * Math.Pow(10, Decades * (part - 1)) : scale * part;
            int row = top + rows * mark / marks;
            grid.WriteFitted(left, row, ScaleWidth - 1, text[..NumberText.WriteRate(value, text)], right: true, Style.Label);
            grid.Write(left + ScaleWidth, row, "┤", Style.Label);
        }
    }

    private void DrawTimes(CellGrid grid, int left, int row, int columns)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        grid.Write(left - 1, row, "└", Style.Label);
        for (int column = 0; column < columns; column++)
            grid.Write(left + column, row, "─", Style.Label);
        int marks = columns >= 90 ? 6 : columns >= 40 ? 4 : 2;
        for (int mark = 0; mark < marks; mark++)
        {
            text[0] = '-';
            int length = 1 + NumberText.WriteAge((long)seconds * (marks - mark) / marks * 1_000_000_000, text[1..]);
            grid.Write(left + columns * mark / marks, row, text[..length], Style.Label);
        }
        grid.Write(left + columns - 3, row, "now", Style.Label);
    }
}
