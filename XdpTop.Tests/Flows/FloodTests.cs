using System.Buffers.Binary;
using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Tests.Flows;

/// <summary>What is done on purpose to wear a flow cache out.</summary>
public sealed class FloodTests : IDisposable
{
    private const int Capacity = 4096;
    private const long Microsecond = 1000;

    private readonly FlowRecordQueue _ended = new(1 << 12);
    private readonly List<FlowRecord> _records = [];

    public void Dispose() => _ended.Dispose();

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_flood_of_new_flows_leaves_the_lasting_ones_alone_and_loses_nothing(int ipVersion)
    {
        const int Packets = 200_000, Lasting = 20;
        using FlowCache cache = new(new FlowCacheOptions { Capacity = Capacity, Seed = 5 }, _ended);
        Random random = new(1);
        long now = 1_000_000_000;
        int flood = 0;
        for (int i = 0; i < Packets; i++)
        {
            bool lasts = i < Lasting || random.Next(10) == 0;
            uint source = lasts ? (uint)(i < Lasting ? i : random.Next(Lasting)) : 1_000_000u + (uint)flood++;
            cache.Meter([Packet(ipVersion, source, now += Microsecond)]);
            if (i % 1000 == 0)
                Drain();
        }
        Drain();
        Assert.Equal(Capacity, cache.Count);
        Assert.Equal((ulong)(flood + Lasting), cache.Counters.Flows);
        Assert.Equal((ulong)(flood + Lasting - Capacity), cache.Counters.LackOfResources);
        Assert.Equal(flood + Lasting - Capacity, _records.Count);
        Assert.All(_records, record => Assert.Equal((FlowEndReason.LackOfResources, 1ul), (record.EndReason, record.Packets)));
        Assert.DoesNotContain(_records, record => Source(record) < Lasting);

        cache.EndAll(now);
        Drain();
        Assert.Equal((ulong)Packets, _records.Aggregate(0ul, (sum, record) => sum + record.Packets));
        Assert.Equal(flood + Lasting, _records.Select(record => record.Key).Distinct().Count());
    }

    [Fact]
    public void Keys_that_collide_under_one_seed_do_not_under_another()
    {
        const uint Known = 1, Secret = 0x5eed;
        // All of these would stand in one bucket, or behind it, and have one tag.
        List<ParsedPacket> packets = [];
        for (uint source = 0; packets.Count < 512; source++)
        {
            ParsedPacket packet = Packet(4, source, 1_000_000_000);
            uint hash = Murmur3.Hash(in FlowKey.Of(in packet), Known);
            if (hash >> 23 == 0 && (byte)hash == 7)
                packets.Add(packet);
        }
        uint[] hashes = [.. packets.Select(packet => Murmur3.Hash(in FlowKey.Of(in packet), Secret))];
        Assert.True(hashes.GroupBy(hash => hash >> 23).Max(bucket => bucket.Count()) < 12); // of 512
        Assert.True(hashes.GroupBy(hash => (byte)hash).Max(tag => tag.Count()) < 16);       // of 256

        // And where they do collide they are slow, but right.
        using FlowCache cache = new(new FlowCacheOptions { Capacity = Capacity, Seed = Known }, _ended);
        for (int round = 0; round < 3; round++)
        {
            foreach (ParsedPacket packet in packets)
                cache.Meter([packet]);
        }
        Assert.Equal(packets.Count, cache.Count);
        cache.EndAll(1_000_000_000);
        Drain();
        Assert.All(_records, record => Assert.Equal(3ul, record.Packets));
        Assert.Equal(packets.Count, _records.Select(record => record.Key).Distinct().Count());
    }

    private static ParsedPacket Packet(int ipVersion, uint source, long time)
    {
        ParsedPacket packet = new()
        {
            IpVersion = (byte)ipVersion, Protocol = 17, DestinationPort = 53, IpOctets = 60, FrameOctets = 74, Timestamp = time,
        };
        BinaryPrimitives.WriteUInt32BigEndian(packet.Source, source);
        return packet;
    }

    private static uint Source(in FlowRecord record) => BinaryPrimitives.ReadUInt32BigEndian(record.Key.Source);

    private void Drain()
    {
        FlowRecord[] records = new FlowRecord[1 << 12];
        for (int count; (count = _ended.TryDequeue(records)) > 0;)
            _records.AddRange(records.AsSpan(0, count));
    }
}
