namespace XdpTop.Ipfix;

/// <summary>The Information Elements that xdptop exports; numbers and names are those of IANA's registry.</summary>
internal static class InformationElements
{
    /// <summary>
    /// The enterprise number of xdptop's own elements. None is registered for xdptop: this is the one that RFC 5612
    /// sets aside for documentation. A collector sees these elements as unknown ones of known length, and passes them over.
    /// </summary>
    public const uint EnterpriseNumber = 32473;

    /// <summary>
    /// The enterprise number of the reverse elements of IANA's (RFC 5103 section 6.1): by the same number and name, they
    /// are of a Biflow's reverse direction.
    /// </summary>
    public const uint ReverseEnterpriseNumber = 29305;

    /// <summary>Bit in the number of an enterprise's element that makes it the reverse one (RFC 5103 section 6.2).</summary>
    private const ushort ReverseBit = 0x4000;

    public static readonly InformationElement OctetDeltaCount = new(1, 8, "octetDeltaCount");
    public static readonly InformationElement PacketDeltaCount = new(2, 8, "packetDeltaCount");
    public static readonly InformationElement ProtocolIdentifier = new(4, 1, "protocolIdentifier");
    public static readonly InformationElement IpClassOfService = new(5, 1, "ipClassOfService");
    public static readonly InformationElement TcpControlBits = new(6, 2, "tcpControlBits");
    public static readonly InformationElement SourceTransportPort = new(7, 2, "sourceTransportPort");
    public static readonly InformationElement SourceIPv4Address = new(8, 4, "sourceIPv4Address");
    public static readonly InformationElement IngressInterface = new(10, 4, "ingressInterface");
    public static readonly InformationElement DestinationTransportPort = new(11, 2, "destinationTransportPort");
    public static readonly InformationElement DestinationIPv4Address = new(12, 4, "destinationIPv4Address");
    public static readonly InformationElement EgressInterface = new(14, 4, "egressInterface");

    // unsigned64 in the registry, in the two octets that their values take.
    public static readonly InformationElement MinimumIpTotalLength = new(25, 2, "minimumIpTotalLength");
    public static readonly InformationElement MaximumIpTotalLength = new(26, 2, "maximumIpTotalLength");

    public static readonly InformationElement SourceIPv6Address = new(27, 16, "sourceIPv6Address");
    public static readonly InformationElement DestinationIPv6Address = new(28, 16, "destinationIPv6Address");
    public static readonly InformationElement IcmpTypeCodeIPv4 = new(32, 2, "icmpTypeCodeIPv4");
    public static readonly InformationElement IgmpType = new(33, 1, "igmpType");
    public static readonly InformationElement MinimumTtl = new(52, 1, "minimumTTL");
    public static readonly InformationElement MaximumTtl = new(53, 1, "maximumTTL");
    public static readonly InformationElement VlanId = new(58, 2, "vlanId");
    public static readonly InformationElement FlowDirection = new(61, 1, "flowDirection");
    public static readonly InformationElement IPv6ExtensionHeaders = new(64, 4, "ipv6ExtensionHeaders");
    public static readonly InformationElement FlowEndReason = new(136, 1, "flowEndReason");
    public static readonly InformationElement IcmpTypeCodeIPv6 = new(139, 2, "icmpTypeCodeIPv6");
    public static readonly InformationElement FlowStartMilliseconds = new(152, 8, "flowStartMilliseconds");
    public static readonly InformationElement FlowEndMilliseconds = new(153, 8, "flowEndMilliseconds");
    public static readonly InformationElement FlowStartNanoseconds = new(156, 8, "flowStartNanoseconds");
    public static readonly InformationElement FlowEndNanoseconds = new(157, 8, "flowEndNanoseconds");
    public static readonly InformationElement FragmentFlags = new(197, 1, "fragmentFlags");
    public static readonly InformationElement IPv4Options = new(208, 4, "ipv4Options");
    public static readonly InformationElement TcpOptions = new(209, 8, "tcpOptions");
    public static readonly InformationElement BiflowDirection = new(239, 1, "biflowDirection");
    public static readonly InformationElement Dot1qCustomerVlanId = new(245, 2, "dot1qCustomerVlanId");
    public static readonly InformationElement Layer2OctetDeltaCount = new(352, 8, "layer2OctetDeltaCount");

    /// <summary>unsigned64, a delta counter of octets: what follows the transport headers.</summary>
    public static readonly InformationElement PayloadOctets = new(1, 8, "payloadOctets", EnterpriseNumber);

    /// <summary>
    /// octetArray: eight counts of packets, unsigned32 each in network order, by the length of the IP packet as
    /// <see cref="Flows.LengthHistogram"/> divides it.
    /// </summary>
    public static readonly InformationElement PacketLengthHistogram =
        new(2, 4 * Flows.LengthHistogram.Bins, "packetLengthHistogram", EnterpriseNumber);

    /// <summary>
    /// octetArray: 256 counts of octets, unsigned32 each in network order, by the octet's value:
    /// <see cref="Flows.ByteDistribution"/>.
    /// </summary>
    public static readonly InformationElement PayloadByteDistribution =
        new(3, 4 * Flows.ByteDistribution.Values, "payloadByteDistribution", EnterpriseNumber);

    /// <summary>float64: <see cref="Flows.ByteDistribution.Entropy"/>.</summary>
    public static readonly InformationElement PayloadEntropy = new(4, 8, "payloadEntropy", EnterpriseNumber);

    /// <summary>The same of a Biflow's reverse direction.</summary>
    public static InformationElement ReverseOf(InformationElement element)
    {
        string name = $"reverse{char.ToUpperInvariant(element.Name[0])}{element.Name[1..]}";
        return element.EnterpriseNumber == 0
            ? element with { Name = name, EnterpriseNumber = ReverseEnterpriseNumber }
            : element with { Name = name, Id = (ushort)(element.Id | ReverseBit) };
    }
}
