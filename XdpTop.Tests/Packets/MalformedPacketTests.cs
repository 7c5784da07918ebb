using XdpTop.Packets;
using static XdpTop.Tests.Packets.FrameBuilder;

namespace XdpTop.Tests.Packets;

public sealed class MalformedPacketTests
{
    private static readonly byte[] s_tcp = Tcp(1, 2, payload: new byte[20]);

    [Theory]
    [InlineData(0x44)]
    [InlineData(0x40)]
    [InlineData(0x65)]
    [InlineData(0x55)]
    [InlineData(0x4f)]
    public void IPv4_whose_version_or_header_length_cannot_be(byte first) =>
        Expect(ParseResult.Malformed, Ethernet(0x0800, IPv4(6, s_tcp, first: first)));

    [Theory]
    [InlineData(19)]
    [InlineData(61)]
    [InlineData(65535)]
    [InlineData(1)]
    public void IPv4_whose_total_length_cannot_be(int totalLength) =>
        Expect(ParseResult.Malformed, Ethernet(0x0800, IPv4(6, s_tcp, totalLength: totalLength)));

    [Fact]
    public void IPv6_whose_version_or_payload_length_cannot_be()
    {
        Expect(ParseResult.Malformed, Ethernet(0x86dd, IPv4(6, Tcp(1, 2, payload: new byte[40]))));
        Expect(ParseResult.Malformed, Ethernet(0x0800, IPv6(6, s_tcp)));
        Expect(ParseResult.Malformed, Ethernet(0x86dd, IPv6(6, s_tcp, payloadLength: 41)));
    }

    [Fact]
    public void IPv6_whose_extension_headers_run_past_its_end()
    {
        byte[] tooLong = Extension(6, s_tcp);
        tooLong[1] = 255;
        Expect(ParseResult.Malformed, Ethernet(0x86dd, IPv6(60, tooLong)));
        Expect(ParseResult.Malformed, Ethernet(0x86dd, IPv6(60, [6, 0, 0, 0])));
        Expect(ParseResult.Malformed, Ethernet(0x86dd, IPv6(0, [])));
        Expect(ParseResult.Malformed, Ethernet(0x86dd, IPv6(44, [6, 0, 0, 1, 0, 0])));
    }

    [Fact]
    public void IPv6_with_two_fragment_headers() =>
        Expect(ParseResult.Malformed, Ethernet(0x86dd, IPv6(44, Fragment(44, Fragment(6, s_tcp, 0, true, 2), 0, true, 1))));

    [Fact]
    public void IPv6_with_a_chain_that_has_no_use()
    {
        byte[] Chain(int count) =>
            Ethernet(0x86dd, IPv6(60, Enumerable.Range(0, count).Aggregate(s_tcp, (rest, i) => Extension((byte)(i == 0 ? 6 : 60), rest))));
        Expect(ParseResult.Metered, Chain(16));
        Expect(ParseResult.Malformed, Chain(17));
        Expect(ParseResult.Malformed, Chain(5000));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0)]
    [InlineData(11)]
    public void TCP_whose_data_offset_cannot_be(int dataOffset)
    {
        Expect(ParseResult.Malformed, Ethernet(0x0800, IPv4(6, Tcp(1, 2, dataOffset: dataOffset, payload: new byte[20]))));
        Expect(ParseResult.Malformed, Ethernet(0x86dd, IPv6(6, Tcp(1, 2, dataOffset: dataOffset, payload: new byte[20]))));
    }

    [Fact]
    public void A_first_fragment_may_end_within_TCPs_options_but_not_have_a_wrong_data_offset()
    {
        Expect(ParseResult.Metered, Ethernet(0x0800, IPv4(6, Tcp(1, 2, dataOffset: 15, payload: [0, 0, 0, 0]), fragment: 0x2000)));
        Expect(ParseResult.Malformed, Ethernet(0x0800, IPv4(6, Tcp(1, 2, dataOffset: 4, payload: [0, 0, 0, 0]), fragment: 0x2000)));
    }

    [Theory]
    [InlineData(6, 20)]
    [InlineData(17, 8)]
    [InlineData(136, 8)]
    [InlineData(132, 12)]
    [InlineData(33, 12)]
    [InlineData(1, 8)]
    [InlineData(2, 8)]
    [InlineData(58, 4)]
    public void A_transport_header_cut_by_the_IP_packets_own_length(byte protocol, int minimum)
    {
        byte[] header = protocol switch
        {
            6 => Tcp(1, 2),
            33 => Dccp(1, 2, [], dataOffset: 3),
            17 or 136 => Udp(1, 2),
            _ => new byte[16],
        };
        for (int length = 0; length < minimum; length++)
        {
            Expect(ParseResult.Malformed, Ethernet(0x0800, IPv4(protocol, header[..length]), padTo: 80));
            Expect(ParseResult.Malformed, Ethernet(0x86dd, IPv6(protocol, header[..length], payloadLength: length), padTo: 200),
                unless: length == 0 && protocol is 6 or 17);
        }
        Expect(ParseResult.Metered, Ethernet(0x0800, IPv4(protocol, header[..minimum]), padTo: 80));
        Expect(ParseResult.Metered, Ethernet(0x86dd, IPv6(protocol, header[..minimum]), padTo: 80));
    }

    [Theory]
    [InlineData(6, 4)]
    [InlineData(17, 4)]
    [InlineData(1, 2)]
    public void A_first_fragment_without_room_for_the_flow_key(byte protocol, int needed)
    {
        byte[] header = Tcp(1, 2);
        Expect(ParseResult.Malformed, Ethernet(0x0800, IPv4(protocol, header[..(needed - 1)], fragment: 0x2000), padTo: 80));
        Expect(ParseResult.Metered, Ethernet(0x0800, IPv4(protocol, header[..needed], fragment: 0x2000), padTo: 80));
    }

    [Theory]
    [InlineData(17, 7, ParseResult.Malformed)]
    [InlineData(17, 0, ParseResult.Malformed)]
    [InlineData(17, 8, ParseResult.Metered)]
    [InlineData(17, 60000, ParseResult.Metered)]
    [InlineData(136, 7, ParseResult.Malformed)]
    [InlineData(136, 0, ParseResult.Metered)]
    public void UDP_whose_length_is_below_its_headers(byte protocol, int length, object result) =>
        Expect((ParseResult)result, Ethernet(0x0800, IPv4(protocol, Udp(1, 2, new byte[10], length))));

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    [InlineData(255)]
    public void DCCP_whose_data_offset_cannot_be(byte dataOffset) =>
        Expect(ParseResult.Malformed, Ethernet(0x0800, IPv4(33, Dccp(1, 2, new byte[10], dataOffset))));

    [Fact]
    public void PPPoE_whose_length_is_not_that_of_what_it_carries()
    {
        byte[] ip = IPv4(6, s_tcp);
        Expect(ParseResult.Malformed, Ethernet(0x8864, Pppoe(0x0021, ip, ip.Length + 3)));
        Expect(ParseResult.Malformed, Ethernet(0x8864, Pppoe(0x0021, ip, ip.Length + 1)));
        Expect(ParseResult.Malformed, Ethernet(0x8864, Pppoe(0x0021, ip, 1)));
        Expect(ParseResult.Metered, Ethernet(0x8864, Pppoe(0x0021, ip), padTo: 200));
    }

    [Fact]
    public void An_802_3_frame_whose_length_is_not_that_of_what_it_carries()
    {
        byte[] snap = Snap(IPv4(6, s_tcp), 0x0800);
        Expect(ParseResult.Malformed, Ethernet((ushort)(snap.Length + 1), snap));
        Expect(ParseResult.Malformed, Ethernet((ushort)(snap.Length - 1), snap));
    }

    [Fact]
    public void Labels_and_tags_that_never_end()
    {
        Expect(ParseResult.Malformed, Ethernet(0x8847, new byte[9000]));
        byte[] tags = [.. Enumerable.Repeat<byte[]>([0, 1, 0x81, 0], 2000).SelectMany(tag => tag)];
        Expect(ParseResult.Malformed, Ethernet(0x8100, tags));
    }

    private static void Expect(ParseResult expected, byte[] frame, bool unless = false)
    {
        if (!unless)
            Assert.Equal(expected, PacketText.Result(frame));
    }
}
