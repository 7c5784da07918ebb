using System.Buffers.Binary;
using XdpTop.Flows;
using static XdpTop.Ipfix.InformationElements;

namespace XdpTop.Ipfix;

/// <summary>The Templates of Flow Records: one for each IP version, and likewise with byte distributions.</summary>
internal static class FlowTemplates
{
    private const byte Icmp = 1;
    private const byte Igmp = 2;
    private const byte IcmpV6 = 58;
    private const ushort VlanIdMask = 0x0fff;
    private const byte Ingress = 0;

    public static readonly Template IPv4 = new(256,
    [
        new(SourceIPv4Address, static (to, in record, _) => record.Key.Source.Bytes(4).CopyTo(to)),
        new(DestinationIPv4Address, static (to, in record, _) => record.Key.Destination.Bytes(4).CopyTo(to)),
        new(IcmpTypeCodeIPv4, static (to, in record, _) => Put16(to, TypeAndCode(in record, Icmp))),
        new(IgmpType, static (to, in record, _) => to[0] = (byte)(TypeAndCode(in record, Igmp) >> 8)),
        new(IPv4Options, static (to, in record, _) => Put32(to, record.IpOptions)),
        .. OfBothVersions(),
    ]);

    public static readonly Template IPv6 = new(257,
    [
        new(SourceIPv6Address, static (to, in record, _) => record.Key.Source.Bytes(6).CopyTo(to)),
        new(DestinationIPv6Address, static (to, in record, _) => record.Key.Destination.Bytes(6).CopyTo(to)),
        new(IcmpTypeCodeIPv6, static (to, in record, _) => Put16(to, TypeAndCode(in record, IcmpV6))),
        new(IPv6ExtensionHeaders, static (to, in record, _) => Put32(to, record.IpOptions)),
        .. OfBothVersions(),
    ]);

    public static readonly Template IPv4WithByteDistribution = new(258, [.. IPv4.Fields, .. OfByteDistribution()]);

    public static readonly Template IPv6WithByteDistribution = new(259, [.. IPv6.Fields, .. OfByteDistribution()]);

    public static readonly Template[] All = [IPv4, IPv6];

    public static readonly Template[] AllWithByteDistribution = [IPv4WithByteDistribution, IPv6WithByteDistribution];

    public static Template For(in FlowRecord record, bool byteDistribution) =>
        (byteDistribution ? AllWithByteDistribution : All)[record.Key.IpVersion == 4 ? 0 : 1];

    // Some collectors (nfdump 1.7) keep the ICMP type and code in the place of the destination port, so that the later
    // of the two elements is the one that stays: the ports come after the ICMP elements.
    private static TemplateField[] OfBothVersions() =>
    [
        new(SourceTransportPort, static (to, in record, _) => Put16(to, record.Key.SourcePort)),
        new(DestinationTransportPort, static (to, in record, _) => Put16(to, record.Key.DestinationPort)),
        new(ProtocolIdentifier, static (to, in record, _) => to[0] = record.Key.Protocol),
        new(VlanId, static (to, in record, _) => Put16(to, (ushort)(record.Key.OuterVlan & VlanIdMask))),
        new(Dot1qCustomerVlanId, static (to, in record, _) => Put16(to, (ushort)(record.Key.InnerVlan & VlanIdMask))),
        new(PacketDeltaCount, static (to, in record, _) => Put64(to, record.Packets)),
        new(OctetDeltaCount, static (to, in record, _) => Put64(to, record.Octets)),
        new(Layer2OctetDeltaCount, static (to, in record, _) => Put64(to, record.Layer2Octets)),
        new(PayloadOctets, static (to, in record, _) => Put64(to, record.PayloadOctets)),
        new(PacketLengthHistogram, static (to, in record, _) => PutCounts(to, record.LengthHistogram)),
        new(MinimumIpTotalLength, static (to, in record, _) => Put16(to, record.MinimumLength)),
        new(MaximumIpTotalLength, static (to, in record, _) => Put16(to, record.MaximumLength)),
        new(MinimumTtl, static (to, in record, _) => to[0] = record.MinimumTtl),
        new(MaximumTtl, static (to, in record, _) => to[0] = record.MaximumTtl),
        new(InformationElements.FragmentFlags, static (to, in record, _) => to[0] = record.FragmentFlags),
        new(IpClassOfService, static (to, in record, _) => to[0] = record.ClassOfService),
        new(TcpControlBits, static (to, in record, _) => Put16(to, record.TcpFlags)),
        new(InformationElements.TcpOptions, static (to, in record, _) => Put64(to, record.TcpOptions)),
        new(FlowStartNanoseconds, static (to, in record, _) => Put64(to, Timestamps.ToNtp(record.Start))),
        new(FlowEndNanoseconds, static (to, in record, _) => Put64(to, Timestamps.ToNtp(record.End))),
        // The same once more for the many collectors that know no nanoseconds.
        new(FlowStartMilliseconds, static (to, in record, _) => Put64(to, Timestamps.ToMilliseconds(record.Start))),
        new(FlowEndMilliseconds, static (to, in record, _) => Put64(to, Timestamps.ToMilliseconds(record.End))),
        new(InformationElements.FlowEndReason, static (to, in record, _) => to[0] = (byte)record.EndReason),
        new(IngressInterface, static (to, in record, context) =>
            Put32(to, record.Key.Direction == Ingress ? context.InterfaceIndex : 0)),
        new(EgressInterface, static (to, in record, context) =>
            Put32(to, record.Key.Direction == Ingress ? 0 : context.InterfaceIndex)),
        new(FlowDirection, static (to, in record, _) => to[0] = record.Key.Direction),
    ];

    private static TemplateField[] OfByteDistribution() =>
    [
        new(PayloadByteDistribution, static (to, in _, context) => PutCounts(to, context.ByteDistribution)),
        new(PayloadEntropy, static (to, in _, context) =>
            BinaryPrimitives.WriteDoubleBigEndian(to, ByteDistribution.Entropy(context.ByteDistribution))),
    ];

    /// <summary>Type · 256 + code if the flow is of this protocol, else 0.</summary>
    private static ushort TypeAndCode(in FlowRecord record, byte protocol) =>
        record.Key.Protocol == protocol ? record.Key.DestinationPort : (ushort)0;

    private static void PutCounts(Span<byte> to, ReadOnlySpan<uint> counts)
    {
        for (int bin = 0; bin < counts.Length; bin++)
            Put32(to[(4 * bin)..], counts[bin]);
    }

    private static void Put16(Span<byte> to, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(to, value);

    private static void Put32(Span<byte> to, uint value) => BinaryPrimitives.WriteUInt32BigEndian(to, value);

    private static void Put64(Span<byte> to, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(to, value);
}
