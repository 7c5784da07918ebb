namespace XdpTop.Monitoring;

/// <summary>What the screen wants to see in the next snapshots. Immutable; handed over by one reference.</summary>
/// <param name="SortKey">What the flows are sorted by.</param>
/// <param name="Inverse">False is each key's natural order: the largest number, or the first address, at the top.</param>
/// <param name="Filter">Words that must all be found on a flow's line, for a Biflow of one of its directions; empty lets all through.</param>
/// <param name="Biflows">Whether the two directions of a conversation are on one line.</param>
internal sealed record SnapshotRequest(FlowSortKey SortKey, bool Inverse, DisplayFilter Filter, bool Biflows = false)
{
    public static SnapshotRequest Default { get; } = new(FlowSortKey.Rate, false, DisplayFilter.None);
}

/// <summary>The columns that flows can be sorted by, in the order in which the sort key goes through them.</summary>
internal enum FlowSortKey
{
    /// <summary>Octets per second.</summary>
    Rate,
    PacketRate,
    Octets,
    Packets,
    Age,
    Idle,
    Source,
    Destination,
    SourcePort,
    DestinationPort,
    Protocol,
}
