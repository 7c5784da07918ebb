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

    /// <summary>Numbers in ascending order, as 0-3,5.</summary>
    public static string Format(IReadOnlyList<int> numbers)
    {
        List<(int First, int Last)> ranges = [];
        foreach (int number in numbers)
        {
            if (ranges.Count > 0 && ranges[^1].Last == number - 1)
                ranges[^1] = (ranges[^1].First, number);
            else
                ranges.Add((number, number));
        }
        return string.Join(',', ranges.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"));
    }

    private static bool TryParseNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= Largest;
}
