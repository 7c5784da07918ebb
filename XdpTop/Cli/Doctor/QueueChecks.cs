namespace XdpTop.Cli.Doctor;

/// <summary>Whether packets are spread well over queues, and whether these are deep enough.</summary>
internal static class QueueChecks
{
    /// <summary>So long, in µs, may an interrupt wait: some 100 packets at line rate of a 10 Gbit/s link with 8 queues.</summary>
    private const int Microseconds = 50;

    private const byte SymmetricKeyFirst = 0x6d;
    private const byte SymmetricKeySecond = 0x5a;

    public static IEnumerable<Finding> Examine(Subject subject, Machine machine)
    {
        yield return Queues(subject, machine);
        yield return RssKey(subject);
        yield return RssQueues(subject);
        yield return RssFields(subject);
        yield return subject.RxRing switch
        {
            null => Finding.Ok("rx-ring", "the driver has no setting"),
            var (now, most) when now < most => subject.ForRedirect(
                "rx-ring", $"{now} of {most} places: bursts are dropped sooner than need be", $"ethtool -G {subject.ShellName} rx {most}"),
            var (now, _) => Finding.Ok("rx-ring", $"{now} places, the most that there can be"),
        };
        yield return subject.Coalescing switch
        {
            null => Finding.Ok("coalescing", "the driver has no setting"),
            { Adaptive: true } => subject.ForRedirect(
                "coalescing", "adaptive: the driver changes it as load changes, and packets wait or are dropped meanwhile",
                $"ethtool -C {subject.ShellName} adaptive-rx off rx-usecs {Microseconds}"),
            var (_, microseconds, frames) => Finding.Ok("coalescing", $"fixed: an interrupt waits {microseconds} us{(frames > 0 ? $", or for {frames} frames" : "")}"),
        };
    }

    private static Finding Queues(Subject subject, Machine machine)
    {
        string cores = $"{machine.Cores} core{(machine.Cores == 1 ? "" : "s")}";
        string queues = $"{subject.Queues} RX queue{(subject.Queues == 1 ? "" : "s")}";
        if (subject.Channels is not { } channels || channels.Most == 0)
            return Finding.Ok("queues", $"{queues}, {cores}");
        string there = $"{queues} (at most {channels.Most}), {cores}";
        uint best = Math.Min(channels.Most, (uint)machine.Cores);
        if (channels.Now >= best)
            return Finding.Ok("queues", there);
        return subject.ForRedirect(
            "queues", $"{there}: {best} queues would keep more cores busy", $"ethtool -L {subject.ShellName} {(channels.Combined ? "combined" : "rx")} {best}");
    }

    private static Finding RssKey(Subject subject)
    {
        if (subject.Queues == 1)
            return Finding.Ok("rss-key", "one queue: nothing to spread");
        if (subject.Rss?.IsSymmetric is not { } isSymmetric)
            return Finding.Ok("rss-key", "the driver does not tell how it spreads packets over queues");
        bool isZero = subject.Rss.Key.Count > 0 && subject.Rss.Key.All(octet => octet == 0);
        if (isSymmetric && !isZero)
            return Finding.Ok("rss-key", "symmetric: both directions of a flow come to one queue");
        // Of a key that is not told, or of another function than Toeplitz, this says which to take.
        IEnumerable<byte> key = Enumerable.Range(0, Math.Max(subject.Rss.Key.Count, 40)).Select(i => i % 2 == 0 ? SymmetricKeyFirst : SymmetricKeySecond);
        string remedy = $"ethtool -X {subject.ShellName} hkey {string.Join(':', key.Select(octet => $"{octet:x2}"))}{(subject.Rss.IsToeplitz ? "" : " hfunc toeplitz")}";
        return subject.ForRedirect(
            "rss-key",
            isZero ? "all zero: all packets come to one queue" : "not symmetric: the two directions of a flow come to different queues and workers",
            remedy);
    }

    private static Finding RssQueues(Subject subject)
    {
        if (subject.Rss is not { Indirection.Count: > 0 } rss)
            return Finding.Ok("rss-queues", "the driver has no table");
        uint[] queues = [.. rss.Indirection.Distinct().Order()];
        string list = string.Join(',', queues);
        return queues.Length >= Math.Min(subject.Queues, rss.Indirection.Count)
            ? Finding.Ok("rss-queues", $"packets are spread over all queues ({list})")
            : subject.ForRedirect(
                "rss-queues", $"packets come to queues {list} only, of {subject.Queues}", $"ethtool -X {subject.ShellName} default");
    }

    private static Finding RssFields(Subject subject)
    {
        if (subject.Queues == 1 || subject.KindsHashedByLess is not { } kinds)
            return Finding.Ok("rss-fields", subject.Queues == 1 ? "one queue: nothing to spread" : "the driver does not tell");
        return kinds.Count == 0
            ? Finding.Ok("rss-fields", "addresses and ports spread packets over queues")
            : subject.ForRedirect(
                "rss-fields", $"ports do not count for {string.Join(", ", kinds)}: all packets between two hosts come to one queue",
                string.Join(" && ", kinds.Select(kind => $"ethtool -N {subject.ShellName} rx-flow-hash {kind} sdfn")));
    }
}
