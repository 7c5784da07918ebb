using XdpTop.Capture;
using XdpTop.Cli.Doctor;
using XdpTop.Monitoring;

namespace XdpTop.Cli;

/// <summary>Whether packets come to queues that nobody reads.</summary>
internal static class QueueCoverage
{
    /// <summary>Null if none do.</summary>
    /// <param name="there">RX queues that there are.</param>
    /// <param name="read">Those that are read.</param>
    /// <param name="rss">Null where the driver does not tell: then packets may come to all.</param>
    public static InterfaceWarning? Examine(string interfaceName, int there, IReadOnlyList<int> read, RssSettings? rss)
    {
        bool hasTable = rss is { Indirection.Count: > 0 };
        IEnumerable<int> reached = hasTable ? rss!.Indirection.Select(queue => (int)queue).Distinct().Order() : Enumerable.Range(0, there);
        int[] unread = [.. reached.Except(read)];
        if (unread.Length == 0)
            return null;
        string queues = $"queue{(unread.Length == 1 ? "" : "s")} {NumberList.Format(unread)}";
        string are = unread.Length == 1 ? "is" : "are";
        string sentence = hasTable
            ? $"RSS sends packets to {queues} of {interfaceName}, which {are} not read, so that the host gets them: leave out --queues, or send all packets to the queues that are read: {Command(interfaceName, there, read)}"
            : $"{queues} of {interfaceName} {are} not read, so that the host gets what comes there, and its driver has no RSS table that would tell or change how much: leave out --queues to read all";
        return new InterfaceWarning($"{queues} not read", sentence);
    }

    /// <summary>ethtool(8) that has RSS send to these queues alone.</summary>
    private static string Command(string interfaceName, int there, IReadOnlyList<int> read)
    {
        int first = read.Min();
        bool areInARow = read.Max() - first + 1 == read.Count;
        string table = areInARow
            ? $"{(first > 0 ? $"start {first} " : "")}equal {read.Count}"
            : $"weight {string.Join(' ', Enumerable.Range(0, there).Select(queue => read.Contains(queue) ? 1 : 0))}";
        return $"ethtool -X {ShellWord.Quote(interfaceName)} {table}";
    }
}
