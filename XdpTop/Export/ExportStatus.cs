namespace XdpTop.Export;

/// <summary>An Exporting Process at one moment.</summary>
internal record struct ExportStatus
{
    public bool IsOn;

    /// <summary>The collectors' URLs with spaces between; empty while there is none.</summary>
    public string Collector;

    /// <summary>Why nothing arrives at a collector, as one sentence for each; empty when all is well.</summary>
    public string CollectorProblem;

    /// <summary>Why not all is in an output, even if it is no more than how a file ends; likewise.</summary>
    public string OutputProblem;

    /// <summary>Both of them.</summary>
    public readonly string Problem => string.Join("; ", ((string[])[OutputProblem, CollectorProblem]).Where(text => text.Length > 0));

    /// <summary>Each collector by itself, as of a moment ago; the same list until something has changed.</summary>
    public IReadOnlyList<CollectorStatus> Collectors;

    /// <summary>Data Records sent to collectors since start.</summary>
    public ulong RecordsSent;

    /// <summary>Data Records that were for a collector and could not be kept or sent, since start.</summary>
    public ulong RecordsLost;

    /// <summary>Data Records that wait for a collector, or are on their way; not those that wait for their reverse direction.</summary>
    public int RecordsWaiting;

    /// <summary>Where directions are paired: Flow Records that found no reverse direction, since start.</summary>
    public ulong Uniflows;

    /// <summary>Where directions are paired: Biflows, of two Flow Records each, since start. Each counts as one record above.</summary>
    public ulong Biflows;

    /// <summary>Data Records that are not in an output that they were for, since start; once for each.</summary>
    public Tally NotWritten;
}
