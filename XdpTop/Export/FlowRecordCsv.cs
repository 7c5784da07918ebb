using System.Buffers;
using System.Text;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Packets;
using static XdpTop.Export.RecordFields;

namespace XdpTop.Export;

/// <summary>
/// Flow Records as lines of CSV (RFC 4180, but for line ends of one character): the fields and forms of
/// <see cref="FlowRecordJson"/>, empty where that leaves them out; the histogram's bins are set apart by semicolons, the
/// byte distribution's counts by spaces.
/// </summary>
internal sealed class FlowRecordCsv
{
    /// <summary>Above the longest line of one direction, without the interface's name.</summary>
    private const int MaximumLength = 1024;

    /// <summary>Above what follows it: the byte distribution or, which is shorter, the reverse direction.</summary>
    private const int MaximumExtraLength = 3072;

    private readonly byte[][] _interfaceNames;
    private readonly bool _hasReverse;

    /// <param name="records">Of Biflows, lines have the reverse direction's fields, empty where there is none.</param>
    public FlowRecordCsv(IReadOnlyList<ObservationPoint> observationPoints, RecordKind records = RecordKind.Plain)
    {
        _interfaceNames = [.. observationPoints.Select(point => Quote(point.Name))];
        _hasReverse = records == RecordKind.Biflow;
    }

    /// <summary>The first line of plain records.</summary>
    public static ReadOnlySpan<byte> Header =>
        "sourceIPv4Address,destinationIPv4Address,sourceIPv6Address,destinationIPv6Address,"u8 +
        "sourceTransportPort,destinationTransportPort,icmpTypeCodeIPv4,icmpTypeCodeIPv6,"u8 +
        "igmpType,protocolIdentifier,vlanId,dot1qCustomerVlanId,packetDeltaCount,"u8 +
        "octetDeltaCount,payloadOctets,layer2OctetDeltaCount,minimumTTL,maximumTTL,"u8 +
        "tcpControlBits,tcpOptions,flowStartNanoseconds,flowEndNanoseconds,flowEndReason,"u8 +
        "minimumIpTotalLength,maximumIpTotalLength,ipClassOfService,fragmentFlags,ipv4Options,"u8 +
        "ipv6ExtensionHeaders,packetLengthHistogram,interfaceName,flowDirection\n"u8;

    private static readonly byte[] s_headerWithByteDistribution = [.. Header[..^1], .. ",payloadEntropy,payloadByteDistribution\n"u8];

    private static readonly byte[] s_biflowHeader =
    [
        .. Header[..^1],
        .. ",biflowDirection,reversePacketDeltaCount,"u8,
        .. "reverseOctetDeltaCount,reversePayloadOctets,reverseLayer2OctetDeltaCount,reverseMinimumTTL,reverseMaximumTTL,"u8,
        .. "reverseTcpControlBits,reverseTcpOptions,reverseFlowStartNanoseconds,reverseFlowEndNanoseconds,reverseFlowEndReason,"u8,
        .. "reverseMinimumIpTotalLength,reverseMaximumIpTotalLength,reverseIpClassOfService,reverseFragmentFlags,"u8,
        .. "reverseIpv4Options,reverseIpv6ExtensionHeaders,reversePacketLengthHistogram,reverseFlowDirection\n"u8,
    ];

    /// <summary>The reverse direction's fields where there is none.</summary>
    private static readonly byte[] s_noReverse = [.. Enumerable.Repeat((byte)',', s_biflowHeader.Count((byte)',') - Header.Count((byte)','))];

    /// <summary>The first line where records are of this kind.</summary>
    public static ReadOnlySpan<byte> HeaderOf(RecordKind records) => records switch
    {
        RecordKind.WithByteDistribution => s_headerWithByteDistribution,
        RecordKind.Biflow => s_biflowHeader,
        _ => Header,
    };

    /// <summary>Writes one line.</summary>
    /// <param name="byteDistribution">Empty where it is not counted.</param>
    public void Write(IBufferWriter<byte> output, in FlowRecord record, ReadOnlySpan<uint> byteDistribution = default)
    {
        Utf8Text text = Begin(output, in record);
        if (_hasReverse)
            text.Append(s_noReverse);
        if (!byteDistribution.IsEmpty)
            AppendByteDistribution(ref text, byteDistribution);
        End(output, ref text);
    }

    /// <summary>Writes one line of a Biflow.</summary>
    public void WriteBiflow(IBufferWriter<byte> output, in FlowRecord record, in FlowRecord reverse)
    {
        Utf8Text text = Begin(output, in record);
        text.Append(",initiator,"u8);
        AppendCounts(ref text, in reverse);
        AppendTimes(ref text, in reverse);
        AppendDetails(ref text, in reverse);
        text.Append(NameOfDirection(reverse.Key.Direction));
        End(output, ref text);
    }

    private static void End(IBufferWriter<byte> output, ref Utf8Text text)
    {
        text.Append((byte)'\n');
        output.Advance(text.Length);
    }

    private Utf8Text Begin(IBufferWriter<byte> output, in FlowRecord record)
    {
        ReadOnlySpan<byte> interfaceName =
            record.ObservationPoint < _interfaceNames.Length ? _interfaceNames[record.ObservationPoint] : [];
        Utf8Text text = new(output.GetSpan(MaximumLength + MaximumExtraLength + interfaceName.Length));
        AppendKey(ref text, in record.Key);
        AppendCounts(ref text, in record);
        AppendTimes(ref text, in record);
        AppendDetails(ref text, in record);
        text.Append(interfaceName);
        text.Append((byte)',');
        text.Append(NameOfDirection(record.Key.Direction));
        return text;
    }

    private static void AppendKey(ref Utf8Text text, in FlowKey key)
    {
        AppendAddress(ref text, in key.Source, key.IpVersion, 4);
        AppendAddress(ref text, in key.Destination, key.IpVersion, 4);
        AppendAddress(ref text, in key.Source, key.IpVersion, 6);
        AppendAddress(ref text, in key.Destination, key.IpVersion, 6);
        bool hasPorts = key.Protocol is not (Icmp or IcmpV6 or Igmp);
        AppendIf(ref text, hasPorts, key.SourcePort);
        AppendIf(ref text, hasPorts, key.DestinationPort);
        AppendIf(ref text, key.Protocol == Icmp, key.DestinationPort);
        AppendIf(ref text, key.Protocol == IcmpV6, key.DestinationPort);
        AppendIf(ref text, key.Protocol == Igmp, (ulong)key.DestinationPort >> 8);
        AppendIf(ref text, true, key.Protocol);
        AppendIf(ref text, (key.OuterVlan & ParsedPacket.VlanPresent) != 0, (ulong)key.OuterVlan & VlanIdMask);
        AppendIf(ref text, (key.InnerVlan & ParsedPacket.VlanPresent) != 0, (ulong)key.InnerVlan & VlanIdMask);
    }

    private static void AppendCounts(ref Utf8Text text, in FlowRecord record)
    {
        AppendIf(ref text, true, record.Packets);
        AppendIf(ref text, true, record.Octets);
        AppendIf(ref text, true, record.PayloadOctets);
        AppendIf(ref text, true, record.Layer2Octets);
        AppendIf(ref text, true, record.MinimumTtl);
        AppendIf(ref text, true, record.MaximumTtl);
        AppendFlagsIf(ref text, record.Key.Protocol == Tcp, record.TcpFlags);
        AppendFlagsIf(ref text, record.Key.Protocol == Tcp, record.TcpOptions);
    }

    private static void AppendTimes(ref Utf8Text text, in FlowRecord record)
    {
        text.AppendTime(record.Start);
        text.Append((byte)',');
        text.AppendTime(record.End);
        text.Append((byte)',');
        text.Append(NameOf(record.EndReason));
        text.Append((byte)',');
    }

    private static void AppendDetails(ref Utf8Text text, in FlowRecord record)
    {
        AppendIf(ref text, true, record.MinimumLength);
        AppendIf(ref text, true, record.MaximumLength);
        AppendIf(ref text, true, record.ClassOfService);
        AppendFlagsIf(ref text, true, record.FragmentFlags);
        bool isIPv4 = record.Key.IpVersion == 4;
        AppendFlagsIf(ref text, isIPv4 && record.IpOptions != 0, record.IpOptions);
        AppendFlagsIf(ref text, !isIPv4 && record.IpOptions != 0, record.IpOptions);
        for (int bin = 0; bin < LengthHistogram.Bins; bin++)
        {
            text.Append((ulong)record.LengthHistogram[bin]);
            text.Append(bin < LengthHistogram.Bins - 1 ? (byte)';' : (byte)',');
        }
    }

    private static void AppendByteDistribution(ref Utf8Text text, ReadOnlySpan<uint> counts)
    {
        text.Append((byte)',');
        text.Append(ByteDistribution.Entropy(counts));
        text.Append((byte)',');
        for (int value = 0; value < counts.Length; value++)
        {
            if (value > 0)
                text.Append((byte)' ');
            text.Append((ulong)counts[value]);
        }
    }

    private static void AppendAddress(ref Utf8Text text, in IpAddress address, byte version, byte wantedVersion)
    {
        if (version == wantedVersion)
            text.Append(in address, version);
        text.Append((byte)',');
    }

    private static void AppendIf(ref Utf8Text text, bool condition, ulong number)
    {
        if (condition)
            text.Append(number);
        text.Append((byte)',');
    }

    private static void AppendFlagsIf(ref Utf8Text text, bool condition, ulong flags)
    {
        if (condition)
            text.AppendHex(flags);
        text.Append((byte)',');
    }

    /// <summary>A name in quotes, without what could harm a terminal.</summary>
    private static byte[] Quote(string name)
    {
        string harmless = new([.. name.Select(character => char.IsControl(character) ? '?' : character)]);
        return Encoding.UTF8.GetBytes($"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
    }
}
