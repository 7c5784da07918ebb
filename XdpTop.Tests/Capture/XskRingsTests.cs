using XdpTop.Capture;
using XdpTop.Memory;
using XdpTop.Native;

namespace XdpTop.Tests.Capture;

/// <summary>The way of the chunks between a worker and a kernel, which is the test: whatever both do, none is lost and none is there twice.</summary>
public sealed unsafe class XskRingsTests : IDisposable
{
    private const int FrameSize = 2048;
    private const int Headroom = 256;
    private const int LargestPart = FrameSize - Headroom;
    private const int Page = 4096;

    private readonly MappedMemory _rings = MappedMemory.Allocate(16 * Page, "rings");
    private readonly MappedMemory _umem = MappedMemory.Allocate(256 * FrameSize, "frames");

    public void Dispose()
    {
        _rings.Dispose();
        _umem.Dispose();
    }

    [Theory]
    [InlineData(128, 128, false, 1)]
    [InlineData(256, 64, false, 2)]
    [InlineData(64, 64, false, 3)] // as few as a batch has
    [InlineData(128, 128, true, 4)]
    [InlineData(256, 64, true, 5)]
    [InlineData(64, 64, true, 6)]
    public void No_chunk_is_lost_and_the_kernel_has_all_that_the_worker_does_not_hold(int frames, int ringSize, bool multiBuffer, int seed)
    {
        Random random = new(seed);
        FakeKernel kernel = new(_rings.Pointer, frames, ringSize);
        XskRings rings = new(kernel.Fill, kernel.Rx, _umem.Pointer, FrameSize, multiBuffer);
        rings.Supply(frames);
        Frame[] batch = new Frame[64];
        Queue<uint> sent = []; // lengths
        uint number = 0;
        int received = 0;
        int refused = 0;
        int heldUpUntil = 0;
        for (int step = 0; step < 20_000; step++)
        {
            for (int burst = random.Next(8); burst > 0; burst--)
            {
                uint octets = (uint)random.Next(60, multiBuffer ? 9000 : LargestPart);
                if (kernel.TryReceive(octets, number, _umem.Pointer))
                {
                    sent.Enqueue(octets);
                    number++;
                }
                else
                {
                    refused++;
                    int parts = ((int)octets + LargestPart - 1) / LargestPart;
                    // Refused only where the RX ring or what the worker holds back leaves no room.
                    Assert.True(kernel.InRx + parts > ringSize || kernel.InRx + parts > frames);
                }
            }
            if (step < heldUpUntil)
                continue;
            if (random.Next(50) == 0)
                heldUpUntil = step + random.Next(200);

            int count = rings.Receive(batch.AsSpan(0, random.Next(1, batch.Length + 1)));
            for (int i = 0; i < count; i++)
            {
                uint octets = sent.Dequeue();
                Assert.Equal(octets, batch[i].WireOctets);
                Assert.Equal((int)Math.Min(octets, LargestPart), batch[i].Bytes.Length);
                Assert.Equal((uint)received++, BitConverter.ToUInt32(batch[i].Bytes));
            }
            rings.Release();
            kernel.AssertEachChunkIsThereOnce();
        }
        Assert.True(received > 10_000);
        Assert.True(refused > 0);
        while (rings.Receive(batch) is > 0 and var rest)
        {
            received += rest;
            rings.Release();
        }
        Assert.Equal(number, (uint)received);
        Assert.Equal(frames, kernel.InFill); // drained: the kernel has them all again
    }

    [Fact]
    public void A_frame_of_which_parts_are_still_to_come_is_waited_for()
    {
        FakeKernel kernel = new(_rings.Pointer, 64, 64);
        XskRings rings = new(kernel.Fill, kernel.Rx, _umem.Pointer, FrameSize, multiBuffer: true);
        rings.Supply(64);
        Frame[] batch = new Frame[64];
        kernel.Put(100, 7, goesOn: false, _umem.Pointer);
        kernel.Put(LargestPart, 8, goesOn: true, _umem.Pointer);
        Assert.Equal(1, rings.Receive(batch));
        rings.Release();
        Assert.Equal(0, rings.Receive(batch));
        rings.Release();
        kernel.Put(208, 0, goesOn: false, _umem.Pointer);
        Assert.Equal(1, rings.Receive(batch));
        Assert.Equal((2000u, LargestPart), (batch[0].WireOctets, batch[0].Bytes.Length));
        rings.Release();
        Assert.Equal(64, kernel.InFill);
    }

    /// <summary>net/xdp/xsk.c in copy mode, as far as chunks are concerned.</summary>
    private sealed class FakeKernel
    {
        private readonly int _chunks;
        private readonly int _rxSize;
        private uint _filled;
        private uint _received;

        public FakeKernel(byte* memory, int chunks, int rxSize)
        {
            _chunks = chunks;
            _rxSize = rxSize;
            Fill = new RingMemory((uint*)memory, (uint*)(memory + 64), (uint*)(memory + 128), memory + Page, (uint)chunks);
            memory += 8 * Page;
            Rx = new RingMemory((uint*)memory, (uint*)(memory + 64), (uint*)(memory + 128), memory + Page, (uint)rxSize);
            // Over the end of 32 bits soon.
            _filled = *Fill.Producer = *Fill.Consumer = uint.MaxValue - 1000;
            _received = *Rx.Producer = *Rx.Consumer = uint.MaxValue - 5;
        }

        public RingMemory Fill { get; }

        public RingMemory Rx { get; }

        public int InFill => (int)(*Fill.Producer - _filled);

        public int InRx => (int)(_received - *Rx.Consumer);

        /// <summary>All parts or none.</summary>
        public bool TryReceive(uint octets, uint number, byte* umem)
        {
            uint parts = (octets + LargestPart - 1) / LargestPart;
            if (parts > InFill || InRx + parts > _rxSize)
                return false;
            for (uint part = 0; part < parts; part++)
                Put(Math.Min(octets - part * LargestPart, LargestPart), part == 0 ? number : uint.MaxValue, part + 1 < parts, umem);
            return true;
        }

        public void Put(uint octets, uint number, bool goesOn, byte* umem)
        {
            ulong address = ((ulong*)Fill.Descriptors)[_filled++ & Fill.Mask] + Headroom;
            *(uint*)(umem + address) = number;
            ((IfXdp.xdp_desc*)Rx.Descriptors)[_received++ & Rx.Mask] =
                new IfXdp.xdp_desc { addr = address, len = octets, options = goesOn ? IfXdp.XDP_PKT_CONTD : 0 };
            *Fill.Consumer = _filled;
            *Rx.Producer = _received;
        }

        /// <summary>With nothing lent: in the fill ring or in the RX ring.</summary>
        public void AssertEachChunkIsThereOnce()
        {
            HashSet<ulong> seen = [];
            for (uint at = _filled; at != *Fill.Producer; at++)
                Assert.True(seen.Add(((ulong*)Fill.Descriptors)[at & Fill.Mask]));
            for (uint at = *Rx.Consumer; at != _received; at++)
                Assert.True(seen.Add(((IfXdp.xdp_desc*)Rx.Descriptors)[at & Rx.Mask].addr & ~(ulong)(FrameSize - 1)));
            Assert.Equal(_chunks, seen.Count);
            Assert.All(seen, chunk => Assert.True(chunk % FrameSize == 0 && chunk < (ulong)_chunks * FrameSize));
        }
    }
}
