using XdpTop.Capture;
using XdpTop.Cli;

namespace XdpTop.Tests.Cli;

public sealed class JumboFramesTests
{
    private static readonly XskOptions s_multiBuffer = new() { MultiBuffer = true };
    private static readonly XdpFeatures s_capable = new(Native: true, ZeroCopy: false, MultiBuffer: true);

    [Theory]
    [InlineData(2048, 1770)]
    [InlineData(4096, 3818)]
    public void What_fits_needs_no_word(int frameSize, int mtu)
    {
        XskOptions options = new() { FrameSize = frameSize };
        Assert.Equal(mtu, options.LargestMtu);
        Assert.Null(JumboFrames.Examine("nic0", mtu, options, true, false, null, true));
        Assert.NotNull(JumboFrames.Examine("nic0", mtu + 1, options, true, false, null, true));
    }

    [Fact]
    public void Without_multi_buffer_the_ceiling_is_named()
    {
        Assert.Equal(
            "nic0 has an MTU of 3000, and this kernel has no multi-buffer for AF_XDP (Linux 6.6), so that packets of more than 1770 octets are dropped, and counted so: ip link set nic0 mtu 1770, or give --frame-size 4096",
            Sentence(3000, new XskOptions(), true, false, s_capable, true));
        Assert.EndsWith(": ip link set nic0 mtu 1770", Sentence(9000, new XskOptions(), true, false, s_capable, true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_driver_that_has_no_native_XDP_at_the_MTU_is_told_of_with_the_ceiling() => Assert.Equal(
        "nic0 has an MTU of 9000, at which its driver has no native XDP (without multi-buffer a frame has to fit a page: an MTU of 3498, or less), so that skb mode is used, which is slower: ip link set nic0 mtu 1770; packets that GRO has joined are metered as one: ethtool -K nic0 gro off",
        Sentence(9000, s_multiBuffer, false, false, new XdpFeatures(Native: true, ZeroCopy: true), true));

    [Fact]
    public void Zero_copy_that_is_lost_is_told_of()
    {
        Assert.Contains("no zero-copy of frames in several buffers", Sentence(9000, s_multiBuffer, true, false, new XdpFeatures(true, true, true), false), StringComparison.Ordinal);
        Assert.Null(JumboFrames.Examine("nic0", 9000, s_multiBuffer, true, true, new XdpFeatures(true, true, true), false));
        Assert.Null(JumboFrames.Examine("nic0", 9000, s_multiBuffer with { Bind = BindMode.Copy }, true, false, new XdpFeatures(true, true, true), false));
        Assert.Null(JumboFrames.Examine("nic0", 9000, s_multiBuffer, true, false, s_capable, true));
    }

    private static string? Sentence(int mtu, XskOptions options, bool isNative, bool isZeroCopy, XdpFeatures? features, bool? gro) =>
        JumboFrames.Examine("nic0", mtu, options, isNative, isZeroCopy, features, gro)?.Sentence;
}
