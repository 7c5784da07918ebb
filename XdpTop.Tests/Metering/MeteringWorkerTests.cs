using XdpTop.Capture;
using XdpTop.Flows;
using XdpTop.Memory;
using XdpTop.Metering;
using XdpTop.Packets;
using XdpTop.Tests.Monitoring.Filters;
using XdpTop.Tests.Captures;

namespace XdpTop.Tests.Metering;

public sealed class MeteringWorkerTests : IDisposable
{
    private readonly FlowRecordQueue _ended = new(1024);
    private readonly FlowRecordQueue _endedWithBytes = new(1024, byteDistribution: true);

    public void Dispose()
    {
        _ended.Dispose();
        _endedWithBytes.Dispose();
    }

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
    public void What_the_filter_refuses_is_counted_and_nothing_is_allocated()
    {
        using Source source = new(frames: 6400) { Contents = [Source.Udp, Source.UdpToOther] };
        FlowCacheOptions options = new() { Capacity = 100, Filter = TestFilter.ForMetering("udp port 53") };
        using MeteringWorker worker = new(source, new FlowCache(options, _ended), seed: 1, cpu: -1, holdFlows: false);
        worker.Start();
        worker.Join();
        Assert.Null(worker.Failure);
        WorkerCounters counters = worker.Counters;
        Assert.Equal((6400ul, 3200ul, 3200ul), (counters.ReceivedPackets, counters.Metered, counters.Filtered));
        Assert.Equal(3200ul, Assert.Single(Ended()).Packets);
        Assert.Equal(source.AllocatedAtFirst, source.AllocatedAtLast);
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
    public void A_worker_that_waits_after_each_batch_has_gaps_too_without_the_waits()
    {
        using Source source = new(frames: 1, isLive: true) { Step = 5000 };
        using MeteringWorker worker = Worker(source, holdFlows: false);
        worker.Start();
        Assert.True(SpinWait.SpinUntil(() => worker.Gaps.Longest > TimeSpan.Zero, TimeSpan.FromSeconds(20)));
        worker.Stop();
        worker.Join();
        Assert.Equal(TimeSpan.FromMicroseconds(5), worker.Gaps.Longest);
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Segments_among_single_packets_are_all_counted_and_their_payloads_bytes_once(bool byteDistribution)
    {
        // Three segments of 5,000 octets of payload and one of 100, of which four octets are captured.
        byte[] packet = [.. Source.Udp, 1, 2, 3, 4];
        (packet[14 + 2], packet[14 + 3], packet[14 + 20 + 4], packet[14 + 20 + 5]) = (0x3b, 0x18, 0x3b, 0x04);
        using Source source = new(frames: 640) { Contents = [packet, Source.Udp], Offload = new FrameOffload(4, 5000, 0, 0), Octets = 15_142 };
        using MeteringWorker worker = byteDistribution ? WorkerThatCountsBytes(source) : Worker(source, holdFlows: false);
        worker.Start();
        worker.Join();
        Assert.Equal((1600ul, 1600ul), (worker.Counters.ReceivedPackets, worker.Counters.Metered));

        FlowRecord[] records = new FlowRecord[2];
        ByteDistribution[] distributions = new ByteDistribution[2];
        Assert.Equal(1, byteDistribution ? _endedWithBytes.TryDequeue(records, distributions) : _ended.TryDequeue(records));
        FlowRecord record = records[0];
        Assert.Equal((1600ul, 320ul * (3 * 5028 + 128 + 28), 320ul * 15_100), (record.Packets, record.Octets, record.PayloadOctets));
        Assert.Equal<uint>([320, 0, 320, 0, 0, 0, 0, 960], record.LengthHistogram);
        if (byteDistribution)
            Assert.Equal<uint>([0, 320, 320, 320, 320, 0], ((ReadOnlySpan<uint>)distributions[0])[..6]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public void Of_packets_that_are_sampled_each_Nth_on_the_wire_is_metered_and_the_others_are_counted(int interval)
    {
        byte[] packet = [.. Source.Udp, 1, 2, 3, 4]; // the segments of the test above
        (packet[14 + 2], packet[14 + 3], packet[14 + 20 + 4], packet[14 + 20 + 5]) = (0x3b, 0x18, 0x3b, 0x04);
        using Source source = new(frames: 640) { Contents = [packet, Source.Udp], Offload = new FrameOffload(4, 5000, 0, 0), Octets = 15_142 };
        FlowCache cache = new(new FlowCacheOptions { Capacity = 100 }, _ended);
        using MeteringWorker worker = new(source, cache, seed: 1, cpu: -1, holdFlows: false, new PacketSampling((uint)interval, IsRandom: false));
        worker.Start();
        worker.Join();
        ulong[] wire = [5028, 5028, 5028, 128, 28];
        ulong[] taken = [.. Enumerable.Range(1, 1600).Where(n => n % interval == 0).Select(n => wire[(n - 1) % wire.Length])];
        Assert.Equal(
            (1600ul, (ulong)taken.Length, 1600ul - (ulong)taken.Length),
            (worker.Counters.ReceivedPackets, worker.Counters.Metered, worker.Counters.SampledOut));
        FlowRecord record = Assert.Single(Ended());
        Assert.Equal(((ulong)taken.Length, taken.Aggregate(0UL, (sum, octets) => sum + octets)), (record.Packets, record.Octets));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Byte_distributions_count_what_was_captured_of_the_payloads(int seed)
    {
        IReadOnlyList<PayloadPacket> packets = PayloadCapture.Make(seed, 5000);
        string file = Path.GetTempFileName();
        File.WriteAllBytes(file, NastyCapture.ToPcap(packets.Select(packet => packet.Packet)));
        using MeteringWorker worker = WorkerThatCountsBytes(PcapSource.Open(file));
        File.Delete(file);
        worker.Start();
        worker.Join();
        Assert.Equal((ulong)packets.Count, worker.Counters.Metered);

        Dictionary<int, uint[]> expected = [];
        foreach (PayloadPacket packet in packets)
        {
            if (!expected.TryGetValue(packet.SourcePort, out uint[]? counts))
                expected.Add(packet.SourcePort, counts = new uint[256]);
            foreach (byte value in packet.Payload)
                counts[value]++;
        }
        FlowRecord[] records = new FlowRecord[100];
        ByteDistribution[] distributions = new ByteDistribution[100];
        int count = _endedWithBytes.TryDequeue(records, distributions);
        Assert.Equal(64, count);
        for (int i = 0; i < count; i++)
            Assert.Equal<uint>(expected[records[i].Key.SourcePort], distributions[i]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Its_thread_allocates_nothing_after_the_first_batches(bool byteDistribution)
    {
        using Source source = new(frames: 64 * 1000);
        using MeteringWorker worker = byteDistribution ? WorkerThatCountsBytes(source) : Worker(source, holdFlows: false);
        worker.Start();
        worker.Join();
        Assert.Equal(1000, source.Receives);
        Assert.True(source.AllocatedAtFirst > 0);
        Assert.Equal(source.AllocatedAtFirst, source.AllocatedAtLast);
    }

    private MeteringWorker Worker(Source source, bool holdFlows) =>
        new(source, new FlowCache(new FlowCacheOptions { Capacity = 100 }, _ended), seed: 1, cpu: -1, holdFlows);

    private MeteringWorker WorkerThatCountsBytes(IFrameSource source) =>
        new(source, new FlowCache(new FlowCacheOptions { Capacity = 100, ByteDistribution = true }, _endedWithBytes), seed: 1, cpu: -1, holdFlows: false);

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

        /// <summary>To port 54, where the other goes to 53.</summary>
        public static readonly byte[] UdpToOther = [.. Udp[..37], 54, .. Udp[38..]];

        private static readonly byte[] s_arp = Convert.FromHexString("ffffffffffff" + "020000000002" + "0806" + "0001");

        private readonly MappedMemory _memory = MappedMemory.Allocate(4096, "a test");
        private int _left = frames;
        private long _now = 1_000_000_000;

        public byte[][] Contents { get; init; } = [Udp, s_arp];

        /// <summary>Of the first of the contents.</summary>
        public FrameOffload Offload { get; init; }

        /// <summary>Of a frame.</summary>
        public uint Octets { get; init; } = WireOctets;

        public bool Throws { get; init; }

        public int Receives { get; private set; }

        public int Releases { get; private set; }

        /// <summary>Octets that the calling thread had allocated by the 50th batch, when all code has run, and by the last.</summary>
        public long AllocatedAtFirst { get; private set; }

        public long AllocatedAtLast { get; private set; }

        public LinkType LinkType => LinkType.Ethernet;

        public bool Ended => !isLive && _left == 0;

        /// <summary>How much later each look at the clock is than the one before, in ns.</summary>
        public long Step { get; init; }

        public long Now => _now += Step;

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
                frames[i].Offload = i % Contents.Length == 0 ? Offload : default;
            }
            Receives += count > 0 ? 1 : 0;
            AllocatedAtLast = GC.GetAllocatedBytesForCurrentThread();
            if (Receives == 50 && AllocatedAtFirst == 0)
                AllocatedAtFirst = AllocatedAtLast;
            return count;
        }

        public void Release() => Releases++;

        public void Wait(int milliseconds) => Thread.Sleep(1);

        public void Dispose() => _memory.Dispose();
    }
}
