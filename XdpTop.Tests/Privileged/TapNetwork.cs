using System.Globalization;
using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>Two hosts, each a network namespace, with a veth pair between them and no packets but those that tests send.</summary>
internal sealed class TapNetwork : IDisposable
{
    /// <summary>The link's name at either host.</summary>
    public const string Link = "port0";
    public const string NearAddress = "10.9.0.1";
    public const string FarAddress = "10.9.0.2";

    public TapNetwork(string suffix)
    {
        Near = new TestNamespace(suffix + "n");
        Far = new TestNamespace(suffix + "f");
        Near.Ip("link", "add", Link, "type", "veth", "peer", "name", Link, "netns", Far.Name);
        foreach ((TestNamespace host, string address) in ((TestNamespace, string)[])[(Near, NearAddress), (Far, FarAddress)])
        {
            Execute(host, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
            host.Ip("address", "add", $"{address}/24", "dev", Link);
            host.Ip("link", "set", Link, "up");
        }
        // No ARP at times of its own choosing, either.
        Near.Ip("neighbour", "replace", FarAddress, "lladdr", HardwareAddress(Far), "dev", Link);
        Far.Ip("neighbour", "replace", NearAddress, "lladdr", HardwareAddress(Near), "dev", Link);
    }

    /// <summary>Where xdptop runs.</summary>
    public TestNamespace Near { get; }

    public TestNamespace Far { get; }

    public static string Execute(TestNamespace host, params string[] command) =>
        CaptureTools.Run("ip", ["netns", "exec", host.Name, .. command]);

    public static string Python(TestNamespace host, string program) => Execute(host, "/usr/bin/python3", "-c", program);

    public static void Offloads(TestNamespace host, params string[] offloads) => Execute(host, ["ethtool", "-K", Link, .. offloads]);

    /// <summary>A number of the near link's statistics, as "rx_packets".</summary>
    public ulong Statistic(string name) =>
        ulong.Parse(Execute(Near, "cat", $"/sys/class/net/{Link}/statistics/{name}"), CultureInfo.InvariantCulture);

    /// <summary>TCP segments that the host has sent, as its own TCP has counted them, whatever skbs they were in, and how many of them not for the first time.</summary>
    public static (ulong Sent, ulong Again) TcpSegments(TestNamespace host)
    {
        string[][] lines = [.. Execute(host, "cat", "/proc/net/snmp").Split('\n').Where(line => line.StartsWith("Tcp:", StringComparison.Ordinal)).Select(line => line.Split(' '))];
        ulong Value(string name) => ulong.Parse(lines[1][Array.IndexOf(lines[0], name)], CultureInfo.InvariantCulture);
        return (Value("OutSegs") + Value("RetransSegs"), Value("RetransSegs"));
    }

    /// <summary>Starts xdptop on the near link, as JSON Lines.</summary>
    public ProgramRun Start(params string[] arguments) => StartOn(Near, [Link, .. arguments]);

    public static ProgramRun StartOn(TestNamespace host, params string[] arguments)
    {
        ProgramRun run = host.Start([.. arguments, "-b", "--json", "-d", "0.2"]);
        run.WaitUntilItMeters();
        return run;
    }

    /// <summary>Has it end, and gives the ended flows.</summary>
    public static JsonElement[] End(ProgramRun run)
    {
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        return [.. FlowFiles.Ended(run.Output)];
    }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }

    private static string HardwareAddress(TestNamespace host) => Execute(host, "cat", $"/sys/class/net/{Link}/address").Trim();
}
