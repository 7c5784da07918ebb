namespace XdpTop.Cli.Configuration;

/// <summary>What somebody may have meant who wrote something else.</summary>
internal static class NearestWord
{
    /// <summary>The word that takes the fewest letters changed, left out or put in, if that is no more than two or a third of it; else null.</summary>
    public static string? To(string written, IEnumerable<string> words)
    {
        (string? word, int distance) = words.Select(word => (word, Distance(written.ToLowerInvariant(), word))).MinBy(pair => pair.Item2);
        return word is not null && distance <= Math.Max(2, word.Length / 3) ? word : null;
    }

    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 0; i < one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < other.Length; j++)
            {
                int changed = diagonal + (one[i] == other[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(changed, Math.Min(row[j], row[j + 1]) + 1);
            }
        }
        return row[other.Length];
    }
}
