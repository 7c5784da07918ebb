using XdpTop.Capture;
using XdpTop.Memory;
using XdpTop.Native;

namespace XdpTop.Tests.Capture;

/// <summary>The rings over memory of the test's own, with the test in the kernel's role.</summary>
public sealed unsafe class RingTests : IDisposable
{
    private const uint Size = 8;

    // Positions just below where 32 bits end, so that every test goes over it.
    private const uint Start = uint.MaxValue - 3;

    private readonly MappedMemory _memory = MappedMemory.Allocate(4096, "a ring");
    private readonly RingMemory _ring;

    public RingTests()
    {
        byte* start = _memory.Pointer;
        _ring = new RingMemory((uint*)start, (uint*)(start + 64), (uint*)(start + 128), start + 256, Size);
        *_ring.Producer = *_ring.Consumer = Start;
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void The_kernel_sees_chunks_when_they_are_submitted_and_not_before()
    {
        FillRing fill = new(_ring);
        for (ulong chunk = 0; chunk < Size; chunk++)
            fill.Add(chunk * 2048);
        Assert.Equal(Start, *_ring.Producer);
        fill.Submit();
        Assert.Equal(unchecked(Start + Size), *_ring.Producer);
        ulong* addresses = (ulong*)_ring.Descriptors;
        for (uint i = 0; i < Size; i++)
            Assert.Equal(i * 2048, addresses[(Start + i) % Size]);
    }

    [Fact]
    public void The_fill_ring_tells_whether_the_kernel_wants_to_be_woken()
    {
        FillRing fill = new(_ring);
        Assert.False(fill.NeedsWakeup);
        *_ring.Flags = IfXdp.XDP_RING_NEED_WAKEUP;
        Assert.True(fill.NeedsWakeup);
    }

    [Fact]
    public void Frames_come_in_order_and_once_over_many_rounds()
    {
        RxRing rx = new(_ring);
        Random random = new(7);
        uint sent = Start;
        uint received = Start;
        for (int round = 0; round < 1000; round++)
        {
            uint room = Size - (sent - *_ring.Consumer);
            for (int i = random.Next((int)room + 1); i > 0; i--, sent++)
                ((IfXdp.xdp_desc*)_ring.Descriptors)[sent % Size] = new IfXdp.xdp_desc { addr = sent, len = sent % 1500 };
            *_ring.Producer = sent;
            Assert.Equal((int)(sent - received), rx.Fill);

            int most = random.Next(1, 12);
            int available = rx.Available(most);
            Assert.Equal(Math.Min(most, (int)(sent - received)), available);
            for (int i = 0; i < available; i++, received++)
            {
                Assert.Equal(received, rx.Peek(i).addr);
                Assert.Equal(received % 1500, rx.Peek(i).len);
            }
            Assert.NotEqual(available > 0 ? received : received - 1, *_ring.Consumer);
            rx.Release(available);
            Assert.Equal(received, *_ring.Consumer);
        }
        Assert.True(received - Start > 1000);
    }
}
