using XdpTop.Flows;
using XdpTop.Ipfix;
using static XdpTop.Ipfix.FlowField;

namespace XdpTop.Export;

/// <summary>
/// The values of a Flow Record's fields as text, which JSON and CSV have in common: times are ISO 8601 UTC, sets of flags
/// hexadecimal (a number of JSON is not safe above 2^53), enumerations have IANA's or our own names.
/// </summary>
internal static class FieldText
{
    /// <summary>Bits of the VLAN id in a key's VLAN field.</summary>
    private const ushort VlanIdMask = 0x0fff;

    /// <summary>Whether the values are no numbers.</summary>
    public static bool IsString(FlowField field) =>
        field is FlowDirection or FlowField.FlowEndReason or InterfaceName
        || InformationElements.Of(field) is
            { Semantics: ElementSemantics.Flags } or { Type: ElementType.IPv4Address or ElementType.IPv6Address or >= ElementType.DateTimeSeconds and <= ElementType.DateTimeNanoseconds };

    /// <summary>Whether the values are many numbers.</summary>
    public static bool IsList(FlowField field) => field is PacketLengthHistogram or PayloadByteDistribution;

    /// <summary>Appends a value.</summary>
    /// <param name="interfaceName">As it is to stand there.</param>
    /// <param name="interfaceIndex">ifIndex.</param>
    /// <param name="listSeparator">Between the numbers where there are many.</param>
    public static void Append(
        ref Utf8Text text, FlowField field, in FlowRecord record, ReadOnlySpan<byte> interfaceName, uint interfaceIndex,
        ReadOnlySpan<uint> byteDistribution, byte listSeparator)
    {
        ref readonly FlowKey key = ref record.Key;
        switch (field)
        {
            case SourceIPv4Address or SourceIPv6Address:
                text.Append(in key.Source, key.IpVersion);
                break;
            case DestinationIPv4Address or DestinationIPv6Address:
                text.Append(in key.Destination, key.IpVersion);
                break;
            case FlowStartNanoseconds:
                text.AppendTime(record.Start, 9);
                break;
            case FlowEndNanoseconds:
                text.AppendTime(record.End, 9);
                break;
            case FlowStartMicroseconds:
                text.AppendTime(record.Start, 6);
                break;
            case FlowEndMicroseconds:
                text.AppendTime(record.End, 6);
                break;
            case FlowStartMilliseconds:
                text.AppendTime(record.Start, 3);
                break;
            case FlowEndMilliseconds:
                text.AppendTime(record.End, 3);
                break;
            case FlowStartSeconds:
                text.AppendTime(record.Start, 0);
                break;
            case FlowEndSeconds:
                text.AppendTime(record.End, 0);
                break;
            case FlowField.FlowEndReason:
                text.Append(NameOf(record.EndReason));
                break;
            case FlowDirection:
                text.Append(key.Direction == 0 ? "ingress"u8 : "egress"u8);
                break;
            case InterfaceName:
                text.Append(interfaceName);
                break;
            case TcpControlBits:
                text.AppendHex(record.TcpFlags);
                break;
            case TcpOptions:
                text.AppendHex(record.TcpOptions);
                break;
            case FragmentFlags:
                text.AppendHex(record.FragmentFlags);
                break;
            case Ipv4Options or Ipv6ExtensionHeaders:
                text.AppendHex(record.IpOptions);
                break;
            case PacketLengthHistogram:
                AppendList(ref text, record.LengthHistogram, listSeparator);
                break;
            case PayloadByteDistribution:
                AppendList(ref text, byteDistribution, listSeparator);
                break;
            case PayloadEntropy:
                text.Append(ByteDistribution.Entropy(byteDistribution));
                break;
            default:
                text.Append(Number(field, in record, interfaceIndex));
                break;
        }
    }

    private static ulong Number(FlowField field, in FlowRecord record, uint interfaceIndex)
    {
        ref readonly FlowKey key = ref record.Key;
        return field switch
        {
            SourceTransportPort => key.SourcePort,
            // Type · 256 + code stand in the key's port.
            DestinationTransportPort or IcmpTypeCodeIPv4 or IcmpTypeCodeIPv6 => key.DestinationPort,
            IgmpType or IcmpTypeIPv4 or IcmpTypeIPv6 => (ulong)key.DestinationPort >> 8,
            IcmpCodeIPv4 or IcmpCodeIPv6 => (byte)key.DestinationPort,
            ProtocolIdentifier => key.Protocol,
            IpVersion => key.IpVersion,
            VlanId or Dot1qVlanId => (ulong)key.OuterVlan & VlanIdMask,
            Dot1qCustomerVlanId => (ulong)key.InnerVlan & VlanIdMask,
            PacketDeltaCount => record.Packets,
            OctetDeltaCount => record.Octets,
            PayloadOctets => record.PayloadOctets,
            Layer2OctetDeltaCount => record.Layer2Octets,
            MinimumTTL => record.MinimumTtl,
            MaximumTTL => record.MaximumTtl,
            FlowDurationMilliseconds => Timestamps.Milliseconds(record.Start, record.End),
            MinimumIpTotalLength => record.MinimumLength,
            MaximumIpTotalLength => record.MaximumLength,
            IpClassOfService => record.ClassOfService,
            IngressInterface => key.Direction == 0 ? interfaceIndex : 0,
            EgressInterface => key.Direction == 0 ? 0 : interfaceIndex,
            _ => throw new ArgumentOutOfRangeException(nameof(field), field, "no field of numbers"),
        };
    }

    private static void AppendList(ref Utf8Text text, scoped ReadOnlySpan<uint> counts, byte separator)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            if (i > 0)
                text.Append(separator);
            text.Append((ulong)counts[i]);
        }
    }

    private static ReadOnlySpan<byte> NameOf(Flows.FlowEndReason reason) => reason switch
    {
        Flows.FlowEndReason.IdleTimeout => "idleTimeout"u8,
        Flows.FlowEndReason.ActiveTimeout => "activeTimeout"u8,
        Flows.FlowEndReason.EndOfFlow => "endOfFlow"u8,
        Flows.FlowEndReason.ForcedEnd => "forcedEnd"u8,
        Flows.FlowEndReason.LackOfResources => "lackOfResources"u8,
        _ => [],
    };
}
