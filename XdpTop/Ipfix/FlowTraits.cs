using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Ipfix;

/// <summary>What of a Flow Record decides which fields it has.</summary>
[Flags]
internal enum FlowTraits
{
    None = 0,
    IPv4 = 1 << 0,
    IPv6 = 1 << 1,

    /// <summary>Neither ICMP nor IGMP, whose messages have no ports.</summary>
    Ports = 1 << 2,
    IcmpV4 = 1 << 3,
    IcmpV6 = 1 << 4,
    Igmp = 1 << 5,
    Tcp = 1 << 6,
    OuterVlan = 1 << 7,
    InnerVlan = 1 << 8,
    IpOptions = 1 << 9,

    /// <summary>Not of a flow that is alive.</summary>
    Ended = 1 << 10,
    ByteDistribution = 1 << 11,
}

internal static class FlowTraitsExtensions
{
    private const byte Icmp = 1;
    private const byte Igmp = 2;
    private const byte Tcp = 6;
    private const byte IcmpV6 = 58;

    /// <summary>The traits of a record; of its byte distribution it knows nothing.</summary>
    public static FlowTraits Traits(this in FlowRecord record)
    {
        ref readonly FlowKey key = ref record.Key;
        FlowTraits traits = key.IpVersion == 4 ? FlowTraits.IPv4 : FlowTraits.IPv6;
        traits |= key.Protocol switch
        {
            Tcp => FlowTraits.Ports | FlowTraits.Tcp,
            Icmp => FlowTraits.IcmpV4,
            IcmpV6 => FlowTraits.IcmpV6,
            Igmp => FlowTraits.Igmp,
            _ => FlowTraits.Ports,
        };
        if ((key.OuterVlan & ParsedPacket.VlanPresent) != 0)
            traits |= FlowTraits.OuterVlan;
        if ((key.InnerVlan & ParsedPacket.VlanPresent) != 0)
            traits |= FlowTraits.InnerVlan;
        if (record.IpOptions != 0)
            traits |= FlowTraits.IpOptions;
        if (record.EndReason != FlowEndReason.None)
            traits |= FlowTraits.Ended;
        return traits;
    }
}
