using XdpTop.Capture;

namespace XdpTop.Tests.Capture;

public sealed class XskOptionsTests
{
    private const ulong Gibibyte = 1ul << 30;

    [Theory]
    [InlineData(10_000, 1, 64, 131072)]  // 5 ms of 14.88 Mpps are 74,405 frames
    [InlineData(10_000, 2, 64, 131072)]
    [InlineData(10_000, 8, 64, 32768)]   // twice the eighth part
    [InlineData(1_000, 1, 64, 8192)]     // 7,440
    [InlineData(100, 4, 64, 4096)]       // never fewer
    [InlineData(25_000, 1, 64, 262144)]
    [InlineData(100_000, 1, 64, 1048576)]
    [InlineData(400_000, 1, 64, 1048576)] // never more
    [InlineData(0, 1, 64, 131072)]       // of unknown speed: as if of 10 Gbit/s
    [InlineData(10_000, 2, 1, 131072)]   // 512 MiB
    [InlineData(100_000, 16, 1, 32768)]  // no more than there is memory for
    public void Frames_are_enough_for_a_hold_up_of_5_ms(long megabits, int queues, ulong gibibytes, int frames)
    {
        XskOptions sized = new XskOptions().SizedFor(megabits, queues, gibibytes * Gibibyte);
        Assert.Equal((frames, frames), (sized.Frames, sized.RingSize));
        Assert.True((ulong)frames * 2048 * (ulong)queues <= gibibytes * Gibibyte);
    }

    [Fact]
    public void What_was_asked_for_stays()
    {
        XskOptions sized = new XskOptions { Frames = 1024 }.SizedFor(10_000, 1, Gibibyte);
        Assert.Equal((1024, 1024), (sized.Frames, sized.RingSize));
        sized = new XskOptions { RingSize = 512 }.SizedFor(10_000, 1, Gibibyte);
        Assert.Equal((131072, 512), (sized.Frames, sized.RingSize));
        sized = new XskOptions { RingSize = 262144 }.SizedFor(10_000, 1, Gibibyte);
        Assert.Equal((262144, 262144), (sized.Frames, sized.RingSize)); // frames enough to fill it
    }
}
