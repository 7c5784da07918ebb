using System.Buffers.Binary;

namespace XdpTop.Packets;

/// <summary>Reads an IPv6 header (RFC 8200 section 3) and its chain of extension headers (section 4).</summary>
internal static class IPv6Parser
{
    private const int PayloadLengthOffset = 4;
    private const int NextHeaderOffset = 6;
    private const int HopLimitOffset = 7;
    private const int SourceOffset = 8;
    private const int DestinationOffset = 24;
    private const int HeaderLength = 40;

    private const int ExtensionLengthOffset = 1;
    private const int ExtensionMinimumLength = 8;
    private const int FragmentLength = 8;
    private const int FragmentOffsetOffset = 2;
    private const int FragmentIdentificationOffset = 4;
    private const ushort FragmentOffsetMask = 0xfff8;
    private const ushort MoreFragments = 0x0001;
    private const byte MoreFragmentsFlag = 0x20;

    /// <summary>
    /// RFC 8200 section 4.1 knows of seven in one packet. A longer chain is made to cost time, and is malformed.
    /// </summary>
    private const int MaximumExtensions = 16;

    private const uint FirstFragmentBit = 1u << 4;
    private const uint LaterFragmentBit = 1u << 6;

    public static ParseResult Parse(ReadOnlySpan<byte> ip, uint octets, ref ParsedPacket packet)
    {
        if (ip.Length < HeaderLength)
            return PacketParser.Missing(HeaderLength, octets);
        ReadOnlySpan<byte> header = ip[..HeaderLength];
        if (header[0] >> 4 != 6)
            return ParseResult.Malformed;
        byte nextHeader = header[NextHeaderOffset];
        uint payloadLength = BinaryPrimitives.ReadUInt16BigEndian(header[PayloadLengthOffset..]);
        if (payloadLength == 0)
            payloadLength = PayloadLengthNotInHeader(nextHeader, ip, octets);
        if (payloadLength > octets - HeaderLength)
            return ParseResult.Malformed;

        packet.Ttl = header[HopLimitOffset];
        packet.ClassOfService = (byte)(BinaryPrimitives.ReadUInt16BigEndian(header) >> 4);
        packet.IpOctets = payloadLength + HeaderLength;
        header.Slice(SourceOffset, IpAddress.Length).CopyTo(packet.Source);
        header.Slice(DestinationOffset, IpAddress.Length).CopyTo(packet.Destination);

        ReadOnlySpan<byte> payload = ip[HeaderLength..];
        if (payload.Length > payloadLength)
            payload = payload[..(int)payloadLength];
        if (IsExtension(nextHeader))
            return ParseExtensions(nextHeader, payload, payloadLength, ref packet);
        packet.SetProtocol(6, nextHeader);
        packet.IpOptions = BitOfHeader(nextHeader);
        return TransportParser.Parse(payload, payloadLength, ref packet);
    }

    private static ParseResult ParseExtensions(
        byte nextHeader, ReadOnlySpan<byte> payload, uint octets, ref ParsedPacket packet)
    {
        for (int i = 0; IsExtension(nextHeader); i++)
        {
            if (i == MaximumExtensions)
                return ParseResult.Malformed;
            if (payload.Length < ExtensionMinimumLength)
                return PacketParser.Missing(ExtensionMinimumLength, octets);
            uint length = LengthOfExtension(nextHeader, payload[ExtensionLengthOffset]);
            if (length > octets)
                return ParseResult.Malformed;
            if (nextHeader == IpProtocol.Fragment)
            {
                // RFC 8200 section 4.1: each extension header but destination options occurs once at most. A second
                // fragment header would make it a matter of taste which packet this is a fragment of.
                if ((packet.IpOptions & (FirstFragmentBit | LaterFragmentBit)) != 0)
                    return ParseResult.Malformed;
                ReadFragment(payload, ref packet);
            }
            else
            {
                packet.IpOptions |= BitOfHeader(nextHeader);
            }
            nextHeader = payload[0];
            payload = length <= payload.Length ? payload[(int)length..] : default;
            octets -= length;
            if (packet.Fragment == FragmentPart.Later)
            {
                packet.SetProtocol(6, nextHeader);
                packet.PayloadOctets = octets;
                return ParseResult.Metered;
            }
        }
        packet.SetProtocol(6, nextHeader);
        packet.IpOptions |= BitOfHeader(nextHeader);
        return TransportParser.Parse(payload, octets, ref packet);
    }

    /// <summary>A fragment header of a packet that is whole (RFC 6946's atomic fragment) leaves no more than its bit.</summary>
    private static void ReadFragment(ReadOnlySpan<byte> header, ref ParsedPacket packet)
    {
        ushort fragment = BinaryPrimitives.ReadUInt16BigEndian(header[FragmentOffsetOffset..]);
        bool later = (fragment & FragmentOffsetMask) != 0;
        bool more = (fragment & MoreFragments) != 0;
        packet.IpOptions |= later ? LaterFragmentBit : FirstFragmentBit;
        if (!later && !more)
            return;
        packet.Fragment = later ? FragmentPart.Later : FragmentPart.First;
        packet.FragmentFlags = more ? MoreFragmentsFlag : (byte)0;
        packet.FragmentId = BinaryPrimitives.ReadUInt32BigEndian(header[FragmentIdentificationOffset..]);
    }

    private static bool IsExtension(byte header) => header is
        IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.Fragment or IpProtocol.DestinationOptions or
        IpProtocol.Ah or IpProtocol.Mobility or IpProtocol.Hip or IpProtocol.Shim6;

    /// <summary>In units of 8 octets that do not count the first, but for AH: of 4, without the first two (RFC 4302).</summary>
    private static uint LengthOfExtension(byte header, byte length) => header switch
    {
        IpProtocol.Fragment => FragmentLength,
        IpProtocol.Ah => (length + 2u) * 4,
        _ => (length + 1u) * 8,
    };

    /// <summary>
    /// A payload length of 0 is that of a jumbogram, of a segment that the network card is still to cut up, or true.
    /// </summary>
    private static uint PayloadLengthNotInHeader(byte nextHeader, ReadOnlySpan<byte> ip, uint octets)
    {
        if (nextHeader == IpProtocol.HopByHopOptions && JumboOption.TryRead(ip[HeaderLength..], out uint jumbo))
            return jumbo;
        bool carriesMore = nextHeader is IpProtocol.Tcp or IpProtocol.Udp || IsExtension(nextHeader);
        return carriesMore ? octets - HeaderLength : 0;
    }

    /// <summary>
    /// The bit of a header in ipv6ExtensionHeaders (64), as IANA's registry of IPFIX Information Elements lists them
    /// (fragment headers apart); bit n is the one worth 2^n. HIP and shim6 were given no bit.
    /// </summary>
    private static uint BitOfHeader(byte header) => header switch
    {
        IpProtocol.DestinationOptions => 1u << 0,
        IpProtocol.HopByHopOptions => 1u << 1,
        IpProtocol.Routing => 1u << 5,
        IpProtocol.Mobility => 1u << 12,
        IpProtocol.Esp => 1u << 13,
        IpProtocol.Ah => 1u << 14,
        IpProtocol.IpComp => 1u << 15,
        _ => 0,
    };
}
