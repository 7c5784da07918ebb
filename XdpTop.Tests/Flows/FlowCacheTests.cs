using System.Runtime.InteropServices;
using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Tests.Flows;

public sealed class FlowCacheTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private readonly FlowRecordQueue _ended = new(1 << 16);

    public void Dispose() => _ended.Dispose();

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void Does_what_a_dictionary_does(int seed, bool joinsRecords)
    {
        FlowCacheOptions options = Options(4096) with { JoinsRecords = joinsRecords };
        using FlowCache cache = new(options, _ended);
        FlowModel model = new(options);
        Random random = new(seed);
        List<FlowRecord> ended = [];
        long now = 1_700_000_000 * Second;
        ParsedPacket[] batch = new ParsedPacket[FlowCache.MaximumBatch];
        for (int i = 0; i < 3000; i++)
        {
            int count = random.Next(batch.Length + 1);
            for (int p = 0; p < count; p++)
            {
                now += random.NextInt64(Second / 50);
                batch[p] = Packet(random, random.Next(3000), now - (random.Next(20) == 0 ? random.NextInt64(1000) : 0));
                model.Observe(batch[p]);
            }
            cache.Meter(batch.AsSpan(0, count));
            while (random.Next(2) == 0 && cache.Expire(now))
                continue;
            Drain(ended);
        }
        cache.EndAll(now);
        model.EndAll(now);
        Drain(ended);

        Assert.Equal(0, cache.Count);
        Assert.True(ended.Count > 10_000);
        Assert.Equal(5, ended.Select(r => r.EndReason).Append(FlowEndReason.LackOfResources).Distinct().Count());
        Assert.Equal(0ul, cache.Counters.LackOfResources);
        Assert.Equal((ulong)ended.Count, cache.Counters.Flows);
        Assert.Equal(Texts(model.Ended), Texts(ended));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(1000)]
    public void Beyond_capacity_every_packet_is_still_reported_once(int capacity)
    {
        using FlowCache cache = new(Options(capacity), _ended);
        Random random = new(capacity);
        Dictionary<FlowKey, (ulong Packets, ulong Octets)> sent = [];
        List<FlowRecord> ended = [];
        long now = Second;
        for (int i = 0; i < 20_000; i++)
        {
            now += 1000;
            ParsedPacket[] one = [Packet(random, random.Next(3 * capacity), now)];
            ref (ulong Packets, ulong Octets) sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sent, FlowKey.Of(in one[0]), out _);
            sum.Packets++;
            sum.Octets += one[0].IpOctets;
            cache.Meter(one);
            Assert.InRange(cache.Count, 1, capacity);
            Drain(ended);
        }
        Assert.True(cache.Counters.LackOfResources > 0);
        Assert.Equal(cache.Counters.LackOfResources, (ulong)ended.Count(r => r.EndReason == FlowEndReason.LackOfResources));
        cache.EndAll(now);
        Drain(ended);
        Dictionary<FlowKey, (ulong Packets, ulong Octets)> reported = [];
        foreach (FlowRecord record in ended)
        {
            ref (ulong Packets, ulong Octets) sum = ref CollectionsMarshal.GetValueRefOrAddDefault(reported, record.Key, out _);
            sum.Packets += record.Packets;
            sum.Octets += record.Octets;
        }
        Assert.Equal(sent.Count, reported.Count);
        Assert.All(sent, p => Assert.Equal(p.Value, reported[p.Key]));
    }

    [Fact]
    public void The_one_that_makes_room_is_the_least_recently_seen_in_reach()
    {
        using FlowCache cache = new(Options(8), _ended);
        for (int flow = 0; flow < 8; flow++)
            cache.Meter([Packet(flow, (flow + 1) * Second)]);
        cache.Meter([Packet(0, 10 * Second)]); // now flow 1 is the one not seen for the longest time
        cache.Meter([Packet(8, 11 * Second)]);
        List<FlowRecord> ended = [];
        Drain(ended);
        FlowRecord record = Assert.Single(ended);
        ParsedPacket expected = Packet(1, 0);
        Assert.Equal(FlowKey.Of(in expected), record.Key);
        Assert.Equal(FlowEndReason.LackOfResources, record.EndReason);
    }

    [Fact]
    public void A_flow_with_no_packet_ends_idle_without_any_other_packet()
    {
        using FlowCache cache = new(Options(1000), _ended);
        cache.Meter([Packet(1, 100 * Second)]);
        cache.Expire(100 * Second);
        long now = 100 * Second;
        while (cache.Count > 0 && now < 200 * Second)
        {
            now += Second / 10;
            while (cache.Expire(now))
                continue;
        }
        Assert.InRange(now, 115 * Second, 116 * Second);
    }

    /// <summary>The scan rests while nothing can be due; a FIN makes a flow due before what it has found.</summary>
    [Fact]
    public void A_flow_that_closes_while_the_scan_rests_ends_in_time()
    {
        using FlowCache cache = new(Options(1000), _ended);
        for (int flow = 0; flow < 100; flow++)
            cache.Meter([Packet(flow, 100 * Second)]);
        long now = 100 * Second;
        for (; now < 105 * Second; now += Second / 10)
            cache.Expire(now);
        ParsedPacket fin = Packet(200, now) with { Protocol = 6, TcpFlags = 0x11 };
        ParsedPacket open = Packet(201, now) with { Protocol = 6, TcpFlags = 0x10 };
        ParsedPacket close = open with { TcpFlags = 0x11, Timestamp = now + Second };
        cache.Meter([fin, open, close]);
        List<FlowRecord> ended = [];
        List<long> times = [];
        for (; now < 112 * Second; now += Second / 10)
        {
            cache.Expire(now);
            int before = ended.Count;
            Drain(ended);
            times.AddRange(Enumerable.Repeat(now, ended.Count - before));
        }
        Assert.Equal(2, ended.Count);
        Assert.All(ended, record => Assert.Equal(FlowEndReason.EndOfFlow, record.EndReason));
        Assert.InRange(times[0], 106 * Second, 107 * Second); // a second after its FIN
        Assert.InRange(times[1], 107 * Second, 108 * Second);
        Assert.Equal(100, cache.Count);
    }

    [Theory]
    [InlineData(14.999, 1)]
    [InlineData(15.0, 2)]
    public void The_idle_time_out_parts_two_records(double gap, int records)
    {
        using FlowCache cache = new(Options(1000), _ended);
        cache.Meter([Packet(1, 100 * Second)]);
        cache.Meter([Packet(1, 100 * Second + (long)(gap * Second))]);
        cache.EndAll(120 * Second);
        List<FlowRecord> ended = [];
        Drain(ended);
        Assert.Equal(records, ended.Count);
    }

    [Fact]
    public void What_follows_a_FIN_at_once_is_part_of_the_flow_and_a_SYN_begins_a_new_one()
    {
        using FlowCache cache = new(Options(1000), _ended);
        cache.Meter([Tcp(0x02, 0), Tcp(0x10, 1), Tcp(0x11, 2), Tcp(0x10, 3), Tcp(0x02, 4), Tcp(0x10, 5)]);
        cache.EndAll(Second);
        List<FlowRecord> ended = [];
        Drain(ended);
        Assert.Equal([(4ul, 0x13, FlowEndReason.EndOfFlow), (2ul, 0x12, FlowEndReason.ForcedEnd)],
            ended.Select(r => (r.Packets, (int)r.TcpFlags, r.EndReason)));

        static ParsedPacket Tcp(ushort flags, int milliseconds)
        {
            ParsedPacket packet = Packet(1, Second + milliseconds * 1_000_000);
            packet.TcpFlags = flags;
            return packet;
        }
    }

    [Fact]
    public void Keys_that_differ_in_one_bit_are_different_flows()
    {
        using FlowCache cache = new(Options(1000), _ended);
        foreach (byte version in new byte[] { 4, 6 })
        {
            for (int bit = 0; bit < 8 * FlowKey.Size; bit++)
            {
                byte[] bytes = new byte[ParsedPacket.Size];
                bytes[41] = version;
                // Bytes 4 to 15 and 20 to 31 are IPv6's, 41 is the version, 43 is reserved.
                if ((version == 4 && bit / 8 is (>= 4 and < 16) or (>= 20 and < 32)) || bit / 8 is 41 or 43)
                    continue;
                bytes[bit / 8] ^= (byte)(1 << bit % 8);
                cache.Meter([MemoryMarshal.Read<ParsedPacket>(bytes)]);
            }
        }
        Assert.Equal((44 + 20 - 4) * 8, cache.Count);
        Assert.Equal((ulong)cache.Count, cache.Counters.Flows);
    }

    [Fact]
    public void A_full_queue_costs_the_record_and_counts_it()
    {
        using FlowRecordQueue small = new(2);
        using FlowCache cache = new(Options(1), small);
        for (int flow = 0; flow < 10; flow++)
            cache.Meter([Packet(flow, Second)]);
        Assert.Equal(7ul, cache.Counters.RecordsDropped);
        FlowRecord[] kept = new FlowRecord[1];
        Assert.Equal(1, small.TryDequeue(kept));
        Assert.Equal((7 * kept[0].Packets, 7 * kept[0].Octets), (cache.Counters.DroppedRecordsPackets, cache.Counters.DroppedRecordsOctets));
        Assert.Equal(9ul, cache.Counters.LackOfResources);
    }

    [Fact]
    public void A_reader_never_sees_half_of_an_update()
    {
        using FlowCache cache = new(Options(64), _ended);
        bool stop = false;
        int torn = 0;
        long read = 0;
        Thread reader = new(() =>
        {
            FlowRecord record = default;
            while (!Volatile.Read(ref stop))
            {
                for (int slot = 0; slot < cache.SlotsInUse; slot++)
                {
                    if (!cache.TryRead(slot, ref record))
                        continue;
                    read++;
                    // Each packet of a flow has the same numbers, which its port tells.
                    ulong octets = 64ul + record.Key.SourcePort;
                    if (record.Octets != octets * record.Packets || record.Layer2Octets != (octets + 14) * record.Packets
                        || record.PayloadOctets != (octets - 40) * record.Packets || record.MinimumLength != octets
                        || Sum(record.LengthHistogram) != record.Packets
                        || !record.Key.Destination.Equals(IpAddress.FromBytes([.. Enumerable.Repeat((byte)record.Key.SourcePort, 16)])))
                    {
                        torn++;
                    }
                }
            }
        });
        reader.Start();
        Random random = new(5);
        for (int i = 0; i < 400_000 || Volatile.Read(ref read) < 1000; i++)
        {
            ushort port = (ushort)random.Next(100); // more flows than room: slots change hands all the time
            ParsedPacket packet = new()
            {
                IpVersion = 6,
                SourcePort = port,
                Destination = IpAddress.FromBytes([.. Enumerable.Repeat((byte)port, 16)]),
                IpOctets = 64u + port,
                FrameOctets = 78u + port,
                PayloadOctets = 24u + port,
                Timestamp = i,
            };
            cache.Meter([packet]);
            while (_ended.TryDequeue(new FlowRecord[16]) > 0)
                continue;
        }
        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.Equal(0, torn);
        Assert.True(read >= 1000);

        static ulong Sum(LengthHistogram histogram)
        {
            ulong sum = 0;
            foreach (uint count in histogram)
                sum += count;
            return sum;
        }
    }

    [Fact]
    public void Metering_allocates_nothing()
    {
        using FlowCache cache = new(Options(1000), _ended);
        ParsedPacket[] batch = [.. Enumerable.Range(0, 64).Select(i => Packet(i, Second))];
        Meter(10);
        // Now and then the runtime itself allocates on this thread, as it compiles what is often used.
        Assert.Equal(0, Enumerable.Range(0, 3).Min(_ => AllocatedBy(200)));

        long AllocatedBy(int rounds)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Meter(rounds);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Meter(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                for (int p = 0; p < batch.Length; p++)
                {
                    batch[p].SourcePort = (ushort)(i * 64 + p);
                    batch[p].Timestamp += 50_000_000;
                }
                cache.Meter(batch);
                cache.Expire(batch[^1].Timestamp);
            }
            cache.EndAll(batch[^1].Timestamp);
        }
    }

    private static FlowCacheOptions Options(int capacity) => new() { Capacity = capacity, Seed = 42 };

    private static ParsedPacket Packet(int flow, long time) => Packet(new Random(0), flow, time);

    private static ParsedPacket Packet(Random random, int flow, long time)
    {
        bool six = flow % 3 == 0;
        byte[] address = [0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, (byte)(flow >> 8), (byte)flow, 1];
        uint octets = (uint)random.Next(40, random.Next(10) == 0 ? 70_000 : 1500);
        return new ParsedPacket
        {
            IpVersion = (byte)(six ? 6 : 4),
            Source = IpAddress.FromBytes(six ? address : address[12..]),
            Destination = IpAddress.FromBytes(six ? address[8..] : [192, 168, 0, 1]),
            SourcePort = (ushort)(flow * 7),
            DestinationPort = 443,
            OuterVlan = (ushort)(flow % 5 == 0 ? ParsedPacket.VlanPresent | 5 : 0),
            Protocol = 6,
            Ttl = (byte)random.Next(30, 64),
            ClassOfService = (byte)random.Next(256),
            FragmentFlags = 0x40,
            TcpFlags = (ushort)(random.Next(30) switch { 0 => 0x11, 1 => 0x14, 2 => 0x02, _ => 0x10 }),
            IpOptions = random.Next(8) == 0 ? 1u : 0,
            TcpOptions = 1ul << random.Next(64),
            IpOctets = octets,
            FrameOctets = octets + 14,
            PayloadOctets = octets - 40,
            Timestamp = time,
        };
    }

    private void Drain(List<FlowRecord> ended)
    {
        FlowRecord[] buffer = new FlowRecord[256];
        int count;
        while ((count = _ended.TryDequeue(buffer)) > 0)
            ended.AddRange(buffer[..count]);
    }

    private static List<string> Texts(IEnumerable<FlowRecord> records) =>
        [.. records.Select(r => Convert.ToHexString(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in r, 1)))).Order()];
}
