using System.Globalization;

namespace XdpTop.Cli;

/// <summary>Lists of numbers as the command line has them: "0-3,5".</summary>
internal static class NumberList
{
    private const int Largest = 4095;

    /// <summary>False when it is none, or a number is too large for a queue or a core. Keeps the order; no number twice.</summary>
    public static bool TryParse(string text, out IReadOnlyList<int> numbers)
    {
        List<int> list = [];
        numbers = list;
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryParseNumber(ends[0], out int first) || !TryParseNumber(ends[^1], out int last) || last < first)
                return false;
            for (int number = first; number <= last; number++)
            {
                if (!list.Contains(number))
                    list.Add(number);
            }
        }
        return true;
    }

    private static bool TryParseNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= Largest;
}
