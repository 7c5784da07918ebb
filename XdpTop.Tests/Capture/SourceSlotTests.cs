using XdpTop.Capture;
using XdpTop.Packets;

namespace XdpTop.Tests.Capture;

public sealed class SourceSlotTests
{
    [Fact]
    public void The_next_source_is_taken_when_the_one_before_is_empty()
    {
        Counted first = new(3, LinkType.Ethernet);
        Counted second = new(2, LinkType.RawIp);
        SourceSlot slot = new(first);
        Frame[] frames = new Frame[2];
        Assert.Equal(2, slot.Receive(frames));
        slot.Offer(second);
        Assert.Equal(1, slot.Receive(frames));
        Assert.False(slot.IsTaken);
        Assert.Equal(LinkType.Ethernet, slot.LinkType);
        Assert.Equal(0, slot.Receive(frames));
        Assert.True(slot.IsTaken);
        Assert.Equal(2, slot.Receive(frames));
        Assert.Equal(LinkType.RawIp, slot.LinkType);
        slot.Dispose();
        Assert.Equal((false, true), (first.IsDisposed, second.IsDisposed));
    }

    [Fact]
    public void Of_no_source_nothing_comes()
    {
        SourceSlot slot = new(NoSource.Instance);
        Assert.Equal(0, slot.Receive(new Frame[4]));
        Assert.False(slot.Ended);
        Assert.True(slot.IsTaken);
    }

    private sealed class Counted(int frames, LinkType linkType) : IFrameSource
    {
        private int _left = frames;

        public bool IsDisposed { get; private set; }

        public LinkType LinkType => linkType;

        public bool Ended => false;

        public long Now => 1;

        public int Receive(Span<Frame> lent)
        {
            int count = Math.Min(_left, lent.Length);
            _left -= count;
            return count;
        }

        public void Release()
        {
        }

        public void Wait(int milliseconds)
        {
        }

        public void Dispose() => IsDisposed = true;
    }
}
