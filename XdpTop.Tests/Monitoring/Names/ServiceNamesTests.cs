using XdpTop.Monitoring.Names;
using XdpTop.Packets;

namespace XdpTop.Tests.Monitoring.Names;

public sealed class ServiceNamesTests
{
    [Theory]
    [InlineData(443, IpProtocol.Tcp, "https")]
    [InlineData(53, IpProtocol.Udp, "domain")]
    [InlineData(514, IpProtocol.Udp, "syslog")]
    [InlineData(514, IpProtocol.Tcp, "shell")]
    [InlineData(53, IpProtocol.Gre, null)]
    [InlineData(65000, IpProtocol.Tcp, null)]
    public void A_port_has_a_name(ushort port, byte protocol, string? name) =>
        Assert.Equal(name, ServiceNames.Find(port, protocol));

    [Theory]
    [InlineData("https", 443)]
    [InlineData("domain", 53)]
    [InlineData("www", 80)]
    [InlineData("dicom", 11112)] // also another name of 104
    public void A_name_has_a_port(string name, ushort port)
    {
        Assert.True(ServiceNames.TryFindPort(name, out ushort found));
        Assert.Equal(port, found);
    }

    [Fact]
    public void What_is_no_service_has_no_port() => Assert.False(ServiceNames.TryFindPort("nothing", out _));

    [Fact]
    public void A_name_that_is_looked_up_takes_no_allocation()
    {
        ServiceNames.Find(443, IpProtocol.Tcp);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ServiceNames.Find(443, IpProtocol.Tcp);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
