using XdpTop.Packets;
using XdpTop.Tests.Captures;
using XdpTop.Tests.Packets;

namespace XdpTop.Tests.Privileged;

/// <summary>What the parser reads from each packet of a nasty capture, against what tshark reads from it.</summary>
public sealed class ParserAgainstTsharkTests
{
    private static readonly string[] s_fields =
    [
        "frame.protocols", "frame.len", "ieee8021ad.id", "vlan.id", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.proto", "ip.len", "ipv6.plen",
        "ip.ttl", "ipv6.hlim", "ip.dsfield", "ipv6.tclass", "ip.frag_offset", "ip.flags.mf", "ipv6.fraghdr.offset",
        "ipv6.fraghdr.more", "ipv6.fraghdr.nxt", "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.option_kind", "udp.srcport", "udp.dstport",
        "sctp.srcport", "sctp.dstport", "icmp.type", "icmp.code", "icmpv6.type", "icmpv6.code", "igmp.type",
    ];

    private static readonly Dictionary<string, int> s_protocols = new()
    {
        ["tcp"] = 6, ["udp"] = 17, ["udplite"] = 136, ["icmpv6"] = 58, ["sctp"] = 132,
    };

    [Fact]
    public void They_agree_on_every_packet()
    {
        IReadOnlyList<CapturedPacket> packets = NastyCapture.Make(20260101, 5000);
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, NastyCapture.ToPcap(packets));
        var fields = CaptureTools.Fields(path, s_fields);
        File.Delete(path);
        Assert.Equal(packets.Count, fields.Count);
        int[] results = new int[4];
        for (int i = 0; i < packets.Count; i++)
        {
            (ParseResult result, ParsedPacket packet) = PacketText.Parse(LinkType.Ethernet, packets[i].Bytes, packets[i].WireOctets);
            results[(int)result]++;
            string where = $"packet {i + 1}: ";
            if (result == ParseResult.Metered)
            {
                // Of a transport header that was cut off tshark says little, of an IPv4 header without its options next to nothing.
                bool whole = packets[i].Bytes.Length == packets[i].WireOctets;
                if (!whole && packet.IpVersion == 4 && fields[i]["ip.dst"] == "")
                    continue;
                string expected = OfTshark(fields[i], whole);
                if (!whole && expected.Contains(" 0 0 proto", StringComparison.Ordinal))
                    (packet.SourcePort, packet.DestinationPort) = (0, 0);
                Assert.Equal(where + expected, where + OfParser(packet, whole));
            }
            else if (result == ParseResult.NotIp)
                Assert.Equal(where, where + fields[i]["ip.src"] + fields[i]["ipv6.src"]);
            else if (result == ParseResult.Truncated)
                Assert.Equal(where, where + fields[i]["tcp.dstport"] + fields[i]["udp.dstport"] + fields[i]["sctp.dstport"] + fields[i]["icmp.code"]);
        }
        Assert.All(results, count => Assert.True(count > 50));
    }

    private static string OfParser(in ParsedPacket packet, bool whole)
    {
        byte version = packet.IpVersion;
        string vlans = string.Join(',', new[] { packet.OuterVlan, packet.InnerVlan }.Where(vlan => vlan != 0).Select(vlan => vlan & 0xfff));
        return $"{packet.Source.ToString(version)} > {packet.Destination.ToString(version)} {packet.SourcePort} {packet.DestinationPort} "
            + $"proto {packet.Protocol} vlan {vlans} ip {packet.IpOctets} frame {packet.FrameOctets} ttl {packet.Ttl} tos {packet.ClassOfService} "
            + $"fragment {packet.Fragment} tcp {(whole ? packet.TcpFlags : 0):x} {(whole ? packet.TcpOptions : 0):x}";
    }

    private static string OfTshark(IReadOnlyDictionary<string, string> fields, bool whole)
    {
        // Only the first of several values is the packet's own: others are of packets that ICMP quotes.
        string First(string field) => fields[field].Split(',')[0];
        uint Number(string field) => First(field) is "" ? 0 : First(field).StartsWith("0x", StringComparison.Ordinal)
            ? Convert.ToUInt32(First(field), 16)
            : uint.Parse(First(field));
        bool IsSet(string field) => First(field) is "1" or "True";
        bool v6 = fields["ip.src"] == "";
        bool later = Number(v6 ? "ipv6.fraghdr.offset" : "ip.frag_offset") > 0;
        bool first = !later && IsSet(v6 ? "ipv6.fraghdr.more" : "ip.flags.mf");
        string[] layers = fields["frame.protocols"].Split(':');
        uint protocol = !v6 ? Number("ip.proto")
            : later ? Number("ipv6.fraghdr.nxt")
            : layers.FirstOrDefault(s_protocols.ContainsKey) is { } layer ? (uint)s_protocols[layer] : 253;
        (uint source, uint destination) = later ? (0, 0) : protocol switch
        {
            6 => (Number("tcp.srcport"), Number("tcp.dstport")),
            17 or 136 => (Number("udp.srcport"), Number("udp.dstport")),
            132 => (Number("sctp.srcport"), Number("sctp.dstport")),
            1 => (0u, Number("icmp.type") * 256 + Number("icmp.code")),
            58 => (0u, Number("icmpv6.type") * 256 + Number("icmpv6.code")),
            2 => (0u, Number("igmp.type") * 256),
            _ => (0u, 0u),
        };
        uint length = v6 ? Number("ipv6.plen") + 40 : Number("ip.len");
        string vlans = $"{fields["ieee8021ad.id"]},{fields["vlan.id"]}".Trim(',');
        bool tcp = protocol == 6 && !later && whole;
        ulong options = !tcp || fields["tcp.option_kind"] == "" ? 0
            : fields["tcp.option_kind"].Split(',').Aggregate(0ul, (bits, kind) => bits | 1ul << int.Parse(kind));
        return $"{First(v6 ? "ipv6.src" : "ip.src")} > {First(v6 ? "ipv6.dst" : "ip.dst")} {source} {destination} "
            + $"proto {protocol} vlan {vlans} ip {length} frame {fields["frame.len"]} "
            + $"ttl {Number(v6 ? "ipv6.hlim" : "ip.ttl")} tos {Number(v6 ? "ipv6.tclass" : "ip.dsfield")} "
            + $"fragment {(later ? "Later" : first ? "First" : "None")} tcp {(tcp ? Number("tcp.flags") : 0):x} {options:x}";
    }
}
