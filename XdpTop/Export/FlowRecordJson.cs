using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using XdpTop.Flows;
using XdpTop.Packets;
using static XdpTop.Export.RecordFields;

namespace XdpTop.Export;

/// <summary>
/// Flow Records as lines of JSON. Names are those of IANA's Information Elements; times are ISO 8601 UTC; sets of flags
/// are hexadecimal strings (a number of JSON is not safe above 2^53). What a flow does not have is left out: ports of
/// ICMP and IGMP, tags of untagged frames, TCP's fields where it is not TCP, options where there were none.
/// </summary>
internal sealed class FlowRecordJson
{
    /// <summary>Above the longest line of one direction, without the interface's name.</summary>
    private const int MaximumLength = 2048;

    /// <summary>Above what follows it: the byte distribution or, which is shorter, the reverse direction.</summary>
    private const int MaximumExtraLength = 3072;

    private readonly byte[][] _interfaceNames;

    public FlowRecordJson(IReadOnlyList<ObservationPoint> observationPoints) =>
        // Escapes what could harm a terminal, too.
        _interfaceNames =
        [
            .. observationPoints.Select(point =>
                JsonEncodedText.Encode(point.Name, JavaScriptEncoder.Default).EncodedUtf8Bytes.ToArray()),
        ];

    /// <summary>Writes an ended flow: "type":"flow".</summary>
    /// <param name="byteDistribution">Empty where it is not counted.</param>
    public void WriteEnded(IBufferWriter<byte> output, in FlowRecord record, ReadOnlySpan<uint> byteDistribution = default)
    {
        Utf8Text text = Begin(output, "flow"u8, in record);
        if (!byteDistribution.IsEmpty)
        {
            text.Append(",\"payloadEntropy\":"u8);
            text.Append(ByteDistribution.Entropy(byteDistribution));
            text.Append(",\"payloadByteDistribution\":"u8);
            AppendArray(ref text, byteDistribution);
        }
        End(output, ref text);
    }

    /// <summary>Writes the two directions of an ended Biflow: the reverse one's fields have names of their own.</summary>
    public void WriteEndedBiflow(IBufferWriter<byte> output, in FlowRecord record, in FlowRecord reverse)
    {
        Utf8Text text = Begin(output, "flow"u8, in record);
        AppendReverse(ref text, in reverse);
        End(output, ref text);
    }

    /// <summary>Writes a flow that is alive, with its rates: "type":"liveFlow".</summary>
    /// <param name="octetsPerSecond">Of IP packets.</param>
    public void WriteLive(
        IBufferWriter<byte> output, in FlowRecord record, double packetsPerSecond, double octetsPerSecond)
    {
        Utf8Text text = Begin(output, "liveFlow"u8, in record);
        AppendRates(ref text, packetsPerSecond, octetsPerSecond);
        End(output, ref text);
    }

    /// <summary>Writes the two directions of a Biflow that is alive.</summary>
    public void WriteLiveBiflow(
        IBufferWriter<byte> output, in FlowRecord record, double packetsPerSecond, double octetsPerSecond,
        in FlowRecord reverse, double reversePacketsPerSecond, double reverseOctetsPerSecond)
    {
        Utf8Text text = Begin(output, "liveFlow"u8, in record);
        AppendRates(ref text, packetsPerSecond, octetsPerSecond);
        AppendReverse(ref text, in reverse);
        AppendRates(ref text, reversePacketsPerSecond, reverseOctetsPerSecond, isReverse: true);
        End(output, ref text);
    }

    private static void End(IBufferWriter<byte> output, ref Utf8Text text)
    {
        text.Append("}\n"u8);
        output.Advance(text.Length);
    }

    private Utf8Text Begin(IBufferWriter<byte> output, ReadOnlySpan<byte> type, in FlowRecord record)
    {
        ReadOnlySpan<byte> interfaceName =
            record.ObservationPoint < _interfaceNames.Length ? _interfaceNames[record.ObservationPoint] : [];
        Utf8Text text = new(output.GetSpan(MaximumLength + MaximumExtraLength + interfaceName.Length));
        text.Append("{\"type\":\""u8);
        text.Append(type);
        AppendKey(ref text, in record);
        AppendCounts(ref text, in record);
        AppendTimes(ref text, in record);
        AppendDetails(ref text, in record);
        text.Append(",\"interfaceName\":\""u8);
        text.Append(interfaceName);
        text.Append((byte)'"');
        AppendDirection(ref text, in record);
        return text;
    }

    private static void AppendReverse(ref Utf8Text text, in FlowRecord reverse)
    {
        text.Append(",\"biflowDirection\":\"initiator\""u8);
        AppendCounts(ref text, in reverse, isReverse: true);
        AppendTimes(ref text, in reverse, isReverse: true);
        AppendDetails(ref text, in reverse, isReverse: true);
        AppendDirection(ref text, in reverse, isReverse: true);
    }

    private static void AppendDirection(ref Utf8Text text, in FlowRecord record, bool isReverse = false)
    {
        AppendName(ref text, ",\"flowDirection\":\""u8, isReverse);
        text.Append(NameOfDirection(record.Key.Direction));
        text.Append((byte)'"');
    }

    private static void AppendRates(ref Utf8Text text, double packetsPerSecond, double octetsPerSecond, bool isReverse = false)
    {
        AppendName(ref text, ",\"packetsPerSecond\":"u8, isReverse);
        text.Append(packetsPerSecond);
        AppendName(ref text, ",\"octetsPerSecond\":"u8, isReverse);
        text.Append(octetsPerSecond);
    }

    private static void AppendKey(ref Utf8Text text, in FlowRecord record)
    {
        ref readonly FlowKey key = ref record.Key;
        bool isIPv4 = key.IpVersion == 4;
        text.Append(isIPv4 ? "\",\"sourceIPv4Address\":\""u8 : "\",\"sourceIPv6Address\":\""u8);
        text.Append(in key.Source, key.IpVersion);
        text.Append(isIPv4 ? "\",\"destinationIPv4Address\":\""u8 : "\",\"destinationIPv6Address\":\""u8);
        text.Append(in key.Destination, key.IpVersion);
        text.Append((byte)'"');
        switch (key.Protocol)
        {
            case Icmp:
                AppendNumber(ref text, ",\"icmpTypeCodeIPv4\":"u8, key.DestinationPort);
                break;
            case IcmpV6:
                AppendNumber(ref text, ",\"icmpTypeCodeIPv6\":"u8, key.DestinationPort);
                break;
            case Igmp:
                AppendNumber(ref text, ",\"igmpType\":"u8, (ulong)key.DestinationPort >> 8);
                break;
            default:
                AppendNumber(ref text, ",\"sourceTransportPort\":"u8, key.SourcePort);
                AppendNumber(ref text, ",\"destinationTransportPort\":"u8, key.DestinationPort);
                break;
        }
        AppendNumber(ref text, ",\"protocolIdentifier\":"u8, key.Protocol);
        if ((key.OuterVlan & ParsedPacket.VlanPresent) != 0)
            AppendNumber(ref text, ",\"vlanId\":"u8, (ulong)key.OuterVlan & VlanIdMask);
        if ((key.InnerVlan & ParsedPacket.VlanPresent) != 0)
            AppendNumber(ref text, ",\"dot1qCustomerVlanId\":"u8, (ulong)key.InnerVlan & VlanIdMask);
    }

    private static void AppendCounts(ref Utf8Text text, in FlowRecord record, bool isReverse = false)
    {
        AppendNumber(ref text, ",\"packetDeltaCount\":"u8, record.Packets, isReverse);
        AppendNumber(ref text, ",\"octetDeltaCount\":"u8, record.Octets, isReverse);
        AppendNumber(ref text, ",\"payloadOctets\":"u8, record.PayloadOctets, isReverse);
        AppendNumber(ref text, ",\"layer2OctetDeltaCount\":"u8, record.Layer2Octets, isReverse);
        AppendNumber(ref text, ",\"minimumTTL\":"u8, record.MinimumTtl, isReverse);
        AppendNumber(ref text, ",\"maximumTTL\":"u8, record.MaximumTtl, isReverse);
        if (record.Key.Protocol != Tcp)
            return;
        AppendFlags(ref text, ",\"tcpControlBits\":\""u8, record.TcpFlags, isReverse);
        AppendFlags(ref text, ",\"tcpOptions\":\""u8, record.TcpOptions, isReverse);
    }

    private static void AppendTimes(ref Utf8Text text, in FlowRecord record, bool isReverse = false)
    {
        AppendName(ref text, ",\"flowStartNanoseconds\":\""u8, isReverse);
        text.AppendTime(record.Start);
        text.Append((byte)'"');
        AppendName(ref text, ",\"flowEndNanoseconds\":\""u8, isReverse);
        text.AppendTime(record.End);
        text.Append((byte)'"');
        ReadOnlySpan<byte> reason = NameOf(record.EndReason);
        if (reason.IsEmpty)
            return;
        AppendName(ref text, ",\"flowEndReason\":\""u8, isReverse);
        text.Append(reason);
        text.Append((byte)'"');
    }

    private static void AppendDetails(ref Utf8Text text, in FlowRecord record, bool isReverse = false)
    {
        AppendNumber(ref text, ",\"minimumIpTotalLength\":"u8, record.MinimumLength, isReverse);
        AppendNumber(ref text, ",\"maximumIpTotalLength\":"u8, record.MaximumLength, isReverse);
        AppendNumber(ref text, ",\"ipClassOfService\":"u8, record.ClassOfService, isReverse);
        AppendFlags(ref text, ",\"fragmentFlags\":\""u8, record.FragmentFlags, isReverse);
        if (record.IpOptions != 0)
        {
            AppendFlags(
                ref text, record.Key.IpVersion == 4 ? ",\"ipv4Options\":\""u8 : ",\"ipv6ExtensionHeaders\":\""u8,
                record.IpOptions, isReverse);
        }
        AppendName(ref text, ",\"packetLengthHistogram\":"u8, isReverse);
        AppendArray(ref text, record.LengthHistogram);
    }

    private static void AppendArray(ref Utf8Text text, scoped ReadOnlySpan<uint> counts)
    {
        text.Append((byte)'[');
        for (int bin = 0; bin < counts.Length; bin++)
        {
            if (bin > 0)
                text.Append((byte)',');
            text.Append((ulong)counts[bin]);
        }
        text.Append((byte)']');
    }

    private static void AppendNumber(ref Utf8Text text, ReadOnlySpan<byte> name, ulong number, bool isReverse = false)
    {
        AppendName(ref text, name, isReverse);
        text.Append(number);
    }

    private static void AppendFlags(ref Utf8Text text, ReadOnlySpan<byte> name, ulong flags, bool isReverse = false)
    {
        AppendName(ref text, name, isReverse);
        text.AppendHex(flags);
        text.Append((byte)'"');
    }

    /// <summary>Appends a name as <c>,"name":</c>, or <c>,"reverseName":</c> (RFC 5103 section 6.1).</summary>
    private static void AppendName(ref Utf8Text text, ReadOnlySpan<byte> name, bool isReverse)
    {
        if (!isReverse)
        {
            text.Append(name);
            return;
        }
        const int first = 2; // after comma and quotation mark
        text.Append(",\"reverse"u8);
        text.Append((byte)(name[first] - ('a' - 'A')));
        text.Append(name[(first + 1)..]);
    }
}
