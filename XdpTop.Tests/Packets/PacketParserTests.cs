using XdpTop.Packets;
using static XdpTop.Tests.Packets.FrameBuilder;

namespace XdpTop.Tests.Packets;

public sealed class PacketParserTests
{
    public static TheoryData<string> Kinds => [.. FrameKind.All.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Everything_is_read_from_a_whole_frame(string name)
    {
        FrameKind kind = FrameKind.All[name];
        (ParseResult result, ParsedPacket packet) = PacketText.Parse(kind.LinkType, kind.Frame, (uint)kind.Frame.Length);
        Assert.Equal(ParseResult.Metered, result);
        Assert.Equal(kind.Expected, PacketText.Text(packet));
        Assert.Equal((uint)kind.Frame.Length, packet.FrameOctets);
        Assert.Equal(0, packet.Direction);
        Assert.Equal(kind.Frame.Length == kind.IpEnd, !name.Contains("padding") && name != "802.3 with SNAP");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_flow_key_has_no_stray_bytes(string name)
    {
        FrameKind kind = FrameKind.All[name];
        byte[] key = PacketText.Key(PacketText.Parse(kind.LinkType, kind.Frame, (uint)kind.Frame.Length).Packet);
        if (key[41] == 4)
        {
            Assert.Equal(new byte[12], key[4..16]);
            Assert.Equal(new byte[12], key[20..32]);
        }
        Assert.Equal(0, key[43]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_capture_cut_short_is_metered_from_the_end_of_the_flow_key_on(string name)
    {
        FrameKind kind = FrameKind.All[name];
        uint wire = (uint)kind.Frame.Length;
        ParsedPacket whole = PacketText.Parse(kind.LinkType, kind.Frame, wire).Packet;
        for (int length = 0; length < kind.Frame.Length; length++)
        {
            (ParseResult result, ParsedPacket packet) = PacketText.Parse(kind.LinkType, kind.Frame.AsSpan(0, length), wire);
            Assert.Equal((length, length < kind.KeyEnd ? ParseResult.Truncated : ParseResult.Metered), (length, result));
            if (result != ParseResult.Metered)
                continue;
            Assert.Equal(PacketText.Key(whole), PacketText.Key(packet));
            Assert.Equal((whole.IpOctets, whole.FrameOctets), (packet.IpOctets, packet.FrameOctets));
            Assert.Equal(0ul, packet.TcpOptions & ~whole.TcpOptions);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_frame_that_was_shorter_on_the_wire_than_its_IP_packet_is_malformed(string name)
    {
        FrameKind kind = FrameKind.All[name];
        for (int length = 0; length <= kind.Frame.Length; length++)
        {
            ParseResult result = PacketText.Parse(kind.LinkType, kind.Frame.AsSpan(0, length), (uint)length).Result;
            // The length that an 802.3 frame states goes for the frame, but is reached here with the packet's end.
            Assert.Equal((length, length < kind.IpEnd ? ParseResult.Malformed : ParseResult.Metered), (length, result));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_wire_length_below_what_was_captured_is_taken_as_what_was_captured(string name)
    {
        FrameKind kind = FrameKind.All[name];
        (ParseResult result, ParsedPacket packet) = PacketText.Parse(kind.LinkType, kind.Frame, 3);
        Assert.Equal((ParseResult.Metered, kind.Expected), (result, PacketText.Text(packet)));
        Assert.Equal((uint)kind.Frame.Length, packet.FrameOctets);
    }

    [Fact]
    public void TCP_whose_data_offset_was_not_captured_is_taken_to_have_no_options()
    {
        byte[] frame = Ethernet(0x0800, IPv4(6, Tcp(1, 2, options: new byte[20], payload: new byte[100])));
        ParsedPacket packet = PacketText.Parse(LinkType.Ethernet, frame.AsSpan(0, 46), (uint)frame.Length).Packet;
        Assert.Equal("10.0.0.1 > 10.0.0.2 ports 1 2 proto 6 ttl 64 ip 160 payload 120", PacketText.Text(packet));
    }

    [Fact]
    public void TCP_options_are_read_as_far_as_they_were_captured()
    {
        byte[] frame = Ethernet(0x0800, IPv4(6, Tcp(1, 2, options: [2, 4, 5, 0xb4, 4, 2, 3, 3])));
        ParsedPacket packet = PacketText.Parse(LinkType.Ethernet, frame.AsSpan(0, 60), (uint)frame.Length).Packet;
        Assert.Equal((1ul << 2) | (1ul << 4), packet.TcpOptions);
    }

    [Fact]
    public void An_IPv4_length_of_0_is_the_length_on_the_wire()
    {
        byte[] frame = Ethernet(0x0800, IPv4(6, Tcp(1, 2, payload: new byte[70_000]), totalLength: 0));
        ParsedPacket packet = PacketText.Parse(LinkType.Ethernet, frame, (uint)frame.Length).Packet;
        Assert.Equal((70_040u, 70_000u), (packet.IpOctets, packet.PayloadOctets));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(60)]
    public void An_IPv6_payload_length_of_0_is_the_length_on_the_wire_for_a_segment(byte next)
    {
        byte[] payload = Tcp(1, 2, payload: new byte[70_000]);
        payload = next == 6 ? payload : Extension(6, payload);
        byte[] frame = Ethernet(0x86dd, IPv6(next, payload, payloadLength: 0));
        (ParseResult result, ParsedPacket packet) = PacketText.Parse(LinkType.Ethernet, frame.AsSpan(0, 200), (uint)frame.Length);
        Assert.Equal((ParseResult.Metered, 40 + (uint)payload.Length), (result, packet.IpOctets));
        Assert.Equal(70_000u, packet.PayloadOctets);
    }

    [Theory]
    [InlineData(59)]
    [InlineData(50)]
    [InlineData(200)]
    public void An_IPv6_payload_length_of_0_is_true_where_nothing_need_follow(byte next)
    {
        byte[] frame = Ethernet(0x86dd, IPv6(next, [], payloadLength: 0), padTo: 60);
        ParsedPacket packet = PacketText.Parse(LinkType.Ethernet, frame, (uint)frame.Length).Packet;
        Assert.Equal((40u, 0u), (packet.IpOctets, packet.PayloadOctets));
    }

    [Fact]
    public void A_jumbogram_has_the_length_of_its_option()
    {
        byte[] payload = Jumbo(17, 8 + 8 + 70_000, Udp(1, 2, new byte[70_000], length: 0));
        byte[] frame = Ethernet(0x86dd, Join(IPv6(0, payload, payloadLength: 0), Filled(9, 0xee)));
        ParsedPacket packet = PacketText.Parse(LinkType.Ethernet, frame.AsSpan(0, 70), (uint)frame.Length).Packet;
        Assert.Equal("2001:db8::1 > 2001:db8::2 ports 1 2 proto 17 ttl 64 ip 70056 payload 70000 ipopt 2", PacketText.Text(packet));
        Assert.Equal(ParseResult.Malformed, PacketText.Result(frame[..^10]));
    }

    [Theory]
    [InlineData(0x1ff)]
    [InlineData(9)]
    [InlineData(277)]
    public void A_frame_of_an_unknown_link_type_is_not_IP(int linkType)
    {
        byte[] frame = Ethernet(0x0800, IPv4(6, Tcp(1, 2)));
        Assert.Equal(ParseResult.NotIp, PacketText.Parse((LinkType)linkType, frame, (uint)frame.Length).Result);
    }

    [Fact]
    public void Frames_that_hold_no_IP_are_not_IP()
    {
        byte[][] frames =
        [
            Ethernet(0x0806, new byte[28], 60),
            Ethernet(0x88cc, new byte[40]),
            Ethernet(0x0806, []),
            Ethernet(38, Join([0x42, 0x42, 3], new byte[35])),
            Ethernet(3, [0x42, 0x42, 3], 60),
            Ethernet(0, new byte[46]),
            Ethernet(38, Join([0xaa, 0xaa, 3, 0, 0, 0xc, 0x08, 0x00], new byte[30])),
            Ethernet(48, Snap(new byte[40], 0x809b)),
            Ethernet(0x8100, Vlan(1, 0x0806, new byte[28])),
            Ethernet(0x8847, Mpls(new byte[40], 16)),
            Ethernet(0x8864, Pppoe(0xc021, new byte[10])),
            Ethernet(0x8864, Join([0x11, 0xa7, 0, 1, 0, 0], new byte[20])),
            Ethernet(0x8863, new byte[40]),
        ];
        Assert.All(frames, frame => Assert.Equal(ParseResult.NotIp, PacketText.Result(frame)));
        Assert.Equal(ParseResult.NotIp, PacketText.Parse(LinkType.Null, new byte[60], 60).Result);
        Assert.Equal(ParseResult.NotIp, PacketText.Parse(LinkType.RawIp, new byte[60], 60).Result);
        Assert.Equal(ParseResult.NotIp, PacketText.Parse(LinkType.LinuxSll, Sll(4, new byte[60]), 76).Result);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(101)]
    [InlineData(108)]
    [InlineData(113)]
    [InlineData(228)]
    [InlineData(229)]
    [InlineData(276)]
    public void An_empty_frame_is_malformed_or_truncated(int linkType)
    {
        Assert.Equal(ParseResult.Malformed, PacketText.Parse((LinkType)linkType, [], 0).Result);
        Assert.Equal(ParseResult.Truncated, PacketText.Parse((LinkType)linkType, [], 60).Result);
    }
}
