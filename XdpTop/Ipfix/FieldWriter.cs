using System.Buffers.Binary;
using XdpTop.Flows;
using static XdpTop.Ipfix.FlowField;

namespace XdpTop.Ipfix;

/// <summary>What Data Records say besides what is in the Flow Record.</summary>
/// <param name="interfaceIndex">ifIndex of the record's Observation Point; 0 where it has none.</param>
/// <param name="byteDistribution">The record's; empty where it is not counted.</param>
internal readonly ref struct RecordContext(uint interfaceIndex, ReadOnlySpan<uint> byteDistribution)
{
    public uint InterfaceIndex { get; } = interfaceIndex;

    public ReadOnlySpan<uint> ByteDistribution { get; } = byteDistribution;
}

/// <summary>
/// Writes the fields of Data Records, in network byte order. The exporter's innermost loop: one switch for each field and
/// no call through a pointer, as a core is to write millions of records a second.
/// </summary>
internal static class FieldWriter
{
    private const ushort VlanIdMask = 0x0fff;
    private const byte Ingress = 0;

    /// <summary>Writes these fields one after the other; gives how many octets they take together.</summary>
    /// <param name="to">With room for all of them, by their elements' lengths.</param>
    public static int Write(ReadOnlySpan<FlowField> fields, Span<byte> to, in FlowRecord record, RecordContext context)
    {
        ref readonly FlowKey key = ref record.Key;
        int at = 0;
        foreach (FlowField field in fields)
        {
            Span<byte> rest = to[at..];
            at += field switch
            {
                SourceIPv4Address => Put(rest, key.Source.Bytes(4)),
                DestinationIPv4Address => Put(rest, key.Destination.Bytes(4)),
                SourceIPv6Address => Put(rest, key.Source.Bytes(6)),
                DestinationIPv6Address => Put(rest, key.Destination.Bytes(6)),
                SourceTransportPort => Put16(rest, key.SourcePort),
                // Type · 256 + code stand in the key's port.
                DestinationTransportPort or IcmpTypeCodeIPv4 or IcmpTypeCodeIPv6 => Put16(rest, key.DestinationPort),
                IgmpType or IcmpTypeIPv4 or IcmpTypeIPv6 => Put8(rest, (byte)(key.DestinationPort >> 8)),
                IcmpCodeIPv4 or IcmpCodeIPv6 => Put8(rest, (byte)key.DestinationPort),
                ProtocolIdentifier => Put8(rest, key.Protocol),
                IpVersion => Put8(rest, key.IpVersion),
                VlanId or Dot1qVlanId => Put16(rest, (ushort)(key.OuterVlan & VlanIdMask)),
                Dot1qCustomerVlanId => Put16(rest, (ushort)(key.InnerVlan & VlanIdMask)),
                PacketDeltaCount => Put64(rest, record.Packets),
                OctetDeltaCount => Put64(rest, record.Octets),
                PayloadOctets => Put64(rest, record.PayloadOctets),
                Layer2OctetDeltaCount => Put64(rest, record.Layer2Octets),
                MinimumTTL => Put8(rest, record.MinimumTtl),
                MaximumTTL => Put8(rest, record.MaximumTtl),
                TcpControlBits => Put16(rest, record.TcpFlags),
                TcpOptions => Put64(rest, record.TcpOptions),
                FlowStartSeconds => Put32(rest, Timestamps.ToSeconds(record.Start)),
                FlowEndSeconds => Put32(rest, Timestamps.ToSeconds(record.End)),
                FlowStartMilliseconds => Put64(rest, Timestamps.ToMilliseconds(record.Start)),
                FlowEndMilliseconds => Put64(rest, Timestamps.ToMilliseconds(record.End)),
                FlowStartMicroseconds => Put64(rest, Timestamps.ToNtpMicroseconds(record.Start)),
                FlowEndMicroseconds => Put64(rest, Timestamps.ToNtpMicroseconds(record.End)),
                FlowStartNanoseconds => Put64(rest, Timestamps.ToNtp(record.Start)),
                FlowEndNanoseconds => Put64(rest, Timestamps.ToNtp(record.End)),
                FlowDurationMilliseconds => Put32(rest, Timestamps.Milliseconds(record.Start, record.End)),
                FlowField.FlowEndReason => Put8(rest, (byte)record.EndReason),
                MinimumIpTotalLength => Put16(rest, record.MinimumLength),
                MaximumIpTotalLength => Put16(rest, record.MaximumLength),
                IpClassOfService => Put8(rest, record.ClassOfService),
                FragmentFlags => Put8(rest, record.FragmentFlags),
                Ipv4Options or Ipv6ExtensionHeaders => Put32(rest, record.IpOptions),
                PacketLengthHistogram => PutCounts(rest, record.LengthHistogram),
                IngressInterface => Put32(rest, key.Direction == Ingress ? context.InterfaceIndex : 0),
                EgressInterface => Put32(rest, key.Direction == Ingress ? 0 : context.InterfaceIndex),
                FlowDirection => Put8(rest, key.Direction),
                PayloadEntropy => PutDouble(rest, ByteDistribution.Entropy(context.ByteDistribution)),
                PayloadByteDistribution => PutCounts(rest, context.ByteDistribution),
                _ => throw new ArgumentOutOfRangeException(nameof(fields), field, "no field of Data Records"),
            };
        }
        return at;
    }

    private static int Put(Span<byte> to, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to);
        return bytes.Length;
    }

    private static int Put8(Span<byte> to, byte value)
    {
        to[0] = value;
        return sizeof(byte);
    }

    private static int Put16(Span<byte> to, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, value);
        return sizeof(ushort);
    }

    private static int Put32(Span<byte> to, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, value);
        return sizeof(uint);
    }

    private static int Put64(Span<byte> to, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(to, value);
        return sizeof(ulong);
    }

    private static int PutDouble(Span<byte> to, double value)
    {
        BinaryPrimitives.WriteDoubleBigEndian(to, value);
        return sizeof(double);
    }

    private static int PutCounts(Span<byte> to, ReadOnlySpan<uint> counts)
    {
        for (int i = 0; i < counts.Length; i++)
            Put32(to[(sizeof(uint) * i)..], counts[i]);
        return sizeof(uint) * counts.Length;
    }
}
