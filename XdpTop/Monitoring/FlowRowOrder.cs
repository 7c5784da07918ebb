using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Monitoring;

/// <summary>The order of flows on the screen for a sort key.</summary>
internal readonly struct FlowRowOrder(FlowSortKey key, bool inverse) : IRowOrder<FlowRow>
{
    public int Compare(ref readonly FlowRow left, ref readonly FlowRow right)
    {
        int order = Compare(key, in left, in right);
        return inverse ? -order : order;
    }

    /// <summary>
    /// Negative when <paramref name="left"/> comes first in the key's natural order: the largest number, or the first
    /// address, at the top. Flows that are equal in the key come in the order of their addresses and ports, so that they
    /// do not change places from one refresh to the next.
    /// </summary>
    public static int Compare(FlowSortKey key, ref readonly FlowRow left, ref readonly FlowRow right)
    {
        int order = key switch
        {
            FlowSortKey.Rate => right.TotalOctetsPerSecond.CompareTo(left.TotalOctetsPerSecond),
            FlowSortKey.PacketRate => right.TotalPacketsPerSecond.CompareTo(left.TotalPacketsPerSecond),
            FlowSortKey.Octets => right.Octets.CompareTo(left.Octets),
            FlowSortKey.Packets => right.Packets.CompareTo(left.Packets),
            FlowSortKey.Age => left.Record.Start.CompareTo(right.Record.Start),
            FlowSortKey.Idle => left.End.CompareTo(right.End),
            FlowSortKey.Source => CompareAddresses(in left, in right, left.Record.Key.Source, right.Record.Key.Source),
            FlowSortKey.Destination => CompareAddresses(in left, in right, left.Record.Key.Destination, right.Record.Key.Destination),
            FlowSortKey.SourcePort => left.Record.Key.SourcePort.CompareTo(right.Record.Key.SourcePort),
            FlowSortKey.DestinationPort => left.Record.Key.DestinationPort.CompareTo(right.Record.Key.DestinationPort),
            _ => left.Record.Key.Protocol.CompareTo(right.Record.Key.Protocol),
        };
        return order != 0 ? order : CompareKeys(in left, in right);
    }

    /// <summary>
    /// The same, of a flow of which no more than its counts is known: 0 where that does not tell, be it that the two are
    /// equal or that the order is of something else.
    /// </summary>
    public int Compare(in FlowCounts left, in FlowRate rate, ref readonly FlowRow right)
    {
        int order = key switch
        {
            FlowSortKey.Rate => right.TotalOctetsPerSecond.CompareTo(rate.OctetsPerSecond),
            FlowSortKey.PacketRate => right.TotalPacketsPerSecond.CompareTo(rate.PacketsPerSecond),
            FlowSortKey.Octets => right.Octets.CompareTo(left.Octets - rate.BaseOctets),
            FlowSortKey.Packets => right.Packets.CompareTo(left.Packets - rate.BasePackets),
            FlowSortKey.Age => left.Start.CompareTo(right.Record.Start),
            FlowSortKey.Idle => left.End.CompareTo(right.End),
            _ => 0,
        };
        return inverse ? -order : order;
    }

    private static int CompareKeys(ref readonly FlowRow left, ref readonly FlowRow right)
    {
        int order = CompareAddresses(in left, in right, left.Record.Key.Source, right.Record.Key.Source);
        if (order == 0)
            order = CompareAddresses(in left, in right, left.Record.Key.Destination, right.Record.Key.Destination);
        if (order == 0)
            order = left.Record.Key.SourcePort.CompareTo(right.Record.Key.SourcePort);
        if (order == 0)
            order = left.Record.Key.DestinationPort.CompareTo(right.Record.Key.DestinationPort);
        if (order == 0)
            order = left.Record.Key.Protocol.CompareTo(right.Record.Key.Protocol);
        return order != 0 ? order : left.Record.Start.CompareTo(right.Record.Start);
    }

    // IPv4 before IPv6.
    private static int CompareAddresses(ref readonly FlowRow left, ref readonly FlowRow right, in IpAddress one, in IpAddress other)
    {
        int order = left.Record.Key.IpVersion.CompareTo(right.Record.Key.IpVersion);
        return order != 0 ? order : IpAddress.Compare(in one, in other);
    }
}
