using XdpTop.Capture;
using XdpTop.Flows;
using XdpTop.Memory;
using XdpTop.Metering;
using XdpTop.Packets;

namespace XdpTop.Tests.Metering;

public sealed class MeteringWorkerTests : IDisposable
{
    private readonly SpscQueue<FlowRecord> _ended = new(1024);

    public void Dispose() => _ended.Dispose();

    [Fact]
    public void At_the_end_of_a_file_every_frame_is_counted_and_every_flow_has_ended()
    {
        using Source source = new(frames: 1000);
        using MeteringWorker worker = Worker(source, holdFlows: false);
        worker.Start();
        worker.Join();
        Assert.Null(worker.Failure);
        Assert.True(worker.IsFinished);
        WorkerCounters counters = worker.Counters;
        Assert.Equal((1000ul, 500ul, 500ul), (counters.ReceivedPackets, counters.Metered, counters.NotIp));
        Assert.Equal(counters.ReceivedPackets, counters.Metered + counters.NotIp + counters.Malformed + counters.Truncated);
        Assert.Equal(1000ul * Source.WireOctets, counters.ReceivedOctets);
        FlowRecord record = Assert.Single(Ended());
        Assert.Equal((500ul, FlowEndReason.ForcedEnd), (record.Packets, record.EndReason));
        Assert.Equal(source.Receives, source.Releases);
    }

    [Fact]
    public void Flows_that_are_to_be_looked_at_are_held_until_it_is_stopped()
    {
        using Source source = new(frames: 10);
        using MeteringWorker worker = Worker(source, holdFlows: true);
        worker.Start();
        Assert.True(SpinWait.SpinUntil(() => worker.IsFinished, TimeSpan.FromSeconds(20)));
        Assert.Equal(1, worker.Cache.Count);
        Assert.Empty(Ended());
        worker.Stop();
        worker.Join();
        Assert.Equal(0, worker.Cache.Count);
        Assert.Single(Ended());
    }

    [Fact]
    public void What_waits_in_the_ring_when_it_is_stopped_is_still_metered()
    {
        using Source source = new(frames: 640, isLive: true);
        using MeteringWorker worker = Worker(source, holdFlows: false);
        worker.Stop();
        worker.Start();
        worker.Join();
        Assert.Equal(640ul, worker.Counters.ReceivedPackets);
    }

    [Fact]
    public void A_worker_that_fails_says_why_and_does_not_end_the_program()
    {
        using Source source = new(frames: 1) { Throws = true };
        using MeteringWorker worker = Worker(source, holdFlows: false);
        worker.Start();
        worker.Join();
        Assert.True(worker.IsFinished);
        Assert.Equal("as told", worker.Failure?.Message);
    }

    [Fact]
    public void Later_fragments_are_counted_to_the_flow_of_the_first()
    {
        byte[] first = [.. Source.Udp];
        first[14 + 6] = 0x20; // more fragments
        byte[] later = [.. Source.Udp];
        later[14 + 7] = 5;    // offset
        later[14 + 20] = 99;  // no port
        using Source source = new(frames: 4) { Contents = [first, later] };
        using MeteringWorker worker = Worker(source, holdFlows: false);
        worker.Start();
        worker.Join();
        FlowRecord record = Assert.Single(Ended());
        Assert.Equal((4ul, (ushort)53), (record.Packets, record.Key.DestinationPort));
        Assert.Equal(0ul, worker.Counters.UnresolvedFragments);
    }

    [Fact]
    public void A_frame_that_stands_for_many_is_counted_as_these_also_where_a_whole_batch_does()
    {
        // 28 octets of headers, and 4 of payload in segments of 3.
        byte[] packet = [.. Source.Udp, 1, 2, 3, 4];
        (packet[14 + 3], packet[14 + 20 + 5]) = (32, 12);
        using Source source = new(frames: 640) { Contents = [packet], Offload = new FrameOffload(2, 3, 0, 1), Octets = 46 };
        using MeteringWorker worker = Worker(source, holdFlows: false);
        worker.Start();
        worker.Join();
        WorkerCounters counters = worker.Counters;
        Assert.Equal((1280ul, 1280ul, 640ul * (45 + 43)), (counters.ReceivedPackets, counters.Metered, counters.ReceivedOctets));
        FlowRecord record = Assert.Single(Ended());
        Assert.Equal((1280ul, 640ul * (31 + 29), 640ul * 4, 640ul * (45 + 43)), (record.Packets, record.Octets, record.PayloadOctets, record.Layer2Octets));
        Assert.Equal((29, 31, 1280u, 1), (record.MinimumLength, record.MaximumLength, record.LengthHistogram[0], record.Key.Direction));
    }

    [Fact]
    public void Its_thread_allocates_nothing_after_the_first_batches()
    {
        using Source source = new(frames: 64 * 1000);
        using MeteringWorker worker = Worker(source, holdFlows: false);
        worker.Start();
        worker.Join();
        Assert.Equal(1000, source.Receives);
        Assert.True(source.AllocatedAtFirst > 0);
        Assert.Equal(source.AllocatedAtFirst, source.AllocatedAtLast);
    }

    private MeteringWorker Worker(Source source, bool holdFlows) =>
        new(source, new FlowCache(new FlowCacheOptions { Capacity = 100 }, _ended), seed: 1, cpu: -1, holdFlows);

    private FlowRecord[] Ended()
    {
        FlowRecord[] records = new FlowRecord[64];
        return records[.._ended.TryDequeue(records)];
    }

    /// <summary>Frames in turn; as a file it ends, as a live source it does not.</summary>
    private sealed unsafe class Source(int frames, bool isLive = false) : IFrameSource
    {
        public const uint WireOctets = 60;

        public static readonly byte[] Udp = Convert.FromHexString(
            "020000000001" + "020000000002" + "0800"
            + "4500001c" + "00010000" + "40110000" + "0a000001" + "0a000002" + "04d20035" + "00080000");

        private static readonly byte[] s_arp = Convert.FromHexString("ffffffffffff" + "020000000002" + "0806" + "0001");

        private readonly MappedMemory _memory = MappedMemory.Allocate(4096, "a test");
        private int _left = frames;

        public byte[][] Contents { get; init; } = [Udp, s_arp];

        public FrameOffload Offload { get; init; }

        /// <summary>Of a frame.</summary>
        public uint Octets { get; init; } = WireOctets;

        public bool Throws { get; init; }

        public int Receives { get; private set; }

        public int Releases { get; private set; }

        /// <summary>Octets that the calling thread had allocated by the 10th batch, and by the last.</summary>
        public long AllocatedAtFirst { get; private set; }

        public long AllocatedAtLast { get; private set; }

        public LinkType LinkType => LinkType.Ethernet;

        public bool Ended => !isLive && _left == 0;

        public long Now => 1_000_000_000;

        public int Receive(Span<Frame> frames)
        {
            if (Throws)
                throw new InvalidOperationException("as told");
            int count = Math.Min(_left, frames.Length);
            for (int i = 0; i < count; i++, _left--)
            {
                byte[] content = Contents[i % Contents.Length];
                byte* place = _memory.Pointer + i % Contents.Length * 64;
                content.CopyTo(new Span<byte>(place, content.Length));
                frames[i].Set(place, content.Length, Octets, Now);
                frames[i].Offload = Offload;
            }
            Receives += count > 0 ? 1 : 0;
            AllocatedAtLast = GC.GetAllocatedBytesForCurrentThread();
            if (Receives == 10 && AllocatedAtFirst == 0)
                AllocatedAtFirst = AllocatedAtLast;
            return count;
        }

        public void Release() => Releases++;

        public void Wait(int milliseconds) => Thread.Sleep(1);

        public void Dispose() => _memory.Dispose();
    }
}
