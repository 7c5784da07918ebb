using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>How an Observation Point is being captured, for the header line.</summary>
internal sealed record InterfaceStatus
{
    /// <summary>The interface's or the capture file's name.</summary>
    public required string Name { get; init; }

    /// <summary>"redirect", "tap" or "file".</summary>
    public required string Mode { get; init; }

    /// <summary>How the programs are attached: "native" or "skb" to redirect, "tcx" or "clsact" to tap; empty for files.</summary>
    public string Attach { get; init; } = "";

    /// <summary>In redirect mode the driver's answer about the sockets: "zero-copy" or "copy"; else empty.</summary>
    public string Bind { get; init; } = "";

    /// <summary>Whether redirected frames may be in several buffers, as jumbo frames are.</summary>
    public bool MultiBuffer { get; init; }

    /// <summary>What its workers do without packets: "poll", "busy-poll" or "spin"; empty for files.</summary>
    public string Wait { get; init; } = "";

    /// <summary>RX queues that are read; 0 in tap mode, which does not tell them apart.</summary>
    public int Queues { get; init; }

    /// <summary>RX queues that the interface has; 0 where <see cref="Queues"/> is, and for files.</summary>
    public int RxQueues { get; init; }

    public int Workers { get; init; }

    /// <summary>Why it is not captured in the mode that it would be by default; empty if it is.</summary>
    public string FallBack { get; init; } = "";

    /// <summary>What makes it capture less than it could.</summary>
    public IReadOnlyList<InterfaceWarning> Warnings { get; init; } = [];

    /// <summary>What the user has to know, as "link is down"; empty when all is well.</summary>
    public string Notice { get; init; } = "";

    /// <summary>Whether <see cref="Counters"/> and <see cref="InterfaceDrops"/> are known: of live interfaces.</summary>
    public bool HasCounters { get; init; }

    /// <summary>
    /// What the interface and its driver have counted as lost since the start of xdptop, under the names that ip(8) and
    /// ethtool(8) have for it. One packet may be counted under several.
    /// </summary>
    public IReadOnlyList<(string Name, ulong Count)> InterfaceDrops { get; init; } = [];

    /// <summary>Since start.</summary>
    public ObservationPointCounters Counters { get; init; }
}

/// <param name="Short">For a line that is shared with others, as "queues 1-3 not read".</param>
/// <param name="Sentence">With the remedy.</param>
internal sealed record InterfaceWarning(string Short, string Sentence);
