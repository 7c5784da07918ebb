using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>What share of the interface's packets was received, and what became of the others, is said and true.</summary>
public sealed class CoverageTests
{
    private const int SigStop = 19;
    private const int SigCont = 18;

    [Theory]
    [InlineData("redirect", "ca")]
    [InlineData("tap", "cb")]
    public void Without_loss_it_is_all(string mode, string suffix)
    {
        using KnownTraffic traffic = new(suffix);
        using ProgramRun run = Start(traffic, mode);
        traffic.Send();
        JsonElement port = End(run);
        Assert.Equal(traffic.Offered, port.GetProperty("receivedPackets").GetUInt64());
        Assert.Equal(traffic.Offered, port.GetProperty("interfacePackets").GetUInt64());
        Assert.Equal(1, port.GetProperty("coverage").GetDouble());
        Assert.Equal(0UL, Sum(port, "kernelDrops", "missed", "leftToHost"));
    }

    [Theory]
    [InlineData("redirect", "cc")]
    [InlineData("tap", "cd")]
    public void What_a_stopped_worker_loses_is_named(string mode, string suffix)
    {
        using KnownTraffic traffic = new(suffix);
        using ProgramRun run = Start(traffic, mode, "--ring-size", "64");
        run.Signal(SigStop);
        traffic.Send();
        run.Signal(SigCont);
        JsonElement port = End(run);
        ulong received = port.GetProperty("receivedPackets").GetUInt64();
        Assert.InRange(received, 1UL, traffic.Offered - 1);
        Assert.Equal(traffic.Offered, port.GetProperty("interfacePackets").GetUInt64());
        Assert.Equal((double)received / traffic.Offered, port.GetProperty("coverage").GetDouble(), 6);
        Assert.Equal(traffic.Offered, received + Sum(port, "ringFull", "otherDrops"));
        Assert.Equal(0UL, port.GetProperty("redirectFailed").GetUInt64());
    }

    [Fact]
    public void What_is_left_to_the_host_is_not_covered()
    {
        using KnownTraffic traffic = new("ce");
        using ProgramRun run = Start(traffic, "redirect", "--queues", "0");
        traffic.Send();
        JsonElement port = End(run);
        Assert.Equal(traffic.Offered, Sum(port, "receivedPackets", "leftToHost"));
        Assert.Equal((double)port.GetProperty("receivedPackets").GetUInt64() / traffic.Offered, port.GetProperty("coverage").GetDouble(), 6);
    }

    [Fact]
    public void The_text_says_it_too()
    {
        using KnownTraffic traffic = new("cf");
        using ProgramRun run = ProgramRun.Start(traffic.Interface, "-b", "-d", "0.2");
        run.WaitUntilItMeters();
        traffic.Send();
        run.WaitForOutput("coverage 100%");
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        Assert.Contains($"{traffic.Interface}: coverage 100%: {traffic.Offered} received, {traffic.Offered} counted by the interface\n", run.Errors, StringComparison.Ordinal);
    }

    private static ProgramRun Start(KnownTraffic traffic, string mode, params string[] more)
    {
        if (mode == "tap")
            OtherProgram.Run("ethtool", "-K", traffic.Interface, "gro", "on"); // else a veth does not take frames of the generator
        ProgramRun run = ProgramRun.Start([traffic.Interface, "-m", mode, "-b", "--json", "-d", "0.2", "--cache-size", "1000", .. more]);
        run.WaitUntilItMeters();
        return run;
    }

    private static JsonElement End(ProgramRun run)
    {
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        return run.Summary().GetProperty("interfaces")[0];
    }

    private static ulong Sum(JsonElement port, params string[] names) =>
        names.Aggregate(0UL, (sum, name) => sum + port.GetProperty(name).GetUInt64());
}
