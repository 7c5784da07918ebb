using System.Globalization;

namespace XdpTop.Ui.ViewModels;

/// <summary>
/// Numbers as short text in columns of fixed width, without allocating: at most five characters with SI prefixes
/// (k is 1,000, for octets too), so that a column of them can be compared by eye.
/// </summary>
internal static class NumberText
{
    /// <summary>Enough for whatever is written here.</summary>
    public const int MaximumLength = 24;

    private const string Prefixes = " kMGTPEZY";
    private const long Second = 1_000_000_000;

    /// <summary>Three significant digits: 0, 0.25, 12.5, 336, 1.48M, 98.7G.</summary>
    public static int WriteRate(double value, Span<char> text)
    {
        if (!double.IsFinite(value) || value < 0)
        {
            text[0] = '–';
            return 1;
        }
        int prefix = 0;
        // 999.5 would be rounded to 1000.
        while (value >= 999.5 && prefix < Prefixes.Length - 1)
        {
            value /= 1000;
            prefix++;
        }
        string format = value switch
        {
            0 => "F0",
            < 9.995 => "F2",
            < 99.95 => "F1",
            _ => "F0",
        };
        value.TryFormat(text, out int length, format, CultureInfo.InvariantCulture);
        if (prefix > 0)
            text[length++] = Prefixes[prefix];
        return length;
    }

    /// <summary>Exact below 10,000, then three significant digits.</summary>
    public static int WriteCount(ulong value, Span<char> text)
    {
        if (value >= 10_000)
            return WriteRate(value, text);
        value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        return length;
    }

    /// <summary>A whole number, however long; "–" for one below 0, which says that there is none.</summary>
    public static int WriteInteger(int value, Span<char> text)
    {
        if (value < 0)
        {
            text[0] = '–';
            return 1;
        }
        value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        return length;
    }

    /// <summary>A part of a whole in percent: 0, &lt;1, 7, 42, 100.</summary>
    public static int WritePercent(double share, Span<char> text)
    {
        int start = 0;
        if (share is > 0 and < 0.005)
            text[start++] = '<';
        int percent = start > 0 ? 1 : double.IsFinite(share) ? (int)Math.Round(100 * Math.Clamp(share, 0, 1)) : 0;
        percent.TryFormat(text[start..], out int length, default, CultureInfo.InvariantCulture);
        return start + length;
    }

    /// <summary>Time since something, in at most six characters: 7s, 3m05s, 2h10m, 4d02h, 120d.</summary>
    public static int WriteAge(long nanoseconds, Span<char> text)
    {
        long seconds = Math.Max(0, nanoseconds) / Second;
        return seconds switch
        {
            < 60 => WriteTwo(seconds, 's', -1, ' ', text),
            < 3600 => WriteTwo(seconds / 60, 'm', seconds % 60, 's', text),
            < 86400 => WriteTwo(seconds / 3600, 'h', seconds / 60 % 60, 'm', text),
            < 100 * 86400 => WriteTwo(seconds / 86400, 'd', seconds / 3600 % 24, 'h', text),
            _ => WriteTwo(seconds / 86400, 'd', -1, ' ', text),
        };
    }

    /// <summary>A short time: 850ns, 12.5µs, 1.20ms, 2.50s.</summary>
    public static int WriteDuration(TimeSpan time, Span<char> text)
    {
        double nanoseconds = time.TotalNanoseconds;
        (double value, string unit) = nanoseconds switch
        {
            < 999.5 => (nanoseconds, "ns"),
            < 999.5e3 => (nanoseconds / 1e3, "µs"),
            < 999.5e6 => (nanoseconds / 1e6, "ms"),
            _ => (nanoseconds / 1e9, "s"),
        };
        int length = WriteRate(value, text);
        unit.CopyTo(text[length..]);
        return length + unit.Length;
    }

    private static int WriteTwo(long large, char largeUnit, long small, char smallUnit, Span<char> text)
    {
        large.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        text[length++] = largeUnit;
        if (small < 0)
            return length;
        small.TryFormat(text[length..], out int digits, "00", CultureInfo.InvariantCulture);
        length += digits;
        text[length++] = smallUnit;
        return length;
    }

    /// <summary>A part of a whole, 0 to 1, as "99.98%": rounded down, so that 100 is all of it. "–" where it is not known.</summary>
    public static int WriteShare(double? share, Span<char> text)
    {
        if (share is not { } part)
        {
            text[0] = '–';
            return 1;
        }
        (Math.Floor(part * 1e4) / 1e2).TryFormat(text, out int length, "0.##", CultureInfo.InvariantCulture);
        text[length] = '%';
        return length + 1;
    }
}
