using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace XdpTop.Packets;

/// <summary>Reads an IPv4 header (RFC 791 section 3.1) with its options.</summary>
internal static class IPv4Parser
{
    private const int ClassOfServiceOffset = 1;
    private const int TotalLengthOffset = 2;
    private const int IdentificationOffset = 4;
    private const int FragmentOffset = 6;
    private const int TtlOffset = 8;
    private const int ProtocolOffset = 9;
    private const int SourceOffset = 12;
    private const int DestinationOffset = 16;
    private const int MinimumLength = 20;

    private const byte FragmentFlagsMask = 0xe0;
    private const ushort MoreFragments = 0x2000;
    private const ushort FragmentOffsetMask = 0x1fff;
    private const byte PlainHeader = 0x45;

    public static ParseResult Parse(ReadOnlySpan<byte> ip, uint octets, ref ParsedPacket packet)
    {
        if (ip.Length < MinimumLength)
            return PacketParser.Missing(MinimumLength, octets);
        ReadOnlySpan<byte> header = ip[..MinimumLength];
        int headerLength = MinimumLength;
        if (header[0] != PlainHeader)
        {
            headerLength = (header[0] & 0xf) * sizeof(uint);
            if (header[0] >> 4 != 4 || headerLength < MinimumLength)
                return ParseResult.Malformed;
        }
        uint totalLength = BinaryPrimitives.ReadUInt16BigEndian(header[TotalLengthOffset..]);
        if (totalLength == 0)
            totalLength = octets; // the host hands it to its network card like this, to be cut up and filled in there
        if (totalLength > octets || totalLength < headerLength)
            return ParseResult.Malformed;

        packet.SetProtocol(4, header[ProtocolOffset]);
        packet.Ttl = header[TtlOffset];
        packet.ClassOfService = header[ClassOfServiceOffset];
        packet.IpOctets = totalLength;
        header.Slice(SourceOffset, IpAddress.IPv4Length).CopyTo(packet.Source);
        header.Slice(DestinationOffset, IpAddress.IPv4Length).CopyTo(packet.Destination);

        int captured = (int)Math.Min((uint)ip.Length, totalLength);
        if (headerLength > MinimumLength)
            packet.IpOptions = ReadOptions(ip[MinimumLength..Math.Min(headerLength, captured)]);
        uint payloadOctets = totalLength - (uint)headerLength;
        ushort fragment = BinaryPrimitives.ReadUInt16BigEndian(header[FragmentOffset..]);
        packet.FragmentFlags = (byte)(header[FragmentOffset] & FragmentFlagsMask);
        if ((fragment & (MoreFragments | FragmentOffsetMask)) != 0)
        {
            packet.FragmentId = BinaryPrimitives.ReadUInt16BigEndian(header[IdentificationOffset..]);
            bool later = (fragment & FragmentOffsetMask) != 0;
            packet.Fragment = later ? FragmentPart.Later : FragmentPart.First;
            if (later)
            {
                packet.PayloadOctets = payloadOctets;
                return ParseResult.Metered;
            }
        }
        ReadOnlySpan<byte> payload = headerLength <= captured ? ip[headerLength..captured] : default;
        return TransportParser.Parse(payload, payloadOctets, ref packet);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint ReadOptions(ReadOnlySpan<byte> options)
    {
        uint seen = 0;
        OptionReader reader = new(options);
        while (reader.Next(out byte type))
            seen |= BitOfOption(type);
        return seen;
    }

    /// <summary>
    /// The bit of an option type (all eight bits of it) in ipv4Options (208), as IANA's registry of IPFIX Information
    /// Elements lists them; bit n is the one worth 2^n. Options that were given no bit have none.
    /// </summary>
    internal static uint BitOfOption(byte type) => type switch
    {
        7 => 1u << 0, // RR, Record Route
        134 => 1u << 1, // CIPSO, Commercial Security
        133 => 1u << 2, // E-SEC, Extended Security
        68 => 1u << 3, // TS, Time Stamp
        131 => 1u << 4, // LSR, Loose Source Route
        130 => 1u << 5, // SEC, Security
        1 => 1u << 6, // NOP, No Operation
        0 => 1u << 7, // EOOL, End of Options List
        15 => 1u << 8, // ENCODE
        142 => 1u << 9, // VISA, Experimental Access Control
        205 => 1u << 10, // FINN, Experimental Flow Control
        12 => 1u << 11, // MTUR, MTU Reply
        11 => 1u << 12, // MTUP, MTU Probe
        10 => 1u << 13, // ZSU, Experimental Measurement
        137 => 1u << 14, // SSR, Strict Source Route
        136 => 1u << 15, // SID, Stream ID
        151 => 1u << 16, // DPS, Dynamic Packet State
        150 => 1u << 17, // NSAPA, NSAP Address
        149 => 1u << 18, // SDB, Selective Directed Broadcast
        147 => 1u << 19, // ADDEXT, Address Extension
        148 => 1u << 20, // RTRALT, Router Alert: by the registry's table; the figure beside it has the two the other way round
        82 => 1u << 21, // TR, Traceroute
        145 => 1u << 22, // EIP, Extended Internet Protocol
        144 => 1u << 23, // IMITD, IMI Traffic Descriptor
        30 or 94 or 158 or 222 => 1u << 25, // EXP, RFC 3692-style experiments
        25 => 1u << 30, // QS, Quick-Start
        152 => 1u << 31, // UMP, Upstream Multicast Packet
        _ => 0,
    };
}
