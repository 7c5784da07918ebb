using System.Runtime.InteropServices;
using System.Text.Json;
using XdpTop.Capture;

namespace XdpTop.Tests.Privileged;

/// <summary>Whatever befalls an interface, xdptop says so and goes on when it can; what was counted stays counted.</summary>
public sealed partial class InterfaceLifeTests : IDisposable
{
    private const string Port = "port0"; // captured from
    private const string Peer = "port1"; // sends
    private const int Packets = 100;     // sent at once

    private readonly TestNamespace _network = new("il");
    private int _sent;

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData("redirect")]
    [InlineData("tap")]
    public void A_link_that_is_down_is_waited_for(string mode)
    {
        AddPort();
        using ProgramRun run = Start(Port, "-m", mode);
        Send(run);
        _network.Ip("link", "set", Port, "down");
        WaitForEvent(run, "down");
        _network.Ip("link", "set", Port, "up");
        WaitForEvent(run, "up");
        Send(run);
        _network.Ip("link", "set", Peer, "down");
        WaitForEvent(run, "noCarrier");
        _network.Ip("link", "set", Peer, "up");
        WaitForEvent(run, "up", times: 2);
        Send(run);
        End(run);
        Assert.Contains($"xdptop: {Port}: down: waiting\nxdptop: {Port}: up\nxdptop: {Port}: no carrier: waiting\nxdptop: {Port}: up\n", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redirect", false)]
    [InlineData("redirect", true)]
    [InlineData("tap", false)]
    [InlineData("tap", true)]
    public void An_interface_that_has_gone_is_captured_from_again_when_it_is_back(string mode, bool sameIndex)
    {
        AddPort();
        string index = _network.Ip("-o", "link", "show", Port).Split(':')[0];
        using ProgramRun run = Start(Port, "-m", mode);
        Send(run);
        _network.Ip("link", "delete", Port);
        if (!sameIndex)
            WaitForEvent(run, "gone");
        AddPort(sameIndex ? ["index", index] : []);
        WaitForEvent(run, "back");
        Assert.Single(Events(run, "gone"));
        Send(run);
        JsonElement summary = End(run);
        Assert.Equal(mode, summary.GetProperty("interfaces")[0].GetProperty("mode").GetString());
        Assert.Equal(1UL, summary.GetProperty("flows").GetUInt64()); // the one flow lives on meanwhile
    }

    [Fact]
    public void While_one_has_gone_the_others_are_captured_from()
    {
        AddPort();
        _network.Ip("link", "add", "other0", "type", "veth", "peer", "name", "other1");
        _network.Ip("link", "set", "other0", "up");
        _network.Ip("link", "set", "other1", "up");
        using ProgramRun run = Start("other0", Port);
        _network.Ip("link", "delete", "other0");
        WaitForEvent(run, "gone");
        Send(run);
        End(run);
    }

    [Fact]
    public void What_the_host_has_begun_to_use_is_not_redirected()
    {
        AddPort();
        using ProgramRun run = Start(Port);
        Send(run);
        _network.Ip("address", "add", "192.0.2.1/24", "dev", Port);
        WaitForEvent(run, "inUse");
        Send(run);
        Assert.Equal("", XdpOf(Port));
        _network.Ip("link", "delete", Port);
        WaitForEvent(run, "gone");
        AddPort();
        WaitForEvent(run, "back");
        Send(run);
        Assert.Equal("tap", End(run).GetProperty("interfaces")[0].GetProperty("mode").GetString());
    }

    [Fact]
    public void One_that_comes_back_in_use_is_not_redirected()
    {
        AddPort();
        using ProgramRun run = Start(Port);
        Send(run);
        _network.Ip("link", "delete", Port);
        WaitForEvent(run, "gone");
        AddLinks([]);
        _network.Ip("address", "add", "192.0.2.1/24", "dev", Port);
        _network.Ip("link", "set", Peer, "up");
        _network.Ip("link", "set", Port, "up");
        WaitForEvent(run, "back");
        Assert.Contains("tap tcx", Events(run, "back")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Send(run);
        End(run);
    }

    [Fact]
    public void New_queues_are_read()
    {
        AddPort();
        _network.Execute("ethtool", "-L", Port, "rx", "1", "tx", "1");
        _network.Execute("ethtool", "-L", Peer, "rx", "1", "tx", "1");
        using ProgramRun run = Start(Port, "--attach", "native");
        Send(run);
        _network.Execute("ethtool", "-L", Port, "rx", "3");
        _network.Execute("ethtool", "-L", Peer, "tx", "3");
        WaitForEvent(run, "queuesChanged");
        Assert.Equal("3 RX queues, 1 before: redirect native copy", Events(run, "queuesChanged")[0].GetProperty("message").GetString());
        Send(run);
        JsonElement now = End(run).GetProperty("interfaces")[0];
        Assert.Equal(0UL, now.GetProperty("leftToHost").GetUInt64());
    }

    [Fact]
    public void Other_queues_are_nothing_to_a_tap_but_news()
    {
        AddPort();
        using ProgramRun run = Start(Port, "-m", "tap");
        _network.Execute("ethtool", "-L", Port, "rx", "2");
        WaitForEvent(run, "queuesChanged");
        Assert.Equal("2 RX queues, 4 before", Events(run, "queuesChanged")[0].GetProperty("message").GetString());
        Send(run);
        End(run);
    }

    [Fact]
    public void An_MTU_beyond_what_frames_hold_is_warned_of()
    {
        AddPort();
        using ProgramRun run = Start(Port, "-m", "redirect");
        _network.Ip("link", "set", Port, "mtu", "3000");
        WaitForEvent(run, "mtuChanged");
        run.WaitFor(() => run.Output.Contains("\"notice\":", StringComparison.Ordinal), "warning");
        run.WaitForOutput("MTU 3000: frames beyond 1770 are dropped");
        Send(run);
        End(run);
    }

    [Theory]
    [InlineData("redirect")]
    [InlineData("tap")]
    public void When_somebody_else_detaches_the_programs_that_is_said(string mode)
    {
        // In this process's own network namespace, of which it can tell which links are the other's.
        using VethPair pair = VethPair.Create(TestNetwork.Name("ild"), TestNetwork.Name("ile"), queues: 1);
        HashSet<uint> before = [.. BpfLinks()];
        using ProgramRun run = Start(pair.Name, "-m", mode);
        foreach (uint link in BpfLinks().Where(link => !before.Contains(link)))
            Detach(link, pair.Name);
        WaitForEvent(run, "detached");
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
    }

    private void AddPort(params string[] options)
    {
        AddLinks(options);
        _network.Ip("link", "set", Peer, "up");
        _network.Ip("link", "set", Port, "up");
    }

    private void AddLinks(string[] options)
    {
        _network.Execute("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"); // no packets but the test's
        _network.Ip(["link", "add", Port, .. options, "numrxqueues", "4", "numtxqueues", "4", "type", "veth", "peer", "name", Peer, "numrxqueues", "4", "numtxqueues", "4"]);
    }

    private ProgramRun Start(params string[] arguments)
    {
        bool isHere = arguments[0].StartsWith("xt", StringComparison.Ordinal);
        string[] all = [.. arguments, "-b", "--json", "-d", "0.1", "--cache-size", "1000"];
        ProgramRun run = isHere ? ProgramRun.Start(all) : _network.Start(all);
        run.WaitUntilItMeters();
        return run;
    }

    /// <summary>Sends a hundred packets of one flow, and waits until they have been received.</summary>
    private void Send(ProgramRun run)
    {
        _network.Execute("/usr/bin/python3", "-c", $"""
            import socket
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(("{Peer}", 0))
            frame = bytes.fromhex("ffffffffffff" "020000000001" "0800" "4500001c000000004011000001020304c6336401" "03e807d000080000")
            for n in range({Packets}): s.send(frame)
            """);
        _sent += Packets;
        run.WaitForOutput($"\"receivedPackets\":{_sent},");
    }

    /// <summary>Has it end, and gives the summary, in which all packets are.</summary>
    private JsonElement End(ProgramRun run)
    {
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        JsonElement summary = run.Summary();
        Assert.Equal((ulong)_sent, summary.GetProperty("receivedPackets").GetUInt64());
        Assert.Equal((ulong)_sent, summary.GetProperty("meteredPackets").GetUInt64());
        Assert.Equal(0UL, summary.GetProperty("redirectFailed").GetUInt64());
        Assert.Equal("", XdpOf(Port));
        return summary;
    }

    private string XdpOf(string link) => _network.Ip("link", "show", link).Contains("xdp", StringComparison.Ordinal) ? "xdp" : "";

    private static void WaitForEvent(ProgramRun run, string kind, int times = 1) =>
        run.WaitFor(() => Events(run, kind).Length >= times, $"event {kind}");

    private static JsonElement[] Events(ProgramRun run, string kind) =>
        [.. run.Output.Split('\n').Where(line => line.StartsWith("{\"type\":\"event\"", StringComparison.Ordinal))
            .Select(line => JsonElement.Parse(line))
            .Where(line => line.GetProperty("event").GetString() == kind)];

    /// <summary>The kernel's numbers of all bpf_links.</summary>
    private static unsafe List<uint> BpfLinks()
    {
        List<uint> links = [];
        uint link = 0;
        while (bpf_link_get_next_id(link, &link) == 0)
            links.Add(link);
        return links;
    }

    /// <summary>As 'bpftool link detach' does; of other interfaces' links, nothing.</summary>
    private static unsafe void Detach(uint link, string interfaceName)
    {
        int fd = bpf_link_get_fd_by_id(link);
        if (fd < 0)
            return;
        XdpTop.Native.Libbpf.bpf_link_info info = default;
        uint length = (uint)sizeof(XdpTop.Native.Libbpf.bpf_link_info);
        if (XdpTop.Native.Libbpf.bpf_obj_get_info_by_fd(fd, &info, &length) == 0 && info.xdp == Links.IndexOf(interfaceName))
            Assert.Equal(0, bpf_link_detach(fd));
        _ = Tmds.Linux.LibC.close(fd);
    }

    // int bpf_link_get_next_id(__u32 start_id, __u32 *next_id);
    [LibraryImport("libbpf.so.1")]
    private static unsafe partial int bpf_link_get_next_id(uint start_id, uint* next_id);

    // int bpf_link_get_fd_by_id(__u32 id);
    [LibraryImport("libbpf.so.1")]
    private static partial int bpf_link_get_fd_by_id(uint id);

    // int bpf_link_detach(int link_fd);
    [LibraryImport("libbpf.so.1")]
    private static partial int bpf_link_detach(int link_fd);
}
