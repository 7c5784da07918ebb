namespace XdpTop.Ipfix;

/// <summary>What is to be known of <see cref="FlowField"/>s, besides what the registry says of their elements.</summary>
internal static class FlowFields
{
    public static readonly FlowField[] All = Enum.GetValues<FlowField>();

    private static readonly string[] s_names = [.. Enum.GetNames<FlowField>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    /// <summary>The Information Element's name.</summary>
    public static string Name(this FlowField field) => s_names[(int)field];

    /// <summary>The traits without which a record has no such field.</summary>
    public static FlowTraits Needs(this FlowField field) => field switch
    {
        FlowField.SourceIPv4Address or FlowField.DestinationIPv4Address => FlowTraits.IPv4,
        FlowField.SourceIPv6Address or FlowField.DestinationIPv6Address => FlowTraits.IPv6,
        FlowField.SourceTransportPort or FlowField.DestinationTransportPort => FlowTraits.Ports,
        FlowField.IcmpTypeCodeIPv4 or FlowField.IcmpTypeIPv4 or FlowField.IcmpCodeIPv4 => FlowTraits.IcmpV4,
        FlowField.IcmpTypeCodeIPv6 or FlowField.IcmpTypeIPv6 or FlowField.IcmpCodeIPv6 => FlowTraits.IcmpV6,
        FlowField.IgmpType => FlowTraits.Igmp,
        FlowField.VlanId or FlowField.Dot1qVlanId => FlowTraits.OuterVlan,
        FlowField.Dot1qCustomerVlanId => FlowTraits.InnerVlan,
        FlowField.TcpControlBits or FlowField.TcpOptions => FlowTraits.Tcp,
        FlowField.FlowEndReason => FlowTraits.Ended,
        FlowField.Ipv4Options => FlowTraits.IPv4 | FlowTraits.IpOptions,
        FlowField.Ipv6ExtensionHeaders => FlowTraits.IPv6 | FlowTraits.IpOptions,
        FlowField.PayloadEntropy or FlowField.PayloadByteDistribution => FlowTraits.ByteDistribution,
        _ => FlowTraits.None,
    };

    /// <summary>Whether it is of the Flow Key, which tells flows apart: flowKeyIndicator (173).</summary>
    public static bool IsKey(this FlowField field) => field switch
    {
        FlowField.IpVersion or FlowField.ProtocolIdentifier or FlowField.FlowDirection or FlowField.IngressInterface
            or FlowField.EgressInterface or FlowField.InterfaceName => true,
        FlowField.FlowEndReason or FlowField.TcpControlBits or FlowField.TcpOptions or FlowField.Ipv4Options
            or FlowField.Ipv6ExtensionHeaders or FlowField.PayloadEntropy or FlowField.PayloadByteDistribution => false,
        _ => field.Needs() != FlowTraits.None,
    };

    /// <summary>
    /// Whether a Biflow's reverse direction has a value of its own of it. It has the Flow Key with ends swapped, but for the
    /// way by which packets come; interfaces are identifiers, which have no reverse elements (RFC 5103 section 6.1).
    /// </summary>
    public static bool HasReverse(this FlowField field) => !field.IsKey() || field == FlowField.FlowDirection;
}
