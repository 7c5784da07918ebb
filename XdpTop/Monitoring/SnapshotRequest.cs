using XdpTop.Monitoring.Names;

namespace XdpTop.Monitoring;

/// <summary>What the screen wants to see in the next snapshots. Immutable; handed over by one reference.</summary>
/// <param name="SortKey">What the flows are sorted by.</param>
/// <param name="Inverse">False is each key's natural order: the largest number, or the first address, at the top.</param>
/// <param name="Filter">Which flows to show.</param>
/// <param name="Biflows">Whether the two directions of a conversation are on one line.</param>
internal sealed record SnapshotRequest(FlowSortKey SortKey, bool Inverse, DisplayFilter Filter, bool Biflows = false)
{
    public static SnapshotRequest Default { get; } = new(FlowSortKey.Rate, false, DisplayFilter.None);

    /// <summary>The group whose flows alone are asked for, whichever the filter lets through of them; null for all.</summary>
    public GroupKey? Within { get; init; }

    /// <summary>What the flows are put together by, besides.</summary>
    public GroupKind Grouping { get; init; }

    /// <summary>Protocols alone are always by their rates.</summary>
    public GroupRowOrder GroupOrder => Grouping == GroupKind.Protocols ? new(GroupSortKey.Rate, false) : new(GroupSortKey, GroupInverse, GroupAmount);

    public GroupSortKey GroupSortKey { get; init; }

    public bool GroupInverse { get; init; }

    /// <summary>What is compared of what groups sent or received.</summary>
    public GroupSortKey GroupAmount { get; init; }

    /// <summary>A conversation to look at on its own, whatever else is asked for; null for none.</summary>
    public WatchedFlow? Watched { get; init; }

    /// <summary>Whether the flows of the snapshot before stay, at their places, and no others come.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>Whether flows that have ended are shown for a while.</summary>
    public bool ShowsEnded { get; init; }

    /// <summary>Time between two snapshots; zero for that of the command line.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>Where the names of hosts come from, while they are shown, so that the filter finds them; else null.</summary>
    public INameSource? HostNames { get; init; }

    /// <summary>Whether services are shown by name, likewise.</summary>
    public bool ServiceNames { get; init; }

    /// <summary>Another number than before sets the flows' counts back to 0.</summary>
    public int Resets { get; init; }

    /// <summary>Whether the row is one of those asked for, of a Biflow in either direction. Does not allocate.</summary>
    /// <param name="now">The snapshot's time: nanoseconds since 1970-01-01 UTC.</param>
    public bool Matches(ref readonly FlowRow row, long now) =>
        (Within is not { } group || group.Has(in row.Record.Key))
        && Filter.Matches(in row, now, HostNames, ServiceNames);
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
