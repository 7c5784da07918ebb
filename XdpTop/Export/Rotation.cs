using System.Globalization;

namespace XdpTop.Export;

/// <summary>When an output goes on in a new file: after a time, or when a file is so long.</summary>
internal sealed record Rotation
{
    private const string Units = "KMG";

    private Rotation()
    {
    }

    /// <summary>Files begin at multiples of it, UTC; zero if it is by length.</summary>
    public TimeSpan Interval { get; private init; }

    /// <summary>Octets; 0 if it is by time.</summary>
    public long Length { get; private init; }

    /// <summary>Reads "300" as seconds, "100M" as 100 · 2^20 octets; null if it is neither.</summary>
    public static Rotation? Parse(string text)
    {
        int unit = text.Length > 0 ? Units.IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal) : -1;
        if (!int.TryParse(unit < 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number == 0)
            return null;
        return unit < 0
            ? new Rotation { Interval = TimeSpan.FromSeconds(number) }
            : new Rotation { Length = (long)number << (10 * (unit + 1)) };
    }
}
