using System.Runtime.CompilerServices;
using XdpTop.Flows;
using XdpTop.Memory;
using XdpTop.Packets;

namespace XdpTop.Tests.Flows;

/// <summary>The byte distributions of flows in the cache; what they count is for MeteringWorkerTests.</summary>
public sealed class FlowCacheByteDistributionTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private const int HeaderLength = 40;

    private readonly FlowRecordQueue _ended = new(1 << 12, byteDistribution: true);
    private readonly MappedMemory _frames = MappedMemory.Allocate(4096 + FlowCache.MaximumBatch, "a test");
    private readonly FlowRecord[] _records = new FlowRecord[256];
    private readonly ByteDistribution[] _distributions = new ByteDistribution[256];

    public void Dispose()
    {
        _ended.Dispose();
        _frames.Dispose();
    }

    [Fact]
    public void Every_record_has_the_bytes_of_its_own_packets_however_flows_end_and_slots_change_hands()
    {
        using FlowCache cache = NewCache(capacity: 16);
        Random random = new(1);
        Dictionary<ushort, uint[]> sent = [], reported = [];
        HashSet<FlowEndReason> reasons = [];
        random.NextBytes(_frames.Span);
        long now = 1_700_000_000 * Second;
        ParsedPacket[] packets = new ParsedPacket[FlowCache.MaximumBatch];
        PacketPayload[] payloads = new PacketPayload[FlowCache.MaximumBatch];
        for (int i = 0; i < 3000; i++)
        {
            int count = random.Next(packets.Length + 1);
            int flows = random.Next(100) == 0 ? 100 : 10; // at times more than there is room for
            for (int p = 0; p < count; p++)
            {
                now += random.NextInt64(Second / 20);
                int offset = random.Next(2048), length = random.Next(200);
                (packets[p], payloads[p]) = Packet((ushort)random.Next(flows), offset, length, now);
                packets[p].TcpFlags = (ushort)(random.Next(100) == 0 ? 1 : 2);
                Count(sent, packets[p].SourcePort, _frames.Span.Slice(offset + HeaderLength, length));
            }
            cache.Meter(packets.AsSpan(0, count), payloads);
            if (random.Next(100) == 0)
                now += 20 * Second;
            while (random.Next(2) == 0 && cache.Expire(now))
                continue;
            Drain();
        }
        cache.EndAll(now);
        Drain();
        Assert.Equal(5, reasons.Count);
        Assert.Equal(sent.Keys.Order(), reported.Keys.Order());
        Assert.All(sent, flow => Assert.Equal(flow.Value, reported[flow.Key]));

        void Drain()
        {
            for (int count; (count = _ended.TryDequeue(_records, _distributions)) > 0;)
            {
                for (int i = 0; i < count; i++)
                {
                    reasons.Add(_records[i].EndReason);
                    Assert.Equal(_records[i].PayloadOctets, Sum(_distributions[i]));
                    uint[] counts = CountsOf(reported, _records[i].Key.SourcePort);
                    for (int value = 0; value < counts.Length; value++)
                        counts[value] += _distributions[i][value];
                }
            }
        }
    }

    [Fact]
    public void A_new_record_begins_with_no_bytes()
    {
        using FlowCache cache = NewCache(capacity: 1);
        _frames.Span.Fill(7);
        Observe(cache, port: 1, length: 10, Second);
        Observe(cache, port: 1, length: 20, 62 * Second); // after the active time-out
        Observe(cache, port: 2, length: 30, 63 * Second); // which makes room
        Observe(cache, port: 3, length: 0, 64 * Second);
        cache.EndAll(65 * Second);
        Assert.Equal(4, _ended.TryDequeue(_records, _distributions));
        Assert.Equal([10u, 20u, 30u, 0u], _distributions[..4].Select(distribution => distribution[7]));
        Assert.Equal([10ul, 20ul, 30ul, 0ul], _distributions[..4].Select(Sum));
    }

    [Fact]
    public void A_reader_never_sees_half_of_an_update()
    {
        using FlowCache cache = NewCache(capacity: 4);
        bool stop = false;
        int torn = 0;
        long read = 0;
        Thread reader = new(() =>
        {
            ByteDistribution distribution = default;
            while (!Volatile.Read(ref stop))
            {
                for (int slot = 0; slot < cache.SlotsInUse; slot++)
                {
                    if (!cache.TryReadDistribution(slot, ref distribution))
                        continue;
                    read++;
                    // A flow's bytes are all of one value.
                    if (((ReadOnlySpan<uint>)distribution).Count(0u) < ByteDistribution.Values - 1)
                        torn++;
                }
            }
        });
        reader.Start();
        Random random = new(2);
        for (int i = 0; i < 200_000 || Volatile.Read(ref read) < 1000; i++)
        {
            ushort port = (ushort)random.Next(6); // more flows than room: slots change hands all the time
            _frames.Span[..1024].Fill((byte)port);
            Observe(cache, port, random.Next(900), Second + i);
            while (_ended.TryDequeue(_records, _distributions) > 0)
                continue;
        }
        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.Equal(0, torn);
        Assert.True(read >= 1000);
    }

    [Fact]
    public void A_count_stays_at_the_largest_number_that_it_can_hold()
    {
        using ByteDistributions distributions = new(2);
        _frames.Span.Fill(9);
        (_, PacketPayload payload) = Packet(1, 0, 100, 0);
        distributions.Count(1, payload, octets: 100);
        Unsafe.AsRef(in distributions[1])[9] = uint.MaxValue - 50;
        distributions.Count(1, payload, octets: (ulong)uint.MaxValue + 50);
        Assert.Equal(uint.MaxValue, distributions[1][9]);
        Assert.Equal(0ul, Sum(distributions[0]));
        distributions.Clear(1);
        Assert.Equal(0ul, Sum(distributions[1]));
    }

    [Fact]
    public void Memory_is_taken_only_where_they_are_counted()
    {
        using FlowCache without = new(new FlowCacheOptions { Capacity = 1000 }, _ended);
        using FlowCache with = NewCache(capacity: 1000);
        Assert.False(without.CountsBytes);
        Assert.True(with.CountsBytes);
        Assert.Equal(without.MemoryOctets + 1000 * 1024, with.MemoryOctets);
    }

    private FlowCache NewCache(int capacity) =>
        new(new FlowCacheOptions { Capacity = capacity, Seed = 42, ByteDistribution = true }, _ended);

    private void Observe(FlowCache cache, ushort port, int length, long time)
    {
        (ParsedPacket packet, PacketPayload payload) = Packet(port, 0, length, time);
        cache.Meter([packet], [payload]);
    }

    private (ParsedPacket Packet, PacketPayload Payload) Packet(ushort port, int offset, int length, long time)
    {
        ParsedPacket packet = new()
        {
            IpVersion = 4,
            Protocol = 6,
            SourcePort = port,
            IpOctets = HeaderLength + (uint)length,
            FrameOctets = HeaderLength + (uint)length,
            PayloadOctets = (uint)length,
            Timestamp = time,
        };
        return (packet, PacketPayload.Of(_frames.Span.Slice(offset, HeaderLength + length), in packet));
    }

    private static void Count(Dictionary<ushort, uint[]> flows, ushort port, ReadOnlySpan<byte> payload)
    {
        uint[] counts = CountsOf(flows, port);
        foreach (byte value in payload)
            counts[value]++;
    }

    private static uint[] CountsOf(Dictionary<ushort, uint[]> flows, ushort port)
    {
        if (!flows.TryGetValue(port, out uint[]? counts))
            flows.Add(port, counts = new uint[256]);
        return counts;
    }

    private static ulong Sum(ByteDistribution distribution)
    {
        ulong sum = 0;
        foreach (uint count in distribution)
            sum += count;
        return sum;
    }
}
