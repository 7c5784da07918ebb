using XdpTop.Capture;

namespace XdpTop.Tests.Privileged;

/// <summary>Export by IPFIX to other people's programs.</summary>
public sealed class ExportToCollectorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-export").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_collector_gets_every_flow_with_what_was_sent()
    {
        using Nfcapd collector = new();
        using KnownTraffic traffic = new("ck");
        using ProgramRun run = ProgramRun.Start(traffic.Interface, "-b", "-d", "0.2", "-e", collector.Url);
        run.WaitUntilItMeters();
        traffic.Send();
        run.Signal(ProgramRun.SigTerm);
        Assert.Equal(0, run.WaitForEnd());
        Assert.Equal(traffic.Expected, collector.Flows());
    }

    [Fact]
    public void A_collector_gets_flows_of_every_kind_as_they_are_written_to_a_file()
    {
        string file = Path.Combine(_directory, "mix.jsonl");
        using Nfcapd collector = new();
        using KnownTraffic traffic = new("cm", TrafficProfile.Mix with { Flows = 300 });
        using ProgramRun run = ProgramRun.Start(
            traffic.Interface, "-b", "--json", "-d", "0.2", "--active-timeout", "1", "-o", file, "-e", collector.Url);
        run.WaitUntilItMeters();
        traffic.Send();
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        SortedDictionary<string, FlowSum> collected = collector.Flows();
        Assert.Equal(FlowFiles.Read(file), collected);
        Assert.Equal(traffic.Offered, collected.Values.Aggregate(0UL, (sum, flow) => sum + flow.Packets));
        Assert.Equal(run.Summary().GetProperty("flows").GetInt32(), collected.Values.Sum(flow => flow.Records));
        foreach (string protocol in (string[])[" 1", " 6", " 17", " 58"])
            Assert.Contains(collected.Keys, key => key.EndsWith(protocol, StringComparison.Ordinal));
        Assert.Contains(collected.Keys, key => key.StartsWith("2001:db8:", StringComparison.Ordinal));
    }

    [Fact]
    public void Wireshark_decodes_every_exported_message_and_finds_nothing_wrong()
    {
        string capture = Path.Combine(_directory, "export.pcap"), file = Path.Combine(_directory, "flows.jsonl");
        int port = FreePort.Find();
        using ProgramRun tcpdump = ProgramRun.StartOther(
            "tcpdump", "-i", "lo", "-w", capture, "-B", "65536", "-s", "0", "-U", "--immediate-mode", "-Z", "root", $"udp dst port {port}");
        tcpdump.WaitForErrors("listening on");
        using KnownTraffic traffic = new("cw", TrafficProfile.Mix with { Flows = 300 });
        using ProgramRun run = ProgramRun.Start(traffic.Interface, "-b", "-d", "0.2", "-o", file, "-e", $"udp://127.0.0.1:{port}");
        // Somebody has to listen there: what is refused is sent again.
        using System.Net.Sockets.UdpClient listener = new(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port));
        run.WaitUntilItMeters();
        traffic.Send(5_000);
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        Assert.DoesNotContain("did not reach", run.Errors, StringComparison.Ordinal);
        // tcpdump gets its packets a moment late: it has them all when its file has stopped growing.
        long length = -1;
        while (length != (length = new FileInfo(capture).Length))
            Thread.Sleep(300);
        tcpdump.Signal(ProgramRun.SigInt);
        Assert.Equal(0, tcpdump.WaitForEnd());
        Assert.Contains("\n0 packets dropped by kernel", tcpdump.Errors, StringComparison.Ordinal);

        string[] decode = ["-n", "-r", capture, "-d", $"udp.port=={port},cflow"];
        Assert.Equal("", CaptureTools.Run("tshark", [.. decode, "-Y", "_ws.malformed || _ws.expert.severity == error || _ws.expert.severity == warning"]));
        string packets = CaptureTools.Run("tshark", [.. decode, "-T", "fields", "-e", "cflow.packets"]);
        ulong[] counts = [.. packets.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(ulong.Parse)];
        Assert.Equal(FlowFiles.Read(file).Values.Sum(flow => flow.Records), counts.Length);
        Assert.Equal(traffic.Offered, counts.Aggregate((a, b) => a + b));
    }
}
