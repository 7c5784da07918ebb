namespace XdpTop.Ui;

/// <summary>What the screen can see and do of IPFIX export. Called by the UI thread; never blocks.</summary>
internal interface IExportControl
{
    ExportState State { get; }

    /// <summary>Begins to send; records that ended while export was off and still wait go first.</summary>
    void SwitchOn();

    /// <summary>Stops sending; records that end from now on wait while there is room.</summary>
    void SwitchOff();

    /// <summary>Takes a collector, as "udp://host:4739". False with the reason, as one sentence, if that is none.</summary>
    bool TrySetCollector(string url, out string reason);
}

/// <summary>Export at one moment.</summary>
internal record struct ExportState
{
    public bool IsOn;

    /// <summary>The collector's URL; empty while there is none.</summary>
    public string Collector;

    /// <summary>Why nothing arrives there at the moment, as "no address for name 'x' (retrying)"; empty when all is well.</summary>
    public string Problem;

    /// <summary>Flow Records sent since start.</summary>
    public ulong RecordsSent;

    /// <summary>Flow Records that could not be kept or sent since start.</summary>
    public ulong RecordsLost;

    /// <summary>Flow Records that ended and wait.</summary>
    public int RecordsWaiting;

    /// <summary>The same with what has been counted since then.</summary>
    public readonly ExportState Since(ExportState before) => this with
    {
        RecordsSent = RecordsSent - before.RecordsSent,
        RecordsLost = RecordsLost - before.RecordsLost,
    };
}
