using XdpTop.Capture;
using XdpTop.Metering;
using XdpTop.Packets;
using XdpTop.Tests.Packets;

namespace XdpTop.Tests.Metering;

/// <summary>Against a kernel in small: payload cut into segments, each with all headers.</summary>
public sealed class SegmentationTests
{
    [Theory]
    [InlineData(1448, 1, false)]
    [InlineData(1448, 2896, false)]
    [InlineData(1448, 2897, false)]
    [InlineData(1448, 65160, false)]
    [InlineData(536, 64000, true)]
    [InlineData(1, 1000, true)]
    [InlineData(8948, 300_000, true)] // BIG TCP
    public void A_frame_is_as_many_packets_and_octets_as_on_the_wire(int segment, int payload, bool isIPv6)
    {
        (uint headers, ParsedPacket packet) = Tcp(payload, isIPv6);
        int segments = (payload + segment - 1) / segment;
        foreach (FrameOffload offload in (FrameOffload[])
            [
                new((ushort)segments, (ushort)segment, 0, 0),
                new(0, (ushort)segment, 0, 0),
                new((ushort)segments, (ushort)segment, (ushort)headers, 1),
            ])
        {
            ParsedPacket full = packet;
            ParsedPacket last = default;
            Assert.Equal((uint)segments, Segmentation.Split(in offload, ref full, ref last));
            if (segments == 1)
            {
                Assert.Equal(packet.IpOctets, full.IpOctets);
                continue;
            }
            ulong Sum(Func<ParsedPacket, uint> octets) => (ulong)(segments - 1) * octets(full) + octets(last);
            Assert.Equal((ulong)payload, Sum(p => p.PayloadOctets));
            Assert.Equal((ulong)(segments * headers + payload), Sum(p => p.FrameOctets));
            Assert.Equal((ulong)(segments * (headers - 14) + payload), Sum(p => p.IpOctets));
            Assert.Equal((uint)segment, full.PayloadOctets);
            Assert.Equal((0x10, 0x19), (full.TcpFlags, last.TcpFlags)); // FIN and PSH on the last
            Assert.Equal((packet.SourcePort, packet.Protocol), (last.SourcePort, last.Protocol));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(102)]
    public void Of_a_tunnel_each_segment_has_the_inner_headers_too(int headersByKernel)
    {
        // VXLAN over UDP: the parser sees 42 octets of headers, 60 more stand before what is cut.
        const int inner = 60, segment = 1398, segments = 10;
        byte[] frame = FrameBuilder.Ethernet(0x0800, FrameBuilder.IPv4(17, FrameBuilder.Udp(4789, 4789, new byte[inner + segments * segment])));
        ParsedPacket packet = default;
        Assert.Equal(ParseResult.Metered, PacketParser.Parse(LinkType.Ethernet, frame, (uint)frame.Length, ref packet));
        ParsedPacket last = default;
        Assert.Equal((uint)segments, Segmentation.Split(new FrameOffload(segments, segment, (ushort)headersByKernel, 0), ref packet, ref last));
        Assert.Equal((42u + inner + segment, 28u + inner + segment, (uint)(inner + segment)), (packet.FrameOctets, packet.IpOctets, packet.PayloadOctets));
        Assert.Equal(packet.FrameOctets, last.FrameOctets);
    }

    [Fact]
    public void What_does_not_go_together_does_no_harm()
    {
        Random random = new(5);
        for (int i = 0; i < 100_000; i++)
        {
            (_, ParsedPacket packet) = Tcp(random.Next(3000), isIPv6: false);
            ushort Any() => (ushort)(random.Next(3) == 0 ? random.Next(65536) : random.Next(4));
            FrameOffload offload = new(Any(), (ushort)Math.Max(1, (int)Any()), Any(), 0);
            ParsedPacket full = packet;
            ParsedPacket last = default;
            uint segments = Segmentation.Split(in offload, ref full, ref last);
            Assert.InRange(segments, 1u, packet.FrameOctets);
            if (segments > 1)
                Assert.True(last.FrameOctets <= packet.FrameOctets && full.FrameOctets <= packet.FrameOctets + ushort.MaxValue && last.IpOctets <= last.FrameOctets);
            else
                Assert.Equal(packet.FrameOctets, full.FrameOctets);
        }
    }

    private static (uint Headers, ParsedPacket Packet) Tcp(int payload, bool isIPv6)
    {
        // What is cut up later has no length where 16 bits do not do.
        byte[] tcp = FrameBuilder.Tcp(1024, 80, flags: 0x19);
        int? length = tcp.Length + 40 + payload > ushort.MaxValue ? 0 : null;
        byte[] ip = isIPv6
            ? FrameBuilder.IPv6(6, [.. tcp, .. new byte[payload]], payloadLength: length)
            : FrameBuilder.IPv4(6, [.. tcp, .. new byte[payload]], totalLength: length);
        byte[] frame = FrameBuilder.Ethernet((ushort)(isIPv6 ? 0x86dd : 0x0800), ip);
        ParsedPacket packet = default;
        ParseResult result = PacketParser.Parse(LinkType.Ethernet, frame.AsSpan(0, Math.Min(frame.Length, TapRecord.MostCaptured)), (uint)frame.Length, ref packet);
        Assert.Equal(ParseResult.Metered, result);
        return ((uint)(frame.Length - payload), packet);
    }
}
