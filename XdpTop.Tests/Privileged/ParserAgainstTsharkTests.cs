using XdpTop.Packets;
using XdpTop.Tests.Captures;
using XdpTop.Tests.Packets;

namespace XdpTop.Tests.Privileged;

/// <summary>What the parser reads from each packet of a nasty capture, against what tshark reads from it.</summary>
public sealed class ParserAgainstTsharkTests
{
    [Fact]
    public void They_agree_on_every_packet()
    {
        IReadOnlyList<CapturedPacket> packets = NastyCapture.Make(20260101, 5000);
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, NastyCapture.ToPcap(packets));
        IReadOnlyList<TsharkPacket> others = TsharkPacket.Read(path);
        File.Delete(path);
        Assert.Equal(packets.Count, others.Count);
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
                if (!whole && packet.IpVersion == 4 && others[i].Destination == "")
                    continue;
                string expected = OfTshark(others[i], whole);
                if (!whole && expected.Contains(" 0 0 proto", StringComparison.Ordinal))
                    (packet.SourcePort, packet.DestinationPort) = (0, 0);
                Assert.Equal(where + expected, where + OfParser(packet, whole));
            }
            else if (result == ParseResult.NotIp)
                Assert.Equal(where, where + others[i].Source);
            else if (result == ParseResult.Truncated && others[i].Protocol is not (1 or 2 or 58)) // their type may be there without the rest
                Assert.Equal(where + "0 0", where + $"{others[i].SourcePort} {others[i].DestinationPort}");
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

    private static string OfTshark(TsharkPacket packet, bool whole) =>
        $"{packet.Source} > {packet.Destination} {packet.SourcePort} {packet.DestinationPort} "
            + $"proto {packet.Protocol} vlan {packet.Vlans} ip {packet.IpOctets} frame {packet.FrameOctets} ttl {packet.Ttl} tos {packet.ClassOfService} "
            + $"fragment {(packet.IsLaterFragment ? "Later" : packet.IsFirstFragment ? "First" : "None")} "
            + $"tcp {(whole ? packet.TcpFlags : 0):x} {(whole ? packet.TcpOptions : 0):x}";
}
