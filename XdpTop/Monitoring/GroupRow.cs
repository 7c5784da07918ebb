using XdpTop.Packets;

namespace XdpTop.Monitoring;

/// <summary>A line of the views that put flows together: the sums over a group's live flows.</summary>
internal struct GroupRow
{
    public GroupKey Key;
    public int Flows;

    /// <summary>By the host, or from the service's port.</summary>
    public GroupSum Sent;

    /// <summary>By the host, or to the service's port; of protocols all.</summary>
    public GroupSum Received;

    /// <summary>The first and the last packet: nanoseconds since 1970-01-01 UTC.</summary>
    public long Start;
    public long End;

    public readonly ulong Packets => Sent.Packets + Received.Packets;

    public readonly ulong Octets => Sent.Octets + Received.Octets;

    public readonly double PacketsPerSecond => Sent.PacketsPerSecond + Received.PacketsPerSecond;

    public readonly double OctetsPerSecond => Sent.OctetsPerSecond + Received.OctetsPerSecond;
}

/// <summary>Packets and octets of one direction.</summary>
internal struct GroupSum
{
    public ulong Packets;
    public ulong Octets;
    public double PacketsPerSecond;
    public double OctetsPerSecond;

    public void Add(in GroupSum other)
    {
        Packets += other.Packets;
        Octets += other.Octets;
        PacketsPerSecond += other.PacketsPerSecond;
        OctetsPerSecond += other.OctetsPerSecond;
    }
}

/// <summary>The columns that groups can be sorted by, in the order in which the sort key goes through them.</summary>
internal enum GroupSortKey
{
    /// <summary>Octets per second.</summary>
    Rate,
    PacketRate,
    Octets,
    Packets,
    Flows,
    Sent,
    Received,
    Age,
    Idle,
    Name,
}

/// <summary>The order of groups on the screen; the largest number, or the first name, at the top, unless inverse.</summary>
/// <param name="amount">What is compared of what was sent or received: one of the first four keys.</param>
internal readonly struct GroupRowOrder(GroupSortKey key, bool inverse, GroupSortKey amount = GroupSortKey.Rate) : IRowOrder<GroupRow>
{
    public int Compare(ref readonly GroupRow left, ref readonly GroupRow right)
    {
        int order = key switch
        {
            GroupSortKey.Rate => right.OctetsPerSecond.CompareTo(left.OctetsPerSecond),
            GroupSortKey.PacketRate => right.PacketsPerSecond.CompareTo(left.PacketsPerSecond),
            GroupSortKey.Octets => right.Octets.CompareTo(left.Octets),
            GroupSortKey.Packets => right.Packets.CompareTo(left.Packets),
            GroupSortKey.Flows => right.Flows.CompareTo(left.Flows),
            GroupSortKey.Sent => Compare(in right.Sent, in left.Sent),
            GroupSortKey.Received => Compare(in right.Received, in left.Received),
            GroupSortKey.Age => left.Start.CompareTo(right.Start),
            GroupSortKey.Idle => left.End.CompareTo(right.End),
            _ => 0,
        };
        order = order != 0 ? order : CompareKeys(in left.Key, in right.Key);
        return inverse ? -order : order;
    }

    private int Compare(in GroupSum one, in GroupSum other) => amount switch
    {
        GroupSortKey.PacketRate => one.PacketsPerSecond.CompareTo(other.PacketsPerSecond),
        GroupSortKey.Octets => one.Octets.CompareTo(other.Octets),
        GroupSortKey.Packets => one.Packets.CompareTo(other.Packets),
        _ => one.OctetsPerSecond.CompareTo(other.OctetsPerSecond),
    };

    private static int CompareKeys(in GroupKey left, in GroupKey right)
    {
        int order = left.IpVersion.CompareTo(right.IpVersion);
        if (order == 0)
            order = IpAddress.Compare(left.Address, right.Address);
        if (order == 0)
            order = left.Protocol.CompareTo(right.Protocol);
        return order != 0 ? order : left.Port.CompareTo(right.Port);
    }
}
