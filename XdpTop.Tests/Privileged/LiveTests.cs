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
}
