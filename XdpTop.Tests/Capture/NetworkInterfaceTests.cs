using XdpTop.Capture;
using XdpTop.Native;

namespace XdpTop.Tests.Capture;

public sealed class NetworkInterfaceTests
{
    [Fact]
    public void Lo_is_found_with_one_queue()
    {
        NetworkInterface lo = NetworkInterface.Find("lo");
        Assert.Equal(1, lo.Index);
        Assert.Equal("lo", lo.Name);
        Assert.Equal(1, lo.RxQueues);
    }

    [Theory]
    [InlineData("lo1", "did you mean 'lo'?")]
    [InlineData("no-such-interface-at-all", "there is no interface 'no-such-interface-at-all' (there are: ")]
    [InlineData("", "there is no interface '' (there are: ")]
    public void An_unknown_name_gets_a_sentence_with_those_that_there_are(string name, string part)
    {
        NativeException error = Assert.Throws<NativeException>(() => NetworkInterface.Find(name));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Matches(@"\(there are: .*\blo\b.*\)", error.Message);
    }

    [Theory]
    [InlineData("eht0", "eth0")]
    [InlineData("ens2f", "ens2f1")]
    [InlineData("Eth0", "eth0")]
    [InlineData("wlan0", null)]
    [InlineData("e", null)]
    public void The_closest_name_is_at_most_two_errors_away(string name, string? closest) =>
        Assert.Equal(closest, NetworkInterface.ClosestTo(name, ["ens2f1", "eth0", "lo"]));

    [Fact]
    public void Among_no_names_none_is_closest() => Assert.Null(NetworkInterface.ClosestTo("eth0", []));
}
