using XdpTop.Capture;

namespace XdpTop.Tests.Capture;

public sealed class DriverDropsTests
{
    [Fact]
    public void Well_known_names_are_picked_out_with_their_places()
    {
        string[] names = ["rx_packets", "rx_missed", "tx_dropped", "rx_dropped", "rx_out_of_buffer", "rx_queue_0_packets"];
        Assert.Equal([(1, "rx_missed"), (3, "rx_dropped"), (4, "rx_out_of_buffer")], DriverDrops.Known(names));
        Assert.Equal([true, false, true], ((string[])["rx_missed", "rx_dropped", "rx_out_of_buffer"]).Select(DriverDrops.IsMissed));
    }

    [Fact]
    public void An_interface_without_such_counters_has_none() => Assert.Empty(new DriverDrops(NetworkInterface.Find("lo")).Read());
}
