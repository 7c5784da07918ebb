using XdpTop.Capture;
using XdpTop.Memory;
using static XdpTop.Native.Libbpf;

namespace XdpTop.Tests.Capture;

/// <summary>The reader of BPF ring buffers over memory of the test's own, with the test in the kernel's role.</summary>
public sealed unsafe class RingBufferTests : IDisposable
{
    private const ulong Size = 256;

    // Not a multiple of the size, and such that 32 bits end on the way.
    private const ulong Start = uint.MaxValue - 15UL;

    private readonly MappedMemory _memory = MappedMemory.Allocate(4096, "a ring buffer");
    private readonly ulong* _consumer;
    private readonly ulong* _producer;
    private readonly byte* _data;
    private readonly RingBuffer _ring;

    public RingBufferTests()
    {
        _consumer = (ulong*)_memory.Pointer;
        _producer = (ulong*)(_memory.Pointer + 64);
        _data = _memory.Pointer + 1024;
        *_consumer = *_producer = Start;
        _ring = new RingBuffer(new RingBufferMemory(_consumer, _producer, _data, Size));
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_record_that_is_being_written_holds_up_those_after_it()
    {
        uint* first = Reserve(16, 1);
        uint* second = Reserve(16, 2);
        Submit(second);
        Assert.True(_ring.Next() == null);
        Submit(first);
        Assert.Equal(1, *_ring.Next());
        Assert.Equal(2, *_ring.Next());
        Assert.True(_ring.Next() == null);
    }

    [Fact]
    public void Records_that_were_taken_back_are_skipped_and_given_back()
    {
        Submit(Reserve(16, 1), BPF_RINGBUF_DISCARD_BIT);
        Assert.True(_ring.Next() == null);
        _ring.Release();
        Assert.Equal(*_producer, *_consumer);
        Submit(Reserve(24, 2), BPF_RINGBUF_DISCARD_BIT);
        Submit(Reserve(8, 3));
        Assert.Equal(3, *_ring.Next());
    }

    [Fact]
    public void The_kernel_has_its_room_back_when_records_are_released_and_not_before()
    {
        Submit(Reserve(16, 1));
        Submit(Reserve(16, 2));
        Assert.Equal(48UL, _ring.Fill);
        _ring.Next();
        Assert.Equal(Start, *_consumer);
        _ring.Release();
        Assert.Equal(Start + 24, *_consumer);
        Assert.Equal(24UL, _ring.Fill);
    }

    [Fact]
    public void Records_of_all_lengths_come_in_order_and_once_over_many_rounds()
    {
        Random random = new(11);
        Queue<byte> sent = [];
        byte next = 0;
        int received = 0;
        for (int round = 0; round < 2000; round++)
        {
            for (int length = random.Next(1, 60); Room() >= RoundUp(length); length = random.Next(1, 60))
            {
                bool discard = random.Next(4) == 0;
                Submit(Reserve(length, next), discard ? BPF_RINGBUF_DISCARD_BIT : 0);
                if (!discard)
                    sent.Enqueue(next);
                next++;
            }
            for (int i = random.Next(8); i > 0 && _ring.Next() is var record && record != null; i--, received++)
                Assert.Equal(sent.Dequeue(), *record);
            _ring.Release();
        }
        Assert.True(received > 2000);
    }

    private int Room() => (int)(Size - (*_producer - *_consumer));

    private static int RoundUp(int length) => (length + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;

    /// <summary>As bpf_ringbuf_reserve() does it; what goes over the end has its first octets there, and that is all that is looked at.</summary>
    private uint* Reserve(int length, byte content)
    {
        uint* header = (uint*)(_data + *_producer % Size);
        *header = (uint)length | BPF_RINGBUF_BUSY_BIT;
        *(byte*)(header + 2) = content;
        *_producer += (ulong)RoundUp(length);
        return header;
    }

    private static void Submit(uint* header, uint flag = 0) => *header = (*header & ~BPF_RINGBUF_BUSY_BIT) | flag;
}
