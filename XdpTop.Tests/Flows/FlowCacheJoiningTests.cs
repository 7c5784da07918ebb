using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Tests.Flows;

/// <summary>Flows that go on after their active time-out, as readers see them.</summary>
public sealed class FlowCacheJoiningTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private const long Begin = 1_700_000_000 * Second;

    private readonly FlowRecordQueue _ended = new(1 << 16);
    private readonly FlowCache _cache;

    public FlowCacheJoiningTests() => _cache = new FlowCache(
        new FlowCacheOptions
        {
            Capacity = 256, JoinsRecords = true, IdleTimeout = TimeSpan.FromSeconds(15), ActiveTimeout = TimeSpan.FromSeconds(60), Linger = TimeSpan.FromSeconds(1),
        }, _ended);

    public void Dispose()
    {
        _cache.Dispose();
        _ended.Dispose();
    }

    [Theory]
    [InlineData(true)]  // the scan finds that the time is over
    [InlineData(false)] // a packet does
    public void A_flow_is_seen_whole_while_its_records_are_reported_one_by_one(bool scans)
    {
        ulong octets = 0;
        for (int second = 0; second < 600; second++)
        {
            ParsedPacket packet = Packet(1, Begin + second * Second, length: (uint)(40 + second), ttl: (byte)(second + 1), flags: second == 0 ? TcpFlag.Syn : TcpFlag.Ack);
            octets += packet.IpOctets;
            _cache.Meter([packet]);
            if (scans)
                Scan(Begin + second * Second + Second / 4);
            FlowRecord record = Single();
            Assert.Equal((Begin, Begin + second * Second, (ulong)second + 1, octets), (record.Start, record.End, record.Packets, record.Octets));
            Assert.Equal((40, 40 + second), (record.MinimumLength, record.MaximumLength));
            Assert.Equal((ulong)second + 1, Sum(record.LengthHistogram));
            Assert.True((record.TcpFlags & TcpFlag.Syn) != 0);
        }
        Assert.Equal((10ul, 9ul), (_cache.Counters.Flows, _cache.Counters.Continued));
        List<FlowRecord> reported = Reported();
        Assert.Equal(9, reported.Count);
        Assert.All(reported, record => Assert.Equal((60ul, FlowEndReason.ActiveTimeout), (record.Packets, record.EndReason)));
        Assert.Equal(1, reported.Count(record => (record.TcpFlags & TcpFlag.Syn) != 0));
    }

    [Fact]
    public void A_flow_that_was_reported_stays_until_it_is_quiet_and_is_not_reported_again()
    {
        _cache.Meter([Packet(1, Begin)]);
        for (int second = 10; second <= 60; second += 10)
            _cache.Meter([Packet(1, Begin + second * Second - 1)]);
        Scan(Begin + 61 * Second);
        Assert.Equal(7ul, Single().Packets);
        Assert.Equal([FlowEndReason.ActiveTimeout], Reported().Select(record => record.EndReason));
        Scan(Begin + 74 * Second);
        Assert.Equal(1, _cache.Count);
        Scan(Begin + 76 * Second);
        Assert.Equal(0, _cache.Count);
        Assert.Empty(Reported());
        _cache.Meter([Packet(1, Begin + 77 * Second)]);
        FlowRecord another = Single();
        Assert.Equal((Begin + 77 * Second, 1ul), (another.Start, another.Packets));
        Assert.Equal((2ul, 0ul), (_cache.Counters.Flows, _cache.Counters.Continued));
    }

    [Fact]
    public void A_packet_after_a_quiet_time_begins_another_flow_though_no_scan_came_by()
    {
        for (int second = 0; second <= 60; second += 10)
            _cache.Meter([Packet(1, Begin + second * Second)]);
        _cache.Meter([Packet(1, Begin + 200 * Second)]);
        FlowRecord record = Single();
        Assert.Equal((Begin + 200 * Second, 1ul), (record.Start, record.Packets));
    }

    [Fact]
    public void A_SYN_after_the_end_begins_another_flow_though_the_active_time_is_over()
    {
        for (int second = 0; second <= 59; second++)
            _cache.Meter([Packet(1, Begin + second * Second)]);
        _cache.Meter([Packet(1, Begin + 60 * Second - 1, flags: TcpFlag.Fin)]);
        _cache.Meter([Packet(1, Begin + 60 * Second, flags: TcpFlag.Syn)]);
        Assert.Equal((Begin + 60 * Second, 1ul), (Single().Start, Single().Packets));
        Assert.Equal(0ul, _cache.Counters.Continued);
    }

    [Fact]
    public void A_packet_with_an_earlier_time_is_counted_though_the_record_was_reported()
    {
        for (int second = 0; second <= 60; second += 10)
            _cache.Meter([Packet(1, Begin + second * Second - (second == 60 ? 1 : 0))]);
        Scan(Begin + 60 * Second);
        Assert.Single(Reported());
        _cache.Meter([Packet(1, Begin + 59 * Second)]);
        Assert.Equal(8ul, Single().Packets);
        _cache.EndAll(Begin + 62 * Second);
        Assert.Equal(1ul, Assert.Single(Reported()).Packets);
    }

    [Fact]
    public void What_was_reported_is_not_reported_at_the_end_nor_when_it_makes_room()
    {
        for (int flow = 0; flow < 256; flow++)
        {
            for (int second = 0; second < 60; second += 10)
                _cache.Meter([Packet(flow, Begin + second * Second)]);
        }
        Scan(Begin + 60 * Second);
        Assert.Equal(256, Reported().Count);
        for (int flow = 1000; flow < 1100; flow++)
            _cache.Meter([Packet(flow, Begin + 61 * Second)]);
        Assert.Equal((256, 0ul), (_cache.Count, _cache.Counters.LackOfResources));
        _cache.EndAll(Begin + 62 * Second);
        Assert.Equal(100, Reported().Count);
    }

    /// <summary>Has the scan come by all slots, which takes it half a second.</summary>
    private void Scan(long now)
    {
        for (long time = now; time <= now + 6 * Second / 10; time += Second / 10)
        {
            while (_cache.Expire(time))
                continue;
        }
    }

    private FlowRecord Single()
    {
        FlowRecord record = default;
        Assert.Equal(1, Enumerable.Range(0, _cache.SlotsInUse).Count(slot => _cache.TryRead(slot, ref record)));
        for (int slot = 0; !_cache.TryRead(slot, ref record);)
            slot++;
        return record;
    }

    private List<FlowRecord> Reported()
    {
        FlowRecord[] some = new FlowRecord[64];
        List<FlowRecord> all = [];
        for (int count; (count = _ended.TryDequeue(some, [])) > 0;)
            all.AddRange(some.AsSpan(0, count));
        return all;
    }

    private static ulong Sum(LengthHistogram histogram)
    {
        ulong sum = 0;
        for (int bin = 0; bin < LengthHistogram.Bins; bin++)
            sum += histogram[bin];
        return sum;
    }

    private static ParsedPacket Packet(int flow, long time, uint length = 100, byte ttl = 64, ushort flags = TcpFlag.Ack) => new()
    {
        Source = IpAddress.Parse("10.0.0.1"), Destination = IpAddress.Parse("10.0.0.2"), SourcePort = (ushort)(1024 + flow), DestinationPort = 80,
        Protocol = IpProtocol.Tcp, IpVersion = 4, IpOctets = length, FrameOctets = length + 14, Ttl = ttl, TcpFlags = flags, Timestamp = time,
    };
}
