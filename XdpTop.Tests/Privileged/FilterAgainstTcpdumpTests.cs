using System.Globalization;
using System.Text.Json;
using XdpTop.Tests.Capture;
using static XdpTop.Tests.Packets.FrameBuilder;

namespace XdpTop.Tests.Privileged;

/// <summary>
/// What --filter meters of a capture file is what tcpdump prints of it, for what both languages have. (Where tagged packets are,
/// tcpdump's questions after "vlan" are about what is behind the tag, those before it about what is not tagged.)
/// </summary>
public sealed class FilterAgainstTcpdumpTests : IDisposable
{
    private static readonly string[] s_hosts = ["10.0.0.1", "10.0.0.2", "10.0.1.1", "192.168.0.1"];
    private static readonly string[] s_hosts6 = ["2001:db8::1", "2001:db8::2", "fe80::1"];
    private static readonly int[] s_ports = [22, 53, 80, 443, 8080];

    private static readonly string[] s_simple =
    [
        "host 10.0.0.1", "src host 10.0.0.1", "dst host 2001:db8::1", "src or dst host fe80::1", "src and dst host 10.0.0.2",
        "net 10.0.0.0/23", "net 10", "net 192.168", "src net 10.0.0", "net 2001:db8::/32", "dst net 10.0.0.2/31", "net 0.0.0.0/0", "src 10.0.0.1",
        "port 443", "port https", "src port 53", "dst port 8080", "src and dst port 80", "portrange 1-100", "src portrange 80-443",
        "tcp", "udp", "icmp", "icmp6", "sctp", "ip", "ip6", "igmp", "proto 47", "ip proto 6", "ip6 proto 17",
        "tcp port 443", "udp src port 53", "tcp dst portrange 22-80", "port 80 or 443", "host 10.0.0.1 or 192.168.0.1", "host 10.0.0.1 and 10.0.0.2",
        "not port 80 and 443", "tcp or udp", "!tcp && !udp", "ip6 and not (icmp6 or tcp)",
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-filter").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Of_packets_without_tags()
    {
        Random random = new(5);
        string file = Write([.. Enumerable.Range(0, 500).Select(_ => Frame(random))]);
        string[] random30 = [.. Enumerable.Range(0, 30).Select(_ => Combined(random, depth: 3))];
        Compare(file, [.. s_simple, .. random30]);
    }

    [Fact]
    public void Of_tagged_packets()
    {
        Random random = new(6);
        string file = Write([.. Enumerable.Range(0, 300).Select(_ => Tagged(Frame(random), random.Next(4)))]);
        Compare(file, ["vlan", "vlan 1", "vlan 3 and tcp", "vlan and port 443", "vlan 2 and not (udp or host 10.0.0.1)"]);
    }

    private static void Compare(string file, string[] filters)
    {
        int matched = 0;
        foreach (string filter in filters)
        {
            int expected = Count(file, filter);
            using ProgramRun run = ProgramRun.Start("-r", file, "-b", "--json", "-f", filter);
            Assert.Equal(0, run.WaitForEnd());
            JsonElement summary = run.Summary();
            Assert.True(expected == (int)summary.GetProperty("meteredPackets").GetUInt64(), $"'{filter}': {expected} packets by tcpdump, here {summary.GetProperty("meteredPackets")}");
            Assert.Equal(
                summary.GetProperty("receivedPackets").GetUInt64(),
                summary.GetProperty("meteredPackets").GetUInt64() + summary.GetProperty("ignored").GetProperty("filtered").GetUInt64());
            matched += expected;
        }
        Assert.True(matched > 50 * filters.Length, "nearly nothing matched");
    }

    /// <summary>What tcpdump prints; where it sees that nothing can match, it says so as an error.</summary>
    private static int Count(string file, string filter)
    {
        using OtherProgram tcpdump = new("tcpdump", "-n", "-t", "-q", "--count", "-r", file, filter);
        (int status, string output, string errors) = tcpdump.WaitForExit();
        if (errors.Contains("expression rejects all packets", StringComparison.Ordinal))
            return 0;
        Assert.True(status == 0, $"'{filter}': {errors}");
        return int.Parse(output.Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>With parentheses around everything: "and" binds as "or" does in tcpdump.</summary>
    private static string Combined(Random random, int depth) => depth == 0 || random.Next(4) == 0
        ? s_simple[random.Next(s_simple.Length)]
        : random.Next(3) switch
        {
            0 => $"not ({Combined(random, depth - 1)})",
            1 => $"({Combined(random, depth - 1)}) and ({Combined(random, depth - 1)})",
            _ => $"({Combined(random, depth - 1)}) or ({Combined(random, depth - 1)})",
        };

    private string Write(byte[][] frames)
    {
        string file = Path.Combine(_directory, "f.pcap");
        CaptureFileBuilder builder = new CaptureFileBuilder().PcapHeader();
        foreach (byte[] frame in frames)
            builder.PcapRecord(1_700_000_000, 0, frame);
        File.WriteAllBytes(file, builder.ToArray());
        return file;
    }

    private static byte[] Frame(Random random)
    {
        int source = Pick(random, s_ports), destination = Pick(random, s_ports);
        bool isSix = random.Next(3) == 0;
        (int protocol, byte[] payload) = random.Next(7) switch
        {
            0 => (17, Udp(source, destination)),
            1 => (132, Sctp(source, destination, Filled(4, 0))),
            2 => (isSix ? 58 : 1, TypeAndCode(8, 0)),
            3 => (47, Filled(20, 0)),
            4 when !isSix => (2, TypeAndCode(0x16, 0)),
            _ => (6, Tcp(source, destination)),
        };
        return isSix
            ? Ethernet(0x86dd, IPv6((byte)protocol, payload, Pick(random, s_hosts6), Pick(random, s_hosts6)))
            : Ethernet(0x0800, IPv4((byte)protocol, payload, Pick(random, s_hosts), Pick(random, s_hosts)));
    }

    private static byte[] Tagged(byte[] frame, int vlan) =>
        vlan == 0 ? frame : [.. frame[..12], .. Big16(0x8100), .. Big16(vlan), .. frame[12..]];

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];
}
