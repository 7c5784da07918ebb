using XdpTop.Flows;
using static XdpTop.Ipfix.InformationElements;

namespace XdpTop.Ipfix;

/// <summary>
/// The Templates of Biflows (RFC 5103): the forward direction's fields as <see cref="FlowTemplates"/> has them, and again,
/// as reverse elements, those that the reverse direction has a value of its own of.
/// </summary>
internal static class BiflowTemplates
{
    /// <summary>biflowDirection (239): the source of the forward direction began the conversation.</summary>
    private const byte Initiator = 1;

    /// <summary>
    /// What has no reverse element: the Flow Key, which the reverse direction has with ends swapped, and interfaces, which
    /// are identifiers (RFC 5103 section 6.1).
    /// </summary>
    private static readonly InformationElement[] s_notReversed =
    [
        SourceIPv4Address, DestinationIPv4Address, SourceIPv6Address, DestinationIPv6Address, SourceTransportPort,
        DestinationTransportPort, IcmpTypeCodeIPv4, IcmpTypeCodeIPv6, IgmpType, ProtocolIdentifier, VlanId, Dot1qCustomerVlanId,
        IngressInterface, EgressInterface,
    ];

    public static readonly Template IPv4 = Of(260, FlowTemplates.IPv4);

    public static readonly Template IPv6 = Of(261, FlowTemplates.IPv6);

    /// <summary>All that Data Records can have where directions are paired.</summary>
    public static readonly Template[] WithUniflows = [.. FlowTemplates.All, IPv4, IPv6];

    public static Template For(in FlowRecord record) => record.Key.IpVersion == 4 ? IPv4 : IPv6;

    private static Template Of(ushort id, Template uniflow) => new(id,
    [
        .. uniflow.Fields,
        new TemplateField(BiflowDirection, static (to, in _, _) => to[0] = Initiator),
        .. uniflow.Fields
            .Where(field => !s_notReversed.Contains(field.Element))
            .Select(field => field with { Element = ReverseOf(field.Element), IsReverse = true }),
    ]);
}
