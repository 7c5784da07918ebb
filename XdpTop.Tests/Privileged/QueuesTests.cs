using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>A link of eight queues, more than there are workers, or than are read.</summary>
public sealed class QueuesTests : IDisposable
{
    private const int Queues = 8;
    private const int Flows = 400;
    private const int PacketsOfAFlow = 3;

    private readonly TestNamespace _near = new("qn");
    private readonly TestNamespace _far = new("qf");

    public QueuesTests()
    {
        string[] queues = ["numrxqueues", $"{Queues}", "numtxqueues", $"{Queues}"];
        _near.Ip(["link", "add", "port0", .. queues, "type", "veth", "peer", "name", "port1", "netns", _far.Name, .. queues]);
        foreach (TestNamespace host in (TestNamespace[])[_near, _far])
            TapNetwork.Execute(host, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
        _near.Ip("link", "set", "port0", "up");
        _far.Ip("address", "add", "10.9.0.1/24", "dev", "port1");
        _far.Ip("link", "set", "port1", "up");
        _far.Ip("neighbour", "replace", "10.9.0.2", "lladdr", "02:00:00:00:00:02", "dev", "port1");
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    [Theory]
    [InlineData("poll")]
    [InlineData("busy-poll")]
    [InlineData("spin")]
    public void Two_workers_read_eight_queues(string wait)
    {
        using ProgramRun run = TapNetwork.StartOn(_near, "port0", "-t", "2", "--wait", wait);
        Send();
        run.WaitForOutput($"\"meteredPackets\":{Flows * PacketsOfAFlow},");
        string statistics = TapNetwork.Execute(_near, "ethtool", "-S", "port0");
        Assert.All(Enumerable.Range(0, Queues), queue => Assert.Matches($"rx_queue_{queue}_xdp_packets: [1-9]", statistics));
        TapNetwork.End(run);
        Assert.Contains(" for 2 workers of ", run.Errors, StringComparison.Ordinal);
        SortedDictionary<string, FlowSum> flows = FlowFiles.OfJson(run.Output);
        Assert.Equal(Flows, flows.Count);
        Assert.All(flows.Values, flow => Assert.Equal(new FlowSum(1, PacketsOfAFlow, PacketsOfAFlow * (20 + 8 + 6)), flow));
    }

    [Fact]
    public void Queues_that_are_not_read_are_named_and_their_packets_counted()
    {
        using ProgramRun run = TapNetwork.StartOn(_near, "port0", "-q", "0-1,4");
        Send();
        run.WaitFor(() => Interval(run, "receivedPackets") + Interval(run, "leftToHost") == Flows * PacketsOfAFlow, "all packets");
        Assert.True(Interval(run, "leftToHost") > 0);
        TapNetwork.End(run);
        const string Warning = "queues 2-3,5-7 of port0 are not read, so that the host gets what comes there, ";
        Assert.Contains("xdptop: " + Warning, run.Errors, StringComparison.Ordinal);
        Assert.StartsWith(Warning, run.Summary().GetProperty("interfaces")[0].GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
    }

    /// <summary>Of the newest interval.</summary>
    private static ulong Interval(ProgramRun run, string name)
    {
        string? line = run.Output.Split('\n').LastOrDefault(line => line.StartsWith("{\"type\":\"interval\"", StringComparison.Ordinal));
        if (line is null)
            return 0;
        using JsonDocument interval = JsonDocument.Parse(line);
        return interval.RootElement.GetProperty(name).GetUInt64();
    }

    private void Send() => TapNetwork.Python(_far, $$"""
        import socket
        for flow in range({{Flows}}):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("10.9.0.1", 10000 + flow))
            for packet in range({{PacketsOfAFlow}}): s.sendto(b"hello!", ("10.9.0.2", 9))
        """);
}
