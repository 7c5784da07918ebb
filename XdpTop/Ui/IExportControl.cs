namespace XdpTop.Ui;

/// <summary>What the screen can see and do of IPFIX export. Called by the UI thread; never blocks.</summary>
internal interface IExportControl
{
    ExportState State { get; }

    /// <summary>Begins to send; records that ended while export was off and still wait go first.</summary>
    void SwitchOn();

    /// <summary>Stops sending; records that end from now on wait while there is room.</summary>
    void SwitchOff();

    /// <summary>Adds a collector, as "udp://host:4739", "tcp://host:4739" or "tls://host:4740", as the last. False with the reason, as one sentence, if it is none, or is there.</summary>
    bool TryAddCollector(string url, out string reason);

    /// <summary>
    /// Takes another in the place of one, named as a <see cref="CollectorRow"/> names it. What waits for that is sent to the
    /// new one. False with the reason, as one sentence, if it is none, or is there.
    /// </summary>
    bool TryReplaceCollector(string url, string newUrl, out string reason);

    /// <summary>Does without one, named as a <see cref="CollectorRow"/> names it; what waits for it alone is counted as lost.</summary>
    void RemoveCollector(string url);

    /// <summary>
    /// Tries a collector, whether it is one of those there are or not, by a session of its own that brings the templates and
    /// ends. Gives whether all is well, and what happened, as one sentence, safe to show: within 20 seconds. Fails by being
    /// cancelled alone.
    /// </summary>
    Task<(bool IsWell, string Sentence)> TestCollectorAsync(string url, CancellationToken cancellation);

    /// <summary>Saves the collectors, and whether export is on, for the next start. Gives what came of it, as one sentence.</summary>
    string Save();
}

/// <summary>Export at one moment.</summary>
internal record struct ExportState
{
    public bool IsOn;

    /// <summary>The collector's URL, or those of several with spaces between; empty while there is none.</summary>
    public string Collector;

    /// <summary>Why nothing arrives there at the moment, as "no address for name 'x' (retrying)"; empty when all is well.</summary>
    public string Problem;

    /// <summary>Flow Records sent since start.</summary>
    public ulong RecordsSent;

    /// <summary>Flow Records that could not be kept or sent since start.</summary>
    public ulong RecordsLost;

    /// <summary>Flow Records that ended and wait.</summary>
    public int RecordsWaiting;

    /// <summary>Each collector by itself; the same list until something has changed.</summary>
    public IReadOnlyList<CollectorRow> Collectors;

    /// <summary>The same with what has been counted since then.</summary>
    public readonly ExportState Since(ExportState before) => this with
    {
        RecordsSent = RecordsSent - before.RecordsSent,
        RecordsLost = RecordsLost - before.RecordsLost,
        Collectors = before.Collectors is { Count: > 0 } earlier
            ? [.. (Collectors ?? []).Select(now => now.CountedSince(earlier.FirstOrDefault(collector => collector.Url == now.Url)))] : Collectors,
    };
}

/// <summary>A collector at one moment. Immutable.</summary>
internal sealed record CollectorRow
{
    /// <summary>As "tls://host:4740"; safe to show.</summary>
    public required string Url { get; init; }

    /// <summary>"off", "connecting", "up" or "failing".</summary>
    public string State { get; init; } = "";

    /// <summary>When it came into this state, UTC.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Why it fails, as one sentence; empty when all is well.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Whether records go there, or it stands in for another.</summary>
    public bool IsInUse { get; init; }

    public double RecordsPerSecond { get; init; }

    /// <summary>Flow Records that wait for it, or are on their way.</summary>
    public int RecordsWaiting { get; init; }

    /// <summary>How much of the room for records that wait is taken: 0 to 1.</summary>
    public double QueueFill { get; init; }

    public ulong RecordsSent { get; init; }

    /// <summary>Flow Records that could not be kept or sent, and the packets and octets that they count.</summary>
    public ulong RecordsLost { get; init; }

    public ulong PacketsLost { get; init; }

    public ulong OctetsLost { get; init; }

    /// <summary>Octets of IPFIX Messages sent.</summary>
    public ulong MessageOctets { get; init; }

    /// <summary>When the Templates were last sent, UTC; null before that.</summary>
    public DateTimeOffset? TemplatesSent { get; init; }

    /// <summary>The same with what has been counted since then; with all, if it was not there then, or has been removed and added meanwhile.</summary>
    public CollectorRow CountedSince(CollectorRow? before) => before is null || RecordsSent < before.RecordsSent || MessageOctets < before.MessageOctets ? this : this with
    {
        RecordsSent = RecordsSent - before.RecordsSent,
        RecordsLost = RecordsLost - before.RecordsLost,
        PacketsLost = PacketsLost - before.PacketsLost,
        OctetsLost = OctetsLost - before.OctetsLost,
        MessageOctets = MessageOctets - before.MessageOctets,
    };
}
