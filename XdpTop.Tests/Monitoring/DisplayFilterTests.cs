using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Names;
using XdpTop.Packets;
using XdpTop.Tests.Monitoring.Filters;
using XdpTop.Tests.Ui;

namespace XdpTop.Tests.Monitoring;

public sealed class DisplayFilterTests
{
    private const long Second = 1_000_000_000;
    private const long Now = 1_000_000 * Second;

    private static readonly FlowRecord Web = SampleTraffic.Record("10.0.0.1", "192.168.7.44", 6, 50123, 443);
    private static readonly FlowRecord Dns = SampleTraffic.Record("2001:db8::53", "fe80::1", 17, 40000, 53);
    private static readonly FlowRecord Ping = SampleTraffic.Record("10.0.0.1", "10.0.0.2", 1, 0, 8 << 8);

    [Theory]
    [InlineData("", true)]
    [InlineData("   ", true)]
    [InlineData("tcp", true)]
    [InlineData("TCP", true)]
    [InlineData("tc", true)]
    [InlineData("cp", false)]
    [InlineData("udp", false)]
    [InlineData("!udp", true)]
    [InlineData("!tcp", false)]
    [InlineData("443", true)]
    [InlineData("44", true)] // part of the address
    [InlineData("4433", false)]
    [InlineData(":44", false)]
    [InlineData(":443", true)]
    [InlineData(":50123", true)]
    [InlineData(":https", true)]
    [InlineData("port:443", true)]
    [InlineData("!:443", false)]
    [InlineData("10.0.", true)]
    [InlineData("192.168.7.44", true)]
    [InlineData("192.168.7.4", false)] // a whole address is that host
    [InlineData("\"192.168.7.4\"", true)]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("10/8", true)]
    [InlineData("10.0.0.0/31", true)]
    [InlineData("10.0.0.2/31", false)]
    [InlineData("192.168.0.0/21", true)]
    [InlineData("192.168.8.0/21", false)]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("::/0", false)]
    [InlineData("!10.0.0.0/8", false)]
    [InlineData("vlan:5", true)]
    [InlineData("vlan:7", true)]
    [InlineData("vlan:6", false)]
    [InlineData("vlan:0", false)]
    [InlineData("5", true)]
    [InlineData("3", false)]
    [InlineData("tcp 443 10.0. !53 vlan:5", true)]
    [InlineData("tcp 443 10.1.", false)]
    [InlineData("99999999999999999999", false)]
    [InlineData("host 10.0.0.1", true)]
    [InlineData("src host 10.0.0.1", true)]
    [InlineData("src 10.0.0.1", true)]
    [InlineData("dst host 10.0.0.1", false)]
    [InlineData("src or dst host 10.0.0.1", true)]
    [InlineData("dst and src host 10.0.0.1", false)]
    [InlineData("dst or src net 192.168.0.0/16", true)]
    [InlineData("net 192.168", true)]
    [InlineData("net 192.168.7.0", false)]
    [InlineData("dst 192.168.0.0/16", true)]
    [InlineData("port 443", true)]
    [InlineData("port https", true)]
    [InlineData("PORT HTTPS", true)]
    [InlineData("src port 443", false)]
    [InlineData("dst port 443", true)]
    [InlineData("portrange 1-1024", true)]
    [InlineData("src portrange 1-1024", false)]
    [InlineData("portrange http-https", true)]
    [InlineData("ip", true)]
    [InlineData("ip6", false)]
    [InlineData("proto 6", true)]
    [InlineData("proto tcp", true)]
    [InlineData("proto 17", false)]
    [InlineData("vlan", true)]
    [InlineData("vlan 5", true)]
    [InlineData("vlan 5 and vlan 7", true)]
    [InlineData("vlan tcp", true)]
    [InlineData("flags S", true)]
    [InlineData("flags sa", true)]
    [InlineData("flags SF", false)]
    [InlineData("tcp and not udp", true)]
    [InlineData("udp or tcp", true)]
    [InlineData("udp || tcp && !icmp", true)]
    [InlineData("tcp or icmp and udp", true)] // "and" binds tighter
    [InlineData("(tcp or icmp) and udp", false)]
    [InlineData("not (udp or icmp)", true)]
    [InlineData("not not tcp", true)]
    [InlineData("!!!tcp", false)]
    [InlineData("tcp(port 443)", true)]
    [InlineData("port 80 or 443", true)]
    [InlineData("src port 80 or 443", false)]
    [InlineData("port 80 or (81 or 443)", true)]
    [InlineData("port 80 or 192.168.7.44", true)]
    [InlineData("host 10.9.9.9 or 10.0.0.1", true)]
    [InlineData("proto 17 or 6", true)]
    [InlineData("vlan 9 or 7", true)]
    [InlineData("flags F or S", true)]
    [InlineData("ttl > 63", true)]
    [InlineData("ttl != 64", false)]
    [InlineData("packets < 3", false)]
    [InlineData("packets = 3", true)]
    [InlineData("packets=3", true)]
    [InlineData("bytes >= 1.5k", true)]
    [InlineData("bytes > 1.5K", false)]
    [InlineData("length == 500", true)]
    [InlineData("bps > 10M", false)]
    [InlineData("bps > 7.9k bps <= 8k", true)]
    [InlineData("pps = 2", true)]
    [InlineData("age > 1h", true)]
    [InlineData("age > 2h", false)]
    [InlineData("idle < 1m", true)]
    [InlineData("idle < 30", false)]
    [InlineData("idle <= 30000ms", true)]
    [InlineData("idle < 1d", true)]
    [InlineData("/^10.*443/", true)]
    [InlineData("/^443/", false)]
    [InlineData("/^10\\.0\\.0\\.1 50123 192\\.168\\.7\\.44 443 tcp vlan 5 vlan 7$/", true)]
    [InlineData("/10.0.0.1/ and !/udp/", true)]
    [InlineData("/TCP VLAN/", true)]
    [InlineData("/a\\/b/", false)]
    [InlineData("\"tcp\"", true)]
    [InlineData("\"10.0.0.1 50123\"", false)] // words are looked for in each field
    public void A_flow_over_TCP_is_shown(string text, bool matches)
    {
        FlowRow row = new() { Record = Web, PacketsPerSecond = 2, OctetsPerSecond = 1000 };
        row.Record.Key.OuterVlan = ParsedPacket.VlanPresent | 5;
        row.Record.Key.InnerVlan = ParsedPacket.VlanPresent | 7;
        row.Record.TcpFlags = TcpFlag.Syn | TcpFlag.Ack;
        row.Record.MinimumTtl = 64;
        row.Record.MaximumTtl = 65;
        row.Record.Packets = 3;
        row.Record.Octets = 1500;
        row.Record.Start = Now - 5000 * Second;
        row.Record.End = Now - 30 * Second;
        Assert.Equal(matches, TestFilter.Of(text).Matches(in row, Now));
    }

    [Theory]
    [InlineData("2001:db8::/32", true)]
    [InlineData("net 2001:db8::/32", true)]
    [InlineData("2001:DB8::", true)]
    [InlineData("host 2001:DB8::53", true)]
    [InlineData("2001:db8:0:0:8000::/65", false)]
    [InlineData("2001:db8::53", true)]
    [InlineData("2001:db8::5", false)]
    [InlineData(":53", true)]
    [InlineData(":54", false)]
    [InlineData("udp !fe80", false)]
    [InlineData("0.0.0.0/0", false)]
    [InlineData("ip6", true)]
    [InlineData("ip", false)]
    [InlineData("vlan", false)]
    public void A_flow_over_IPv6_is_shown(string text, bool matches) =>
        Assert.Equal(matches, TestFilter.Matches(text, in Dns));

    [Fact]
    public void A_type_and_code_of_ICMP_is_no_port()
    {
        Assert.False(TestFilter.Matches(":2048", in Ping));
        Assert.False(TestFilter.Matches("port 0", in Ping));
        Assert.False(TestFilter.Matches("/2048/", in Ping));
        Assert.True(TestFilter.Matches("icmp", in Ping));
    }

    [Fact]
    public void Names_are_found_while_they_are_shown()
    {
        FlowRow row = new() { Record = Web };
        FakeNames names = new();
        Assert.False(TestFilter.Of("example").Matches(in row, 0));
        Assert.True(TestFilter.Of("example").Matches(in row, 0, names));
        Assert.True(TestFilter.Of("/^www.example /").Matches(in row, 0, names));
        Assert.False(TestFilter.Of("http").Matches(in row, 0));
        Assert.True(TestFilter.Of("http").Matches(in row, 0, services: true));
        Assert.True(TestFilter.Of("/ https tcp$/").Matches(in row, 0, services: true));
    }

    [Fact]
    public void Of_a_Biflow_one_direction_suffices_and_numbers_are_of_both()
    {
        FlowRow row = new() { Record = Web, OctetsPerSecond = 100, ReverseOctetsPerSecond = 100 };
        row.Record.Packets = 2;
        row.Reverse = SampleTraffic.Record("192.168.7.44", "10.0.0.1", 6, 443, 50123);
        row.Reverse.Packets = 3;
        Assert.True(TestFilter.Of("src port 50123").Matches(in row, 0));
        Assert.True(TestFilter.Of("src port 443").Matches(in row, 0));
        Assert.True(TestFilter.Of("packets = 5").Matches(in row, 0));
        Assert.True(TestFilter.Of("bps = 1600").Matches(in row, 0));
        Assert.False(TestFilter.Of("src port 50123 src port 443").Matches(in row, 0));
    }

    [Fact]
    public void The_text_stays_as_it_was_typed() =>
        Assert.Equal(" Tcp  443", TestFilter.Of(" Tcp  443").Text);

    [Fact]
    public void Matching_does_not_allocate()
    {
        DisplayFilter filter = TestFilter.Of("tcp 443 10. 10.0.0.0/8 !:53 !vlan:3 !zz bps < 1M age > 1 /10.*443/");
        FlowRow row = new() { Record = Web };
        Assert.True(filter.Matches(in row, Now));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            filter.Matches(in row, Now);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private sealed class FakeNames : INameSource
    {
        public string? Find(in IpAddress address, byte ipVersion) => throw new InvalidOperationException("a filter asks for no names");

        public string? Recall(in IpAddress address, byte ipVersion) => address.Equals(Web.Key.Source) ? "www.example" : null;
    }
}
