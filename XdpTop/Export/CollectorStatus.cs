namespace XdpTop.Export;

/// <summary>How a session with a collector stands.</summary>
internal enum CollectorState
{
    /// <summary>Export is switched off.</summary>
    Off,

    Connecting,

    /// <summary>Connected, and nothing is known to be wrong.</summary>
    Up,

    /// <summary>Nothing arrives there, or not all.</summary>
    Failing,
}

/// <summary>One collector at one moment. Immutable: any thread may keep and read it.</summary>
internal sealed record CollectorStatus
{
    /// <summary>As "tls://host:4740"; safe to show.</summary>
    public required string Url { get; init; }

    public CollectorState State { get; init; }

    /// <summary>When it came into this state, UTC.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Why it fails, as one sentence; empty when all is well.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Whether records go there: with <see cref="ExportPolicy.Failover"/> to one collector alone.</summary>
    public bool IsInUse { get; init; }

    /// <summary>Data Records sent per second, over the last second or so.</summary>
    public double RecordsPerSecond { get; init; }

    /// <summary>Data Records that wait, or are on their way.</summary>
    public int RecordsWaiting { get; init; }

    /// <summary>How much of the room for records that wait is taken: 0 to 1.</summary>
    public double QueueFill { get; init; }

    public Tally Sent { get; init; }

    public Tally NotSent { get; init; }

    /// <summary>Octets of IPFIX Messages sent.</summary>
    public ulong MessageOctets { get; init; }

    /// <summary>When the Templates were last sent, UTC; null before that.</summary>
    public DateTimeOffset? TemplatesSent { get; init; }
}
