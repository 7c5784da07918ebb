namespace XdpTop.Cli.Bench;

/// <summary>What the screen takes while a worker is busy.</summary>
internal sealed record ScreenResult
{
    public required int Flows { get; init; }
    public required int Columns { get; init; }
    public required int Rows { get; init; }

    /// <summary>Snapshots taken, each of which was drawn.</summary>
    public required int Refreshes { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Of one core, in percent: taking snapshots.</summary>
    public required double SnapshotCpu { get; init; }

    /// <summary>Of one core, in percent: the screen and all else but the worker.</summary>
    public required double ScreenCpu { get; init; }

    /// <summary>Octets that all threads allocated on the managed heap, for each refresh.</summary>
    public required double AllocatedPerRefresh { get; init; }

    /// <summary>Octets written to the terminal for each refresh.</summary>
    public required double WrittenPerRefresh { get; init; }

    /// <summary>From when the screen was begun until all of it was drawn.</summary>
    public required TimeSpan FirstFrame { get; init; }

    /// <summary>From a key that moves the cursor to the frame that the terminal gets for it.</summary>
    public required TimeSpan KeyMedian { get; init; }
    public required TimeSpan KeyLongest { get; init; }

    public required int Collections { get; init; }

    /// <summary>Of the worker, while the screen was there.</summary>
    public required TimeSpan LongestGap { get; init; }
}
