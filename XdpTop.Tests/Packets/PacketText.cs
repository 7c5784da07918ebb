using System.Runtime.InteropServices;
using System.Text;
using XdpTop.Packets;

namespace XdpTop.Tests.Packets;

/// <summary>Parses into a struct full of what was there before, and writes all fields but the frame's length as text.</summary>
internal static class PacketText
{
    private const long Timestamp = 0x1122334455667788;

    public static (ParseResult Result, ParsedPacket Packet) Parse(LinkType linkType, ReadOnlySpan<byte> frame, uint frameOctets)
    {
        ParsedPacket packet = default;
        MemoryMarshal.AsBytes(new Span<ParsedPacket>(ref packet)).Fill(0xa5);
        packet.Timestamp = Timestamp;
        ParseResult result = PacketParser.Parse(linkType, frame, frameOctets, ref packet);
        Assert.Equal(Timestamp, packet.Timestamp);
        return (result, packet);
    }

    public static ParseResult Result(byte[] ethernet) => Parse(LinkType.Ethernet, ethernet, (uint)ethernet.Length).Result;

    public static string Text(in ParsedPacket packet)
    {
        byte version = packet.IpVersion;
        StringBuilder text = new();
        text.Append($"{packet.Source.ToString(version)} > {packet.Destination.ToString(version)}");
        text.Append($" ports {packet.SourcePort} {packet.DestinationPort} proto {packet.Protocol} ttl {packet.Ttl}");
        text.Append($" ip {packet.IpOctets} payload {packet.PayloadOctets}");
        AddUnlessZero(text, "tos", packet.ClassOfService);
        AddUnlessZero(text, "tcp", packet.TcpFlags);
        AddUnlessZero(text, "tcpopt", packet.TcpOptions);
        AddUnlessZero(text, "ipopt", packet.IpOptions);
        AddUnlessZero(text, "flags", packet.FragmentFlags);
        if (packet.Fragment != FragmentPart.None || packet.FragmentId != 0)
            text.Append($" {packet.Fragment} {packet.FragmentId:x}");
        if (packet.OuterVlan != 0)
            text.Append($" vlan {packet.OuterVlan - 0x1000}");
        if (packet.InnerVlan != 0)
            text.Append($" {packet.InnerVlan - 0x1000}");
        return text.ToString();
    }

    /// <summary>The bytes that are compared as the flow key.</summary>
    public static byte[] Key(ParsedPacket packet) => MemoryMarshal.AsBytes(new Span<ParsedPacket>(ref packet))[..44].ToArray();

    private static void AddUnlessZero(StringBuilder text, string name, ulong value)
    {
        if (value != 0)
            text.Append($" {name} {value:x}");
    }
}
