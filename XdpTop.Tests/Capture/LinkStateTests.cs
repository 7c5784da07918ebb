using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Capture;
using XdpTop.Native;

namespace XdpTop.Tests.Capture;

public sealed class LinkStateTests
{
    [Fact]
    public void Lo_is_as_the_kernel_shows_it_elsewhere()
    {
        LinkState lo = LinkState.Read("lo")!.Value;
        Assert.Equal((1, true, true), (lo.Index, lo.IsUp, lo.HasCarrier));
        Assert.Equal(int.Parse(File.ReadAllText("/sys/class/net/lo/mtu")), lo.Mtu);
        ulong before = ulong.Parse(File.ReadAllText("/sys/class/net/lo/statistics/rx_packets"));
        ulong read = LinkState.Read("lo")!.Value.Counters.RxPackets;
        Assert.InRange(read, before, ulong.Parse(File.ReadAllText("/sys/class/net/lo/statistics/rx_packets")));
    }

    [Fact]
    public void There_is_none_of_a_name_that_nobody_has() => Assert.Null(LinkState.Read("no-such-link"));

    [Fact]
    public void Every_cut_of_a_message_is_borne()
    {
        byte[] message = Message(RtNetlink.RTM_NEWLINK, 7);
        for (int length = 0; length <= message.Length; length++)
            Assert.Equal(length >= 32 ? 7 : 0, LinkState.Parse(message.AsSpan(0, length))?.Index ?? 0);
        Assert.Equal(1500, LinkState.Parse(message)!.Value.Mtu);
    }

    [Fact]
    public void Removed_links_are_found_among_other_messages()
    {
        List<int> removed = [];
        byte[] left = Message(RtNetlink.RTM_DELLINK, 9);
        left[16] = 7; // AF_BRIDGE: it left a bridge
        byte[] all = [.. Message(RtNetlink.RTM_NEWLINK, 3), .. Message(RtNetlink.RTM_DELLINK, 4), .. left, .. Message(RtNetlink.RTM_DELLINK, 5)];
        LinkWatch.Collect(all, removed);
        Assert.Equal([4, 5], removed);
        for (int length = 0; length < all.Length; length++)
            LinkWatch.Collect(all.AsSpan(0, length), removed);
        byte[] endless = Message(RtNetlink.RTM_NEWLINK, 3);
        MemoryMarshal.Write(endless, uint.MaxValue);
        LinkWatch.Collect(endless, removed);
        MemoryMarshal.Write(endless, 0u);
        LinkWatch.Collect(endless, removed);
    }

    /// <summary>A header, an ifinfomsg, and the MTU as the one attribute.</summary>
    private static byte[] Message(ushort type, int index)
    {
        byte[] message = new byte[40];
        MemoryMarshal.Write(message, new Netlink.nlmsghdr { nlmsg_len = (uint)message.Length, nlmsg_type = type });
        MemoryMarshal.Write(message.AsSpan(16), new RtNetlink.ifinfomsg { ifi_index = index });
        MemoryMarshal.Write(message.AsSpan(32), new Netlink.nlattr { nla_len = 8, nla_type = RtNetlink.IFLA_MTU });
        MemoryMarshal.Write(message.AsSpan(36), 1500);
        Assert.Equal(32, Unsafe.SizeOf<Netlink.nlmsghdr>() + Unsafe.SizeOf<RtNetlink.ifinfomsg>());
        return message;
    }
}
