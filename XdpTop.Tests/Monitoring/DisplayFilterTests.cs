using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Tests.Ui;

namespace XdpTop.Tests.Monitoring;

public sealed class DisplayFilterTests
{
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
    [InlineData("port:443", true)]
    [InlineData("port:", true)]
    [InlineData("port:x", false)]
    [InlineData("!:443", false)]
    [InlineData("!", true)]
    [InlineData("10.0.", true)]
    [InlineData("192.168.7.44", true)]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("10.0.0.0/31", true)]
    [InlineData("10.0.0.2/31", false)]
    [InlineData("192.168.0.0/21", true)]
    [InlineData("192.168.8.0/21", false)]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("::/0", false)]
    [InlineData("10.0.0.1/", true)]
    [InlineData("10.0.0.1/33", false)]
    [InlineData("10/8", false)]
    [InlineData("!10.0.0.0/8", false)]
    [InlineData("vlan:5", true)]
    [InlineData("vlan:7", true)]
    [InlineData("vlan:6", false)]
    [InlineData("vlan:0", false)]
    [InlineData("tcp 443 10.0. !53 vlan:5", true)]
    [InlineData("tcp 443 10.1.", false)]
    [InlineData("99999999999999999999", false)]
    public void Words_match_a_flow_over_TCP(string text, bool matches)
    {
        FlowRecord record = Web;
        record.Key.OuterVlan = 5;
        record.Key.InnerVlan = 7;
        Assert.Equal(matches, DisplayFilter.Parse(text).Matches(in record));
    }

    [Theory]
    [InlineData("2001:db8::/32", true)]
    [InlineData("2001:DB8::", true)]
    [InlineData("2001:db8:0:0:8000::/65", false)]
    [InlineData("::53", true)]
    [InlineData(":53", true)]
    [InlineData(":54", false)]
    [InlineData("udp !fe80", false)]
    [InlineData("0.0.0.0/0", false)]
    public void Words_match_a_flow_over_IPv6(string text, bool matches) =>
        Assert.Equal(matches, DisplayFilter.Parse(text).Matches(in Dns));

    [Fact]
    public void A_type_and_code_of_ICMP_is_no_port()
    {
        Assert.False(DisplayFilter.Parse(":2048").Matches(in Ping));
        Assert.True(DisplayFilter.Parse("icmp").Matches(in Ping));
    }

    [Fact]
    public void The_text_stays_as_it_was_typed() =>
        Assert.Equal(" Tcp  443", DisplayFilter.Parse(" Tcp  443").Text);

    [Fact]
    public void Matching_does_not_allocate()
    {
        DisplayFilter filter = DisplayFilter.Parse("tcp 443 10. 10.0.0.0/8 !:53 !vlan:3 !zz");
        Assert.True(filter.Matches(in Web));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            filter.Matches(in Web);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
