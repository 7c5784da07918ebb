using XdpTop.Monitoring.Names;

namespace XdpTop.Monitoring;

/// <summary>What the screen wants to see in the next snapshots. Immutable; handed over by one reference.</summary>
/// <param name="SortKey">What the flows are sorted by.</param>
/// <param name="Inverse">False is each key's natural order: the largest number, or the first address, at the top.</param>
/// <param name="Filter">Which flows to show.</param>
/// <param name="Biflows">Whether the two directions of a conversation are on one line.</param>
/// <param name="HostNames">Where the names of hosts come from, when they are shown, so that the filter finds them; else null.</param>
/// <param name="ServiceNames">Whether services are shown by name, likewise.</param>
internal sealed record SnapshotRequest(
    FlowSortKey SortKey, bool Inverse, DisplayFilter Filter, bool Biflows = false, INameSource? HostNames = null, bool ServiceNames = false)
{
    public static SnapshotRequest Default { get; } = new(FlowSortKey.Rate, false, DisplayFilter.None);

    /// <summary>Whether the filter lets the row through.</summary>
    /// <param name="now">The snapshot's time: nanoseconds since 1970-01-01 UTC.</param>
    public bool Matches(ref readonly FlowRow row, long now) => Filter.Matches(in row, now, HostNames, ServiceNames);
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
