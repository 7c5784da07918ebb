using System.Buffers.Binary;

namespace XdpTop.Packets;

/// <summary>
/// Reads what follows the IP headers of a whole packet or of a first fragment: ports, or type and code, and TCP's flags
/// and options. By protocol number alone: ICMPv6 in an IPv4 packet is read as what it says it is.
/// </summary>
/// <remarks>
/// A header that ends before its fixed part does, or says of itself that it is shorter than that or longer than the
/// packet, is malformed: then what stands where the ports should be is not to be trusted either. A first fragment may
/// end within the header, though not within the flow key. UDP's length is often at odds with IP's, which is counted.
/// </remarks>
internal static class TransportParser
{
    private const int PortsLength = 4;

    private const int TcpDataOffsetOffset = 12;
    private const int TcpMinimumLength = 20;
    private const ushort TcpFlagsMask = 0x0fff;
    private const byte TcpLargestOption = 63;

    private const int UdpLengthOffset = 4;
    private const int UdpLength = 8;

    private const int SctpLength = 12;

    private const int DccpDataOffsetOffset = 4;
    private const int DccpMinimumLength = 12;

    private const int TypeAndCodeLength = 2;
    private const int IcmpLength = 8;
    private const int IcmpV6Length = 4;
    private const int IgmpLength = 8;

    /// <param name="payload">What was captured of the IP payload.</param>
    /// <param name="octets">The IP payload's length by the IP header.</param>
    public static ParseResult Parse(ReadOnlySpan<byte> payload, uint octets, ref ParsedPacket packet) => packet.Protocol switch
    {
        IpProtocol.Tcp => ParseTcp(payload, octets, ref packet),
        IpProtocol.Udp => ParseUdp(payload, octets, ref packet),
        IpProtocol.Icmp => ParseTypeAndCode(payload, octets, IcmpLength, ref packet),
        IpProtocol.IcmpV6 => ParseTypeAndCode(payload, octets, IcmpV6Length, ref packet),
        IpProtocol.Igmp => ParseTypeAndCode(payload, octets, IgmpLength, ref packet),
        IpProtocol.UdpLite => ParseUdp(payload, octets, ref packet),
        IpProtocol.Sctp => ParseSctp(payload, octets, ref packet),
        IpProtocol.Dccp => ParseDccp(payload, octets, ref packet),
        _ => ParseWithoutPorts(octets, ref packet),
    };

    private static ParseResult ParseTcp(ReadOnlySpan<byte> header, uint octets, ref ParsedPacket packet)
    {
        if (ReadPorts(header, octets, TcpMinimumLength, ref packet) is var result && result != ParseResult.Metered)
            return result;
        uint headerLength = TcpMinimumLength;
        if (header.Length >= TcpDataOffsetOffset + sizeof(ushort))
        {
            ushort offsetAndFlags = BinaryPrimitives.ReadUInt16BigEndian(header[TcpDataOffsetOffset..]);
            headerLength = (uint)(offsetAndFlags >> 12) * sizeof(uint);
            if (!HeaderLengthCanBe(headerLength, TcpMinimumLength, octets, in packet))
                return ParseResult.Malformed;
            packet.TcpFlags = (ushort)(offsetAndFlags & TcpFlagsMask);
            if (headerLength > TcpMinimumLength && header.Length > TcpMinimumLength)
                packet.TcpOptions = ReadTcpOptions(header[TcpMinimumLength..Math.Min(header.Length, (int)headerLength)]);
        }
        packet.PayloadOctets = After(headerLength, octets);
        return ParseResult.Metered;
    }

    /// <summary>tcpOptions (209): the bit worth 2^kind for each kind up to 63; there are no bits for the others.</summary>
    private static ulong ReadTcpOptions(ReadOnlySpan<byte> options)
    {
        ulong seen = 0;
        OptionReader reader = new(options);
        while (reader.Next(out byte kind))
        {
            if (kind <= TcpLargestOption)
                seen |= 1ul << kind;
        }
        return seen;
    }

    /// <summary>UDP, and UDP-Lite, which has its checksum's coverage in the length's place (RFC 3828 section 3.1).</summary>
    private static ParseResult ParseUdp(ReadOnlySpan<byte> header, uint octets, ref ParsedPacket packet)
    {
        if (ReadPorts(header, octets, UdpLength, ref packet) is var result && result != ParseResult.Metered)
            return result;
        if (header.Length >= UdpLengthOffset + sizeof(ushort))
        {
            ushort length = BinaryPrimitives.ReadUInt16BigEndian(header[UdpLengthOffset..]);
            // 0 is what jumbograms have (RFC 2675 section 4), and means the whole packet as a coverage.
            bool mayBeZero = octets > ushort.MaxValue || packet.Protocol == IpProtocol.UdpLite;
            if (length < UdpLength && !(length == 0 && mayBeZero))
                return ParseResult.Malformed;
        }
        packet.PayloadOctets = After(UdpLength, octets);
        return ParseResult.Metered;
    }

    private static ParseResult ParseSctp(ReadOnlySpan<byte> header, uint octets, ref ParsedPacket packet)
    {
        packet.PayloadOctets = After(SctpLength, octets);
        return ReadPorts(header, octets, SctpLength, ref packet);
    }

    private static ParseResult ParseDccp(ReadOnlySpan<byte> header, uint octets, ref ParsedPacket packet)
    {
        if (ReadPorts(header, octets, DccpMinimumLength, ref packet) is var result && result != ParseResult.Metered)
            return result;
        uint headerLength = DccpMinimumLength;
        if (header.Length > DccpDataOffsetOffset)
        {
            headerLength = header[DccpDataOffsetOffset] * (uint)sizeof(uint);
            if (!HeaderLengthCanBe(headerLength, DccpMinimumLength, octets, in packet))
                return ParseResult.Malformed;
        }
        packet.PayloadOctets = After(headerLength, octets);
        return ParseResult.Metered;
    }

    private static ParseResult ParseTypeAndCode(
        ReadOnlySpan<byte> header, uint octets, uint minimumLength, ref ParsedPacket packet)
    {
        if (octets < minimumLength && packet.Fragment == FragmentPart.None)
            return ParseResult.Malformed;
        if (header.Length < TypeAndCodeLength)
            return PacketParser.Missing(TypeAndCodeLength, octets);
        packet.DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(header);
        return ParseWithoutPorts(octets, ref packet);
    }

    private static ParseResult ParseWithoutPorts(uint octets, ref ParsedPacket packet)
    {
        packet.PayloadOctets = octets;
        return ParseResult.Metered;
    }

    private static ParseResult ReadPorts(
        ReadOnlySpan<byte> header, uint octets, uint minimumLength, ref ParsedPacket packet)
    {
        if (octets < minimumLength && packet.Fragment == FragmentPart.None)
            return ParseResult.Malformed;
        if (header.Length < PortsLength)
            return PacketParser.Missing(PortsLength, octets);
        packet.SetPorts(BinaryPrimitives.ReadUInt32BigEndian(header));
        return ParseResult.Metered;
    }

    private static bool HeaderLengthCanBe(uint length, uint minimum, uint octets, ref readonly ParsedPacket packet) =>
        length >= minimum && (length <= octets || packet.Fragment == FragmentPart.First);

    private static uint After(uint headerLength, uint octets) => octets > headerLength ? octets - headerLength : 0;
}
