using XdpTop.Cli;

namespace XdpTop.Tests.Cli;

public sealed class ObservationDomainTests
{
    [Fact]
    public void The_same_interfaces_of_the_same_host_have_the_same_number_and_others_another()
    {
        uint id = ObservationDomain.IdOf(["eth0", "eth1"], "host");
        Assert.Equal(id, ObservationDomain.IdOf(["eth1", "eth0"], "host"));
        Assert.Equal(1_372_856_805u, id); // of every version
        uint[] others = [ObservationDomain.IdOf(["eth0"], "host"), ObservationDomain.IdOf(["eth0", "eth1"], "other"), ObservationDomain.IdOf(["eth0eth1"], "host")];
        Assert.Equal(4, others.Append(id).Distinct().Count());
        Assert.Equal(ObservationDomain.IdOf(["eth0"]), ObservationDomain.IdOf(["eth0"]));
    }
}
