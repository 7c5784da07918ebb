using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>Frames of more than a chunk: what two hosts have said on a link with an MTU of 9,000, replayed on another.</summary>
public sealed class JumboFramesTests : IDisposable
{
    private const string Sender = "jumbo0";
    private const string Metered = "jumbo1";

    /// <summary>ping -c 5 -s 8000, which a machine may not have.</summary>
    private const string EchoRequests = """
        import socket, struct
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        for number in range(5):
            message = struct.pack("!BBHHH", 8, 0, 0, 1, number) + bytes(8000)
            total = sum(struct.unpack("!4004H", message))
            total = (total & 0xffff) + (total >> 16)
            checksum = ~(total + (total >> 16)) & 0xffff
            s.sendto(message[:2] + struct.pack("!H", checksum) + message[4:], ("10.9.0.2", 0))
            s.recv(9000)
        """;

    private readonly TapNetwork _network = new("j");
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-jumbo").FullName;

    public JumboFramesTests()
    {
        foreach (TestNamespace host in (TestNamespace[])[_network.Near, _network.Far])
        {
            host.Ip("link", "set", TapNetwork.Link, "mtu", "9000");
            TapNetwork.Offloads(host, "tso", "off", "gso", "off", "gro", "off");
        }
        _network.Near.Ip("link", "add", Sender, "mtu", "9000", "type", "veth", "peer", "name", Metered, "mtu", "9000");
        _network.Near.Ip("link", "set", Sender, "up");
        _network.Near.Ip("link", "set", Metered, "up");
    }

    public void Dispose()
    {
        _network.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("native", "4096")]
    [InlineData("native", "2048")]
    [InlineData("skb", "2048")]
    public void A_jumbo_frame_is_one_packet_of_its_whole_length_as_for_tcpdump(string attach, string frameSize)
    {
        string file = Path.Combine(_directory, "seen.pcap");
        using ProgramRun tcpdump = ProgramRun.StartOther(
            "ip", "netns", "exec", _network.Near.Name, "tcpdump", "-Z", "root", "-i", TapNetwork.Link, "-U", "-w", file, "ip");
        tcpdump.WaitForErrors("listening on");
        TapNetwork.Python(_network.Near, EchoRequests);
        Transfer();
        tcpdump.Signal(ProgramRun.SigInt);
        Assert.Equal(0, tcpdump.WaitForEnd());
        SortedDictionary<string, FlowSum> expected = Seen(file);
        ulong packets = expected.Values.Aggregate(0UL, (sum, flow) => sum + flow.Packets);
        Assert.True(packets > 10 + 1_000_000 / 8948);
        using ProgramRun run = TapNetwork.StartOn(_network.Near, Metered, "--attach", attach, "--frame-size", frameSize);
        TapNetwork.Execute(_network.Near, "tcpreplay", "-q", "--pps", "1000", "-i", Sender, file);
        run.WaitFor(() => run.Output.Contains($"\"meteredPackets\":{packets},", StringComparison.Ordinal), $"{packets} packets");

        Assert.Equal(expected, Metering(TapNetwork.End(run)));
        JsonElement status = run.Summary().GetProperty("interfaces")[0];
        Assert.Equal((attach, true), (status.GetProperty("attach").GetString(), status.GetProperty("multiBuffer").GetBoolean()));
        Assert.Equal(0UL, run.Summary().GetProperty("kernelDrops").GetUInt64());
    }

    [Fact]
    public void Where_frames_fit_they_are_in_one_buffer()
    {
        _network.Near.Ip("link", "set", Metered, "mtu", "1770");
        using ProgramRun run = TapNetwork.StartOn(_network.Near, Metered, "--attach", "skb");
        TapNetwork.End(run);
        Assert.False(run.Summary().GetProperty("interfaces")[0].TryGetProperty("multiBuffer", out _));
    }

    /// <summary>A TCP connection from the near host to the far one, and 1 MB there.</summary>
    private void Transfer()
    {
        using ProgramRun server = ProgramRun.StartOther("ip", "netns", "exec", _network.Far.Name, "/usr/bin/python3", "-u", "-c", """
            import socket
            s = socket.create_server(("10.9.0.2", 7000))
            print("ready")
            c, _ = s.accept()
            while c.recv(65536): pass
            """);
        server.WaitForOutput("ready");
        TapNetwork.Python(_network.Near, """
            import socket
            s = socket.create_connection(("10.9.0.2", 7000))
            s.sendall(bytes(1000000))
            s.close()
            """);
        Assert.Equal(0, server.WaitForEnd());
    }

    /// <summary>By "source protocol", as tshark tells of what tcpdump has written.</summary>
    private static SortedDictionary<string, FlowSum> Seen(string file)
    {
        SortedDictionary<string, FlowSum> sums = new(StringComparer.Ordinal);
        string fields = CaptureTools.Run("tshark", "-n", "-r", file, "-T", "fields", "-e", "ip.src", "-e", "ip.proto", "-e", "ip.len");
        foreach (string[] packet in fields.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')))
            Add(sums, $"{packet[0]} {packet[1]}", 1, ulong.Parse(packet[2], System.Globalization.CultureInfo.InvariantCulture));
        return sums;
    }

    private static SortedDictionary<string, FlowSum> Metering(JsonElement[] flows)
    {
        SortedDictionary<string, FlowSum> sums = new(StringComparer.Ordinal);
        foreach (JsonElement flow in flows)
        {
            Add(
                sums, $"{flow.GetProperty("sourceIPv4Address").GetString()} {flow.GetProperty("protocolIdentifier").GetInt32()}",
                flow.GetProperty("packetDeltaCount").GetUInt64(), flow.GetProperty("octetDeltaCount").GetUInt64());
        }
        return sums;
    }

    private static void Add(SortedDictionary<string, FlowSum> sums, string key, ulong packets, ulong octets)
    {
        FlowSum before = sums.GetValueOrDefault(key, new FlowSum(1, 0, 0));
        sums[key] = new FlowSum(1, before.Packets + packets, before.Octets + octets);
    }
}
