using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace XdpTop.Packets;

/// <summary>
/// Reads the flow key and what a Flow Record needs from a frame. Pure; never throws, never allocates. This file follows
/// the link layer; <see cref="IPv4Parser"/>, <see cref="IPv6Parser"/> and <see cref="TransportParser"/> do the rest.
/// </summary>
/// <remarks>
/// All of them are given what was captured of their layer and its length on the wire, of which the former is never the
/// longer, and tell a header that is not there in two ways: <see cref="ParseResult.Truncated"/> when the capture cut it
/// off, <see cref="ParseResult.Malformed"/> when it was not on the wire either.
/// </remarks>
internal static class PacketParser
{
    private const int EthernetTypeOffset = 12;
    private const int EthernetLength = 14;
    private const int AddressFamilyLength = 4;
    private const int SllTypeOffset = 14;
    private const int SllLength = 16;
    private const int Sll2Length = 20;

    /// <summary>Up to and without <see cref="ParsedPacket.Timestamp"/>, which is the worker's. What follows that is always written.</summary>
    private const int FieldsLength = 80;

    /// <summary>
    /// Reads one frame. <paramref name="frame"/> is what was captured of it, <paramref name="frameOctets"/> its length
    /// on the wire (at least as long). Unless the result is <see cref="ParseResult.Metered"/>,
    /// <paramref name="packet"/> holds nothing of use. If it is, all fields but the timestamp are written.
    /// </summary>
    public static ParseResult Parse(LinkType linkType, ReadOnlySpan<byte> frame, uint frameOctets, ref ParsedPacket packet)
    {
        frameOctets = Math.Max(frameOctets, (uint)frame.Length);
        return linkType == LinkType.Ethernet && PlainPacketParser.TryParse(frame, frameOctets, ref packet)
            ? ParseResult.Metered
            : ParseAny(linkType, frame, frameOctets, ref packet);
    }

    /// <summary>The long way, for all frames: <see cref="Parse"/> has the short one for most. The length is that of the capture at least.</summary>
    internal static ParseResult ParseAny(LinkType linkType, ReadOnlySpan<byte> frame, uint frameOctets, ref ParsedPacket packet)
    {
        MemoryMarshal.AsBytes(new Span<ParsedPacket>(ref packet))[..FieldsLength].Clear();
        packet.FrameOctets = frameOctets;
        if (linkType != LinkType.Ethernet)
        {
            packet.IpOffset = 0;
            return ParseOther(linkType, frame, frameOctets, ref packet);
        }
        if (frame.Length < EthernetLength)
            return Missing(EthernetLength, frameOctets);
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame[EthernetTypeOffset..]);
        ReadOnlySpan<byte> payload = frame[EthernetLength..];
        uint octets = frameOctets - EthernetLength;
        packet.IpOffset = EthernetLength;
        if (type == EtherType.IPv4)
            return IPv4Parser.Parse(payload, octets, ref packet);
        return type < EtherType.Minimum
            ? LinkLayers.ParseLlc(type, payload, octets, ref packet)
            : LinkLayers.Parse(type, payload, octets, ref packet);
    }

    /// <summary>The answer when a layer has not all of the octets that its header takes.</summary>
    internal static ParseResult Missing(uint needed, uint wireOctets) =>
        needed > wireOctets ? ParseResult.Malformed : ParseResult.Truncated;

    private static ParseResult ParseOther(
        LinkType linkType, ReadOnlySpan<byte> frame, uint frameOctets, ref ParsedPacket packet) => linkType switch
        {
            LinkType.Null or LinkType.Loop => ParseAddressFamily(frame, frameOctets, ref packet),
            LinkType.LinuxSll => ParseCooked(frame, SllTypeOffset, SllLength, frameOctets, ref packet),
            LinkType.LinuxSll2 => ParseCooked(frame, 0, Sll2Length, frameOctets, ref packet),
            LinkType.RawIp => LinkLayers.ParseByIpVersion(frame, frameOctets, ref packet),
            LinkType.IPv4 => IPv4Parser.Parse(frame, frameOctets, ref packet),
            LinkType.IPv6 => IPv6Parser.Parse(frame, frameOctets, ref packet),
            _ => ParseResult.NotIp,
        };

    private static ParseResult ParseCooked(
        ReadOnlySpan<byte> frame, int typeOffset, int length, uint frameOctets, ref ParsedPacket packet)
    {
        if (frame.Length < length)
            return Missing((uint)length, frameOctets);
        packet.IpOffset = (uint)length;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame[typeOffset..]);
        return LinkLayers.Parse(type, frame[length..], frameOctets - (uint)length, ref packet);
    }

    /// <summary>
    /// The family is small, so the byte order of the machine that captured shows; AF_INET6's value is its system's.
    /// </summary>
    private static ParseResult ParseAddressFamily(ReadOnlySpan<byte> frame, uint frameOctets, ref ParsedPacket packet)
    {
        const uint inet = 2, inet6Linux = 10, inet6NetBsd = 24, inet6FreeBsd = 28, inet6Darwin = 30;
        if (frame.Length < AddressFamilyLength)
            return Missing(AddressFamilyLength, frameOctets);
        packet.IpOffset = AddressFamilyLength;
        uint family = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        if (family > ushort.MaxValue)
            family = BinaryPrimitives.ReverseEndianness(family);
        ReadOnlySpan<byte> payload = frame[AddressFamilyLength..];
        uint octets = frameOctets - AddressFamilyLength;
        return family switch
        {
            inet => IPv4Parser.Parse(payload, octets, ref packet),
            inet6Linux or inet6NetBsd or inet6FreeBsd or inet6Darwin => IPv6Parser.Parse(payload, octets, ref packet),
            _ => ParseResult.NotIp,
        };
    }
}
