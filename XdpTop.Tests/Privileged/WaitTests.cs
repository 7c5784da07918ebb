using System.Globalization;
using System.Text.Json;
using XdpTop.Capture;

namespace XdpTop.Tests.Privileged;

/// <summary>What workers do without packets, and what of that is seen from outside.</summary>
public sealed class WaitTests
{
    private static readonly string[] s_settings = ["napi_defer_hard_irqs", "gro_flush_timeout"];

    [Theory]
    [InlineData("busy-poll", 1, "wb")]
    [InlineData("busy-poll", 2, "wc")]
    [InlineData("spin", 1, "ws")]
    [InlineData("spin", 2, "wt")]
    public void However_workers_wait_all_packets_are_metered(string wait, int threads, string suffix)
    {
        using KnownTraffic traffic = new(suffix);
        using ProgramRun run = ProgramRun.Start(traffic.Interface, "-b", "--json", "-d", "0.2", "--wait", wait, "-t", $"{threads}");
        run.WaitUntilItMeters();
        Assert.Equal(wait == "busy-poll" ? "2 200000" : "0 0", Settings(traffic.Interface));
        traffic.Send();
        // A veth's queue has 256 places: where nobody polls it for some ms, as workers' cores have other work, frames are refused.
        ulong arrived = traffic.Offered - Refused(traffic.Sender);
        run.WaitForOutput($"\"meteredPackets\":{arrived},");
        // Linux 6.18's veth does not tell AF_XDP its NAPI, so there is nothing that busy polling could run.
        if (wait == "busy-poll")
            run.WaitForOutput("\"event\":\"noEffect\",\"message\":\"busy polling has no effect on ");
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        Assert.Equal("0 0", Settings(traffic.Interface));
        SortedDictionary<string, FlowSum> flows = FlowFiles.OfJson(run.Output);
        Assert.Equal(traffic.Expected.Keys, flows.Keys);
        Assert.Equal(arrived, flows.Values.Aggregate(0UL, (sum, flow) => sum + flow.Packets));
        JsonElement status = run.Summary().GetProperty("interfaces")[0];
        Assert.Equal((wait, "native"), (status.GetProperty("wait").GetString(), status.GetProperty("attach").GetString()));
    }

    [Fact]
    public void Killed_while_it_polls_busily_the_next_one_restores_the_settings_and_says_so()
    {
        using VethPair pair = VethPair.Create(TestNetwork.Name("wkr"), TestNetwork.Name("wks"), 1);
        Set(pair.Name, "gro_flush_timeout", 30_000); // the administrator's: stays
        using (ProgramRun killed = ProgramRun.Start(pair.Name, "-b", "-d", "0.2", "--wait", "busy-poll"))
        {
            killed.WaitUntilItMeters();
            Assert.Equal("2 30000", Settings(pair.Name));

            // What belongs to a living one stays, too.
            Assert.DoesNotContain(pair.Name, RunElsewhere(), StringComparison.Ordinal);
            Assert.Equal("2 30000", Settings(pair.Name));
        }
        Assert.Equal("2 30000", Settings(pair.Name));
        RunElsewhereUntil($"xdptop: {pair.Name}: an xdptop that was killed had left interrupts put off; napi_defer_hard_irqs is 0 again\n");
        Assert.Equal("0 30000", Settings(pair.Name));
        Assert.DoesNotContain(pair.Name, RunElsewhere(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_changed_since_is_left_as_it_is()
    {
        using VethPair pair = VethPair.Create(TestNetwork.Name("wor"), TestNetwork.Name("wos"), 1);
        using (ProgramRun killed = ProgramRun.Start(pair.Name, "-b", "-d", "0.2", "--wait", "busy-poll"))
            killed.WaitUntilItMeters();
        Set(pair.Name, "napi_defer_hard_irqs", 5);
        RunElsewhereUntil("gro_flush_timeout is 0 again\n");
        Assert.Equal("5 0", Settings(pair.Name));
    }

    [Fact]
    public void Where_the_settings_cannot_be_written_it_says_so_and_leaves_nothing()
    {
        using TestNamespace network = new("wr");
        network.Ip("link", "add", "port0", "type", "veth", "peer", "name", "port1");
        using ProgramRun run = ProgramRun.StartOther(
            "ip", "netns", "exec", network.Name, "sh", "-c", $"mount -o remount,ro /sys && exec {ProgramRun.ShellName} port0 -b --wait busy-poll");
        Assert.Equal(1, run.WaitForEnd());
        Assert.Matches(
            "^xdptop: busy polling takes other settings of port0 \\(.*\\), and writing them failed: Read-only file system.*: else use --wait poll or spin\n$", run.Errors);
        Assert.DoesNotContain("prog/xdp", network.Ip("-d", "link"), StringComparison.Ordinal);
    }

    [Fact]
    public void Skb_mode_has_nothing_to_poll()
    {
        using TestNamespace network = new("wn");
        network.Ip("link", "add", "port0", "type", "veth", "peer", "name", "port1");
        (int exitCode, _, string errors) = network.Run("port0", "-b", "--attach", "skb", "--wait", "busy-poll");
        Assert.Equal((1, "xdptop: busy polling takes native XDP, and on port0 there is only skb mode: use --wait poll or spin\n"), (exitCode, errors));
    }

    [Fact]
    public void A_tap_that_spins_meters_all()
    {
        using TapNetwork network = new("wp");
        using ProgramRun run = network.Start("--wait", "spin");
        TapNetwork.Python(network.Near, """
            import socket
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for i in range(100): u.sendto(b"hello!", ("10.9.0.2", 9))
            """);
        TapNetwork.End(run);
        Assert.Equal("spin", run.Summary().GetProperty("interfaces")[0].GetProperty("wait").GetString());
        Assert.Equal(100UL, FlowFiles.OfJson(run.Output).Single(flow => flow.Key.Contains(" 10.9.0.2 9 17", StringComparison.Ordinal)).Value.Packets);
    }

    /// <summary>A process that was killed can take a moment to be gone, and what it held with it.</summary>
    private static void RunElsewhereUntil(string text)
    {
        string said = "";
        Assert.True(ProgramRun.Until(() => (said = RunElsewhere()).Contains(text, StringComparison.Ordinal)), $"'{text}' was not said, but: {said}");
    }

    /// <summary>What xdptop says as it starts on another interface and in another mode.</summary>
    private static string RunElsewhere()
    {
        (int exitCode, _, string errors) = ProgramRun.Run("lo", "-b", "-d", "0.1", "-n", "1");
        Assert.Equal(0, exitCode);
        return errors;
    }

    /// <summary>Frames of XDP programs that the other end had no room for.</summary>
    private static ulong Refused(string sender) =>
        CaptureTools.Run("ethtool", "-S", sender).Split('\n').Where(line => line.Contains("xdp_xmit_errors:", StringComparison.Ordinal))
            .Aggregate(0UL, (sum, line) => sum + ulong.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));

    private static string Settings(string name) =>
        string.Join(' ', s_settings.Select(setting => File.ReadAllText($"/sys/class/net/{name}/{setting}").Trim()));

    private static void Set(string name, string setting, int value) => File.WriteAllText($"/sys/class/net/{name}/{setting}", $"{value}");
}
