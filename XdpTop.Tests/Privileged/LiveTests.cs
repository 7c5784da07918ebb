using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>The whole path, from packets on a link to files of Flow Records.</summary>
public sealed class LiveTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-live").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("jsonl", "lj")]
    [InlineData("csv", "lc")]
    [InlineData("ipfix", "li")]
    public void Every_flow_has_exactly_the_packets_and_octets_that_were_sent(string format, string suffix)
    {
        string file = Path.Combine(_directory, $"flows.{format}");
        using KnownTraffic traffic = new(suffix);
        using ProgramRun run = ProgramRun.Start(traffic.Interface, "-b", "--json", "-d", "0.2", "-o", file);
        run.WaitUntilItMeters();
        traffic.Send();
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        Assert.Matches("^xdptop: memory set aside: [1-9][0-9]* MiB, of it [1-9][0-9]* MiB for (one worker|[1-9][0-9]* workers) of 1048576 flows\n$", run.Errors);

        Assert.Equal(traffic.Expected, FlowFiles.Read(file));
        Assert.Equal(traffic.Expected, FlowFiles.OfJson(run.Output));
        Assert.All(FlowFiles.Ended(run.Output), flow => Assert.Equal("forcedEnd", flow.GetProperty("flowEndReason").GetString()));

        JsonElement summary = run.Summary();
        Assert.Equal(traffic.Offered, summary.GetProperty("receivedPackets").GetUInt64());
        Assert.Equal(traffic.Offered, summary.GetProperty("meteredPackets").GetUInt64());
        Assert.All(summary.GetProperty("ignored").EnumerateObject(), ignored => Assert.Equal(0UL, ignored.Value.GetUInt64()));
        Assert.Equal((ulong)traffic.Flows, summary.GetProperty("flows").GetUInt64());
        Assert.Equal(0UL, summary.GetProperty("kernelDrops").GetUInt64());
        Assert.Equal(0UL, summary.GetProperty("recordsDropped").GetUInt64());
    }

    [Fact]
    public void One_worker_reads_several_queues()
    {
        using KnownTraffic traffic = new("lt");
        using ProgramRun run = ProgramRun.Start(traffic.Interface, "-b", "--json", "-d", "0.2", "--threads", "1");
        run.WaitUntilItMeters();
        traffic.Send();
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        Assert.Equal(traffic.Expected, FlowFiles.OfJson(run.Output));
    }

    [Fact]
    public void Interfaces_are_captured_each_in_its_mode()
    {
        using TapNetwork network = new("lm");
        network.Near.Ip("link", "add", "port1", "type", "veth", "peer", "name", "port2");
        network.Near.Ip("link", "set", "port1", "up");
        network.Near.Ip("link", "set", "port2", "up");
        using ProgramRun run = network.Start("port1");
        TapNetwork.Python(network.Near, """
            import socket
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(("port2", 0)); s.send(bytes(60))
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.sendto(b"hello!", ("10.9.0.2", 9))
            """);
        Thread.Sleep(300);
        TapNetwork.End(run);
        JsonElement summary = run.Summary();
        Assert.Equal(["tap", "redirect"], summary.GetProperty("interfaces").EnumerateArray().Select(i => i.GetProperty("mode").GetString()));
        Assert.Equal((3UL, 1UL), (summary.GetProperty("receivedPackets").GetUInt64(), summary.GetProperty("ignored").GetProperty("notIp").GetUInt64()));
    }

    [Theory]
    [InlineData("redirect", false, true)] // as a mirror port
    [InlineData("tap", false, true)]
    [InlineData("tap", true, false)]
    public void An_interface_is_promiscuous_unless_the_host_uses_it(string mode, bool isUsed, bool expected)
    {
        using TapNetwork network = new("lp");
        if (!isUsed)
            network.Near.Ip("address", "flush", "dev", TapNetwork.Link);
        using (ProgramRun run = network.Start("--mode", mode))
            Assert.Equal(expected, IsPromiscuous());
        Assert.True(ProgramRun.Until(() => !IsPromiscuous())); // killed

        // The flags that ip shows are those that were set by hand; the kernel's count has all.
        bool IsPromiscuous() => !network.Near.Ip("-d", "link", "show", TapNetwork.Link).Contains("promiscuity 0 ", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("native", "binding an AF_XDP socket to queue 0 of", "its driver has no zero-copy: use --bind auto")]
    [InlineData("skb", "zero-copy from", "the kernel has copied frames already there: use --attach native, or --bind auto")]
    public void Zero_copy_by_force_fails_with_a_reason_where_there_is_none(string attach, string operation, string reason)
    {
        using KnownTraffic traffic = new("lz");
        (int exitCode, string output, string errors) = ProgramRun.Run(traffic.Interface, "-b", "--attach", attach, "--bind", "zero-copy");
        Assert.Equal((77, ""), (exitCode, output));
        Assert.StartsWith($"xdptop: {operation} {traffic.Interface}", errors, StringComparison.Ordinal);
        Assert.EndsWith($" failed: Operation not supported (errno 95); {reason}\n", errors, StringComparison.Ordinal);
    }
}
