using System.Buffers.Binary;

namespace XdpTop.Packets;

/// <summary>What may stand between the first link layer header and IP: VLAN tags, MPLS labels, PPPoE, LLC/SNAP.</summary>
internal static class LinkLayers
{
    private const int VlanTagLength = 4;
    private const int VlanTypeOffset = 2;
    private const ushort VlanIdMask = 0x0fff;

    private const int MplsEntryLength = 4;
    private const int MplsBottomOffset = 2;
    private const byte MplsBottomOfStack = 0x01;

    private const int PppoeCodeOffset = 1;
    private const int PppoeLengthOffset = 4;
    private const int PppoeHeaderLength = 6;
    private const int PppProtocolLength = 2;
    private const byte PppoeSessionData = 0;
    private const ushort PppIPv4 = 0x0021;
    private const ushort PppIPv6 = 0x0057;

    private const int SnapTypeOffset = 6;
    private const int SnapLength = 8;

    /// <summary>DSAP and SSAP of SNAP, unnumbered information, and the organization code of EtherTypes (RFC 1042).</summary>
    private static ReadOnlySpan<byte> SnapOfEtherTypes => [0xaa, 0xaa, 0x03, 0, 0, 0];

    /// <summary>Follows tags, which are all at least four octets long, to IP or to something that is not IP.</summary>
    public static ParseResult Parse(ushort type, ReadOnlySpan<byte> payload, uint octets, ref ParsedPacket packet)
    {
        while (type is EtherType.Vlan or EtherType.ServiceVlan or EtherType.OldServiceVlan)
        {
            if (payload.Length < VlanTagLength)
                return PacketParser.Missing(VlanTagLength, octets);
            uint vlan = (BinaryPrimitives.ReadUInt16BigEndian(payload) & (uint)VlanIdMask) | ParsedPacket.VlanPresent;
            if (packet.OuterVlan == 0)
                packet.Vlans = vlan;
            else if (packet.InnerVlan == 0)
                packet.Vlans |= vlan << 16;
            type = BinaryPrimitives.ReadUInt16BigEndian(payload[VlanTypeOffset..]);
            payload = payload[VlanTagLength..];
            octets -= VlanTagLength;
            packet.IpOffset += VlanTagLength;
            if (type < EtherType.Minimum)
                return ParseLlc(type, payload, octets, ref packet);
        }
        return type switch
        {
            EtherType.IPv4 => IPv4Parser.Parse(payload, octets, ref packet),
            EtherType.IPv6 => IPv6Parser.Parse(payload, octets, ref packet),
            EtherType.MplsUnicast or EtherType.MplsMulticast => ParseMpls(payload, octets, ref packet),
            EtherType.PppoeSession => ParsePppoe(payload, octets, ref packet),
            _ => ParseResult.NotIp,
        };
    }

    /// <summary>An IEEE 802.3 frame, which has its length where others have the EtherType.</summary>
    public static ParseResult ParseLlc(ushort length, ReadOnlySpan<byte> payload, uint octets, ref ParsedPacket packet)
    {
        if (length < SnapLength)
            return ParseResult.NotIp;
        if (payload.Length < SnapLength)
            return PacketParser.Missing(SnapLength, octets);
        if (!payload.StartsWith(SnapOfEtherTypes))
            return ParseResult.NotIp;
        if (length > octets)
            return ParseResult.Malformed;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(payload[SnapTypeOffset..]);
        packet.IpOffset += SnapLength;
        payload = payload[SnapLength..Math.Min(payload.Length, length)];
        return Parse(type, payload, (uint)length - SnapLength, ref packet);
    }

    /// <summary>Where nothing but the packet's first four bits tells IPv4 from IPv6.</summary>
    public static ParseResult ParseByIpVersion(ReadOnlySpan<byte> payload, uint octets, ref ParsedPacket packet)
    {
        if (payload.IsEmpty)
            return PacketParser.Missing(1, octets);
        return (payload[0] >> 4) switch
        {
            4 => IPv4Parser.Parse(payload, octets, ref packet),
            6 => IPv6Parser.Parse(payload, octets, ref packet),
            _ => ParseResult.NotIp,
        };
    }

    /// <summary>
    /// Labels do not say what they carry (RFC 3032 section 2.2), so after the last the IP version is all there is to
    /// go by. Pseudo-wires begin with a control word, whose first four bits are 0 (RFC 4385), and are not IP.
    /// </summary>
    private static ParseResult ParseMpls(ReadOnlySpan<byte> payload, uint octets, ref ParsedPacket packet)
    {
        bool bottom;
        do
        {
            if (payload.Length < MplsEntryLength)
                return PacketParser.Missing(MplsEntryLength, octets);
            bottom = (payload[MplsBottomOffset] & MplsBottomOfStack) != 0;
            payload = payload[MplsEntryLength..];
            octets -= MplsEntryLength;
            packet.IpOffset += MplsEntryLength;
        }
        while (!bottom);
        return ParseByIpVersion(payload, octets, ref packet);
    }

    /// <summary>RFC 2516 section 6; its length counts the PPP protocol (RFC 1661 section 2) and the packet.</summary>
    private static ParseResult ParsePppoe(ReadOnlySpan<byte> payload, uint octets, ref ParsedPacket packet)
    {
        const int headers = PppoeHeaderLength + PppProtocolLength;
        if (payload.Length < headers)
            return PacketParser.Missing(headers, octets);
        if (payload[PppoeCodeOffset] != PppoeSessionData)
            return ParseResult.NotIp;
        int length = BinaryPrimitives.ReadUInt16BigEndian(payload[PppoeLengthOffset..]) - PppProtocolLength;
        if (length < 0 || length > octets - headers)
            return ParseResult.Malformed;
        ushort protocol = BinaryPrimitives.ReadUInt16BigEndian(payload[PppoeHeaderLength..]);
        packet.IpOffset += headers;
        payload = payload[headers..Math.Min(payload.Length, headers + length)];
        return protocol switch
        {
            PppIPv4 => IPv4Parser.Parse(payload, (uint)length, ref packet),
            PppIPv6 => IPv6Parser.Parse(payload, (uint)length, ref packet),
            _ => ParseResult.NotIp,
        };
    }
}
