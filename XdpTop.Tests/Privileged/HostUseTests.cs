using XdpTop.Capture;

namespace XdpTop.Tests.Privileged;

/// <summary>Whoever works on this host over the network must not be cut off by a default.</summary>
public sealed class HostUseTests : IDisposable
{
    private static readonly string s_name = $"xtu{Environment.ProcessId}a";
    private static readonly string s_upper = $"xtu{Environment.ProcessId}u";
    private readonly VethPair _pair = VethPair.Create(s_name, $"xtu{Environment.ProcessId}b", queues: 1);

    public void Dispose()
    {
        Links.Delete(s_upper);
        _pair.Dispose();
    }

    [Theory]
    [InlineData("address add 192.0.2.1/32 dev", "address 192.0.2.1")]
    [InlineData("route add 198.51.100.0/25 dev", "route to 198.51.100.0/25")]
    [InlineData("-6 route add 2001:db8::/64 dev", "route to 2001:db8::/64")]
    public void An_address_or_a_route_is_a_use(string command, string use)
    {
        File.WriteAllText($"/proc/sys/net/ipv6/conf/{s_name}/disable_ipv6", "0");
        Ip("-6 address add fe80::1/64 nodad dev", s_name);
        Ip("address add 169.254.1.1/16 dev", s_name);
        Assert.Null(HostUse.Of(NetworkInterface.Find(s_name)));
        Ip(command, s_name);
        Assert.Equal(use, HostUse.Of(NetworkInterface.Find(s_name)));
    }

    [Theory]
    [InlineData("macvlan")]
    [InlineData("bridge")]
    public void What_is_built_on_it_is_a_use(string type)
    {
        // ip wants the name before the type.
        bool isPart = type == "bridge";
        OtherProgram.Run("ip", ["link", "add", .. isPart ? (string[])[] : ["link", s_name], "name", s_upper, "type", type]);
        if (isPart)
            Ip($"link set master {s_upper} dev", s_name);
        Assert.Equal($"by the interface {s_upper}", HostUse.Of(NetworkInterface.Find(s_name)));
    }

    [Fact]
    public void It_is_the_same_interface_by_an_alternative_name()
    {
        string other = $"xtu{Environment.ProcessId}v";
        OtherProgram.Run("ip", "link", "property", "add", "dev", s_name, "altname", other);
        Ip("address add 192.0.2.1/32 dev", s_name);
        NetworkInterface found = NetworkInterface.Find(other);
        Assert.Equal(s_name, found.Name);
        Assert.Equal("address 192.0.2.1", HostUse.Of(found));
    }

    /// <summary>As of a container: its network namespace, with this one's /sys.</summary>
    [Fact]
    public void What_is_part_of_a_bridge_is_in_use_also_where_sys_is_of_another_namespace()
    {
        using TestNamespace network = new("hu");
        network.Ip("link", "add", "port0", "type", "veth", "peer", "name", "port1");
        network.Ip("link", "add", "bridge0", "type", "bridge");
        network.Ip("link", "set", "port0", "up", "master", "bridge0");
        network.Ip("link", "set", "port1", "up", "mtu", "3000");
        Assert.Contains("\"mode\":\"tap\"", Capture("port0"), StringComparison.Ordinal);
        Assert.Contains("\"multiBuffer\":true", Capture("port1", "-m", "redirect"), StringComparison.Ordinal);

        string Capture(params string[] arguments) =>
            CaptureTools.Run("nsenter", [$"--net=/run/netns/{network.Name}", ProgramRun.Program, "-b", "--json", "-n", "1", "--cache-size", "1024", .. arguments]);
    }

    private static void Ip(string command, string name) => OtherProgram.Run("ip", [.. command.Split(' '), name]);
}
