using XdpTop.Flows;
using XdpTop.Packets;
using XdpTop.Tests.Packets;
using static XdpTop.Tests.Packets.FrameBuilder;

namespace XdpTop.Tests.Flows;

public sealed class PacketPayloadTests
{
    private static readonly byte[] s_data = [.. Enumerable.Range(100, 50).Select(i => (byte)i)];

    public static TheoryData<string> FrameKinds => [.. FrameKind.All.Keys];

    [Theory]
    [MemberData(nameof(FrameKinds))]
    public void Of_a_frame_of_any_kind_it_is_the_end_of_the_IP_packet(string name)
    {
        FrameKind kind = FrameKind.All[name];
        for (int captured = kind.KeyEnd; captured <= kind.Frame.Length; captured++)
        {
            (ParseResult result, ParsedPacket packet) = PacketText.Parse(kind.LinkType, kind.Frame.AsSpan(0, captured), (uint)kind.Frame.Length);
            Assert.Equal(ParseResult.Metered, result);
            Assert.Equal((uint)kind.IpEnd, packet.IpOffset + packet.IpOctets);
            int start = kind.IpEnd - (int)packet.PayloadOctets;
            int end = Math.Min(kind.IpEnd, captured);
            Assert.Equal(start < end ? kind.Frame[start..end] : [], Payload(packet, kind.Frame[..captured]));
        }
    }

    [Fact]
    public void It_is_what_was_sent()
    {
        byte[] tcp = Tcp(1, 2, options: [1, 1, 1, 1], payload: s_data), udp = Udp(1, 2, s_data);
        Check(Ethernet(0x0800, IPv4(6, tcp)));
        Check(Ethernet(0x0800, IPv4(6, tcp, options: [1, 1, 1, 1]), padTo: 200));
        Check(Ethernet(0x88a8, Vlan(4, 0x8100, Vlan(5, 0x86dd, IPv6(0, Extension(60, Extension(17, udp, 24)))))));
        Check(Ethernet(0x8847, Mpls(IPv4(17, udp), 16, 17, 18), padTo: 200));
        Check(Ethernet(0x8864, Pppoe(0x0021, IPv4(17, udp)), padTo: 200));
        Check(Ethernet((ushort)(8 + 20 + tcp.Length), Snap(IPv4(6, tcp), 0x0800), padTo: 200));
        Check(Ethernet(0x8100, Vlan(5, (ushort)(8 + 20 + tcp.Length), Snap(IPv4(6, tcp), 0x0800)), padTo: 200));
        Check(Ethernet(0x0800, IPv4(132, Sctp(1, 2, s_data))));
        Check(Ethernet(0x0800, IPv4(33, Dccp(1, 2, s_data))));
        Check(Ethernet(0x0800, IPv4(253, s_data), padTo: 200));
        Check(Ethernet(0x86dd, IPv6(44, Fragment(17, udp, 0, more: true, 1))));
        Check(Ethernet(0x86dd, IPv6(44, Fragment(17, s_data, 8, more: false, 1)), padTo: 200));
        Check(Ethernet(0x0800, IPv4(17, s_data, id: 7, fragment: 3), padTo: 200));
        Check(Sll2(0x0800, IPv4(6, tcp)), LinkType.LinuxSll2);
        Check(Join([2, 0, 0, 0], IPv4(6, tcp)), LinkType.Null);
        Check(IPv6(6, tcp), LinkType.RawIp);
    }

    [Fact]
    public void A_jumbogram_has_more_than_its_header_can_say()
    {
        byte[] data = new byte[70_000];
        new Random(1).NextBytes(data);
        byte[] udp = Udp(1, 2, data, length: 0);
        byte[] frame = Ethernet(0x86dd, IPv6(0, Jumbo(17, (uint)udp.Length + 8, udp), payloadLength: 0));
        (_, ParsedPacket packet) = PacketText.Parse(LinkType.Ethernet, frame, (uint)frame.Length);
        Assert.Equal(data, Payload(packet, frame));
    }

    [Fact]
    public void Link_layer_headers_may_be_longer_than_any_packet()
    {
        byte[] frame = Ethernet(0x8847, Mpls(IPv4(17, Udp(1, 2, s_data)), new int[20_000]));
        Check(frame);
    }

    private static void Check(byte[] frame, LinkType linkType = LinkType.Ethernet)
    {
        (ParseResult result, ParsedPacket packet) = PacketText.Parse(linkType, frame, (uint)frame.Length);
        Assert.Equal(ParseResult.Metered, result);
        Assert.Equal(s_data, Payload(packet, frame));
    }

    private static unsafe byte[] Payload(ParsedPacket packet, byte[] frame)
    {
        fixed (byte* _ = frame)
            return PacketPayload.Of(frame, in packet).Bytes.ToArray();
    }
}
