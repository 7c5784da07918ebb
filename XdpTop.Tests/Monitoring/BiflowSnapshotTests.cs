using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Packets;
using XdpTop.Tests.Flows;

namespace XdpTop.Tests.Monitoring;

/// <summary>Snapshots with the two directions of a conversation in one row, of several flow caches.</summary>
public sealed class BiflowSnapshotTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private readonly Traffic _traffic = new(observationPoints: [0, 0, 0, 1]);
    private readonly SnapshotExchange _exchange = new(20_000);
    private readonly SnapshotTaker _taker;

    public BiflowSnapshotTests()
    {
        _taker = new SnapshotTaker(_traffic, _exchange, TimeSpan.FromSeconds(1));
        _exchange.Request = SnapshotRequest.Default with { Biflows = true };
    }

    public void Dispose()
    {
        _taker.Dispose();
        _traffic.Dispose();
    }

    [Fact]
    public void Directions_in_different_caches_are_one_row_with_rates_of_their_own()
    {
        Take();
        _traffic.Send(0, Packet(1, 2, 1000, 80), 10);
        _traffic.Now += 1;
        _traffic.Send(1, Packet(2, 1, 80, 1000), 30);
        _traffic.Send(2, Packet(3, 4, 5, 6), 1);
        _traffic.Now += Second - 1;
        TrafficSnapshot snapshot = Take();
        Assert.Equal((2, 3, 3), (snapshot.RowCount, snapshot.LiveFlows, snapshot.MatchingFlows));
        FlowRow row = snapshot.Rows[0];
        Assert.True(row.IsBiflow);
        Assert.Equal((1000, 80), (row.Record.Key.SourcePort, row.Reverse.Key.SourcePort));
        Assert.Equal((10.0, 30.0, 40.0), (row.PacketsPerSecond, row.ReversePacketsPerSecond, row.TotalPacketsPerSecond));
        Assert.Equal((40ul, 4000ul, row.Reverse.End), (row.Packets, row.Octets, row.End));
        Assert.False(snapshot.Rows[1].IsBiflow);
        Assert.Equal(0, snapshot.Rows[1].ReverseOctetsPerSecond);

        _exchange.Request = SnapshotRequest.Default;
        Assert.Equal(3, Take(newInterval: false).RowCount);
        Assert.All(_taken!.Rows[..3], r => Assert.False(r.IsBiflow));
        Assert.Equal([30.0, 10.0, 1.0], _taken!.Rows[..3].Select(r => r.PacketsPerSecond));
    }

    [Fact]
    public void Rows_are_sorted_by_sums_and_match_if_one_direction_does()
    {
        _traffic.Send(0, Packet(1, 2, 1000, 80), 5);
        _traffic.Send(1, Packet(2, 1, 80, 1000), 5);
        _traffic.Send(0, Packet(3, 4, 1000, 80), 8);
        _traffic.Send(0, Packet(5, 6, 0, 0x0800, protocol: 1), 1);
        _traffic.Send(1, Packet(6, 5, 0, 0x0000, protocol: 1), 1);
        _exchange.Request = new SnapshotRequest(FlowSortKey.Packets, false, DisplayFilter.None, Biflows: true);
        Assert.Equal([10ul, 8ul, 2ul], Rows(Take()).Select(row => row.Packets));
        _exchange.Request = _exchange.Request with { Filter = Filters.TestFilter.Of("!10.0.0.1") };
        Assert.Equal([8ul, 2ul], Rows(Take()).Select(row => row.Packets));
        Assert.Equal((5, 3), (_taken!.LiveFlows, _taken.MatchingFlows));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 10)]
    [InlineData(3, 60)]
    public void Each_flow_is_in_one_row_and_alone_only_where_it_has_no_other_direction(int seed, int hosts)
    {
        Random random = new(seed);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 700; i++)
            {
                byte protocol = (byte)(random.Next(3) switch { 0 => 1, 1 => 6, _ => 17 });
                int types = random.Next(3) switch { 0 => 0x0800, 1 => 0, _ => 0x0301 };
                ParsedPacket packet = protocol == 1
                    ? Packet(random.Next(hosts), random.Next(hosts), 0, types, protocol)
                    : Packet(random.Next(hosts), random.Next(hosts), random.Next(3), random.Next(3), protocol);
                packet.Direction = (byte)random.Next(2);
                packet.OuterVlan = (ushort)(random.Next(4) == 0 ? ParsedPacket.VlanPresent : 0);
                if (random.Next(20) == 0)
                    packet.Destination = IpAddress.Parse("224.0.0.9");
                _traffic.Now += 1 + random.Next(1000);
                _traffic.Send(random.Next(4), packet, 1 + random.Next(3));
            }
            _traffic.Now += Second;
            FlowRow[] rows = Rows(Take());
            FlowRecord[] alone = [.. rows.Where(row => !row.IsBiflow).Select(row => row.Record)];
            FlowRow[] pairs = [.. rows.Where(row => row.IsBiflow)];
            Assert.Equal(Flows().Order(), alone.Concat(pairs.Select(row => row.Record)).Concat(pairs.Select(row => row.Reverse)).Select(Describe).Order());
            Assert.All(pairs, row => Assert.True(IsPair(row.Record, row.Reverse) && row.Record.Start < row.Reverse.Start));
            Assert.DoesNotContain(alone, one => alone.Any(other => IsPair(one, other)));
        }
        Assert.Contains(Rows(_taken!), row => row.IsBiflow);
        Assert.Contains(Rows(_taken!), row => !row.IsBiflow);
        Assert.Equal(_taken!.LiveFlows, _taken.MatchingFlows);
    }

    /// <summary>Of two hosts, ICMP messages of each type and code: where all looked for each other it would take minutes.</summary>
    [Fact]
    public void Messages_that_nothing_answers_are_not_looked_for()
    {
        for (int i = 0; i < 12_000; i++)
            _traffic.Send(i % 3, Packet(1, 2, 0, i, protocol: 1), 1);
        for (int code = 0; code < 256; code++)
            _traffic.Send(3, Packet(2, 1, 0, code, protocol: 1), 1); // elsewhere
        for (int code = 0; code < 256; code++)
            _traffic.Send(2, Packet(2, 1, 0, code, protocol: 1), 1);
        TrafficSnapshot snapshot = Take();
        Assert.Equal((12_512, 12_512), (snapshot.LiveFlows, snapshot.MatchingFlows));
        Assert.Equal(256, Rows(snapshot).Count(row => row.IsBiflow));
        Assert.Equal(256, Rows(Take()).Count(row => row.IsBiflow));
    }

    [Fact]
    public void After_the_first_ones_snapshots_allocate_next_to_nothing()
    {
        for (int flow = 1; flow <= 2000; flow++)
            _traffic.Send(flow % 3, Packet(flow % 7, flow % 5, flow % 11, flow % 13), 1);
        for (int i = 0; i < 6; i++)
            Take();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            _taker.Take(newInterval: true);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 500);
    }

    [Fact]
    public void Flows_that_come_and_go_meanwhile_leave_every_row_whole()
    {
        using CancellationTokenSource stop = new();
        Thread worker = new(() =>
        {
            Random random = new(9);
            while (!stop.IsCancellationRequested)
            {
                _traffic.Send(0, Packet(random.Next(40), random.Next(40), random.Next(3), random.Next(3)), 1);
                if (random.Next(500) == 0)
                    _traffic.Caches[0].EndAll(_traffic.Now);
                while (_traffic.Ended.TryDequeue(new FlowRecord[64]) > 0)
                    continue;
            }
        });
        worker.Start();
        try
        {
            for (int i = 0; i < 200; i++)
            {
                foreach (FlowRow row in Rows(Take()))
                {
                    if (!row.IsBiflow)
                        continue;
                    Assert.Equal(row.Record.Key.Source, row.Reverse.Key.Destination);
                    Assert.Equal(row.Record.Key.SourcePort, row.Reverse.Key.DestinationPort);
                    Assert.Equal(100 * row.Packets, row.Octets);
                }
            }
        }
        finally
        {
            // It writes to memory that is freed after the test.
            stop.Cancel();
            worker.Join();
        }
    }

    private TrafficSnapshot? _taken;

    private TrafficSnapshot Take(bool newInterval = true)
    {
        _taker.Take(newInterval);
        Assert.True(_exchange.TryTake(out _taken));
        return _taken;
    }

    private static FlowRow[] Rows(TrafficSnapshot snapshot) => snapshot.Rows[..snapshot.RowCount];

    private IEnumerable<string> Flows()
    {
        foreach (FlowCache cache in _traffic.Caches)
        {
            for (int slot = 0; slot < cache.SlotsInUse; slot++)
            {
                FlowRecord record = default;
                if (cache.TryRead(slot, ref record))
                    yield return Describe(record);
            }
        }
    }

    private static bool IsPair(FlowRecord one, FlowRecord other)
    {
        FlowKey a = one.Key, b = other.Key;
        if (one.ObservationPoint != other.ObservationPoint || !a.Source.Equals(b.Destination) || !b.Source.Equals(a.Destination)
            || a.Protocol != b.Protocol || a.OuterVlan != b.OuterVlan || a.Destination.Bytes(4)[0] == 224 || b.Destination.Bytes(4)[0] == 224)
            return false;
        return a.Protocol == 1
            ? (a.DestinationPort, b.DestinationPort) is (0x0800, 0) or (0, 0x0800)
            : a.SourcePort == b.DestinationPort && b.SourcePort == a.DestinationPort
                && (a.SourcePort != b.SourcePort || !a.Source.Equals(b.Source));
    }

    private static string Describe(FlowRecord record) =>
        $"{record.ObservationPoint} {record.Key.Source.ToString(4)} {record.Key.SourcePort} {record.Key.Destination.ToString(4)} {record.Key.DestinationPort} "
        + $"{record.Key.Protocol} {record.Key.OuterVlan} {record.Key.Direction} {record.Packets} {record.Start}";

    private static ParsedPacket Packet(int source, int destination, int sourcePort, int destinationPort, byte protocol = 17) => new()
    {
        IpVersion = 4,
        Source = IpAddress.Parse($"10.0.0.{source}"),
        Destination = IpAddress.Parse($"10.0.0.{destination}"),
        SourcePort = (ushort)sourcePort,
        DestinationPort = (ushort)destinationPort,
        Protocol = protocol,
        IpOctets = 100,
    };

    private sealed class Traffic : ITrafficSource, IDisposable
    {
        private readonly InterfaceStatus[] _interfaces = [new() { Name = "test0", Mode = "redirect" }];

        public Traffic(byte[] observationPoints) =>
            Caches = [.. observationPoints.Select(point => new FlowCache(new FlowCacheOptions { Capacity = 5000, ObservationPoint = point }, Ended))];

        public FlowRecordQueue Ended { get; } = new(64 * 1024);

        public FlowCache[] Caches { get; }

        public IReadOnlyList<FlowCache> FlowCaches => Caches;

        public long Now { get; set; } = 1000 * Second;

        public bool IsFinished => false;

        public int QueueCount => 0;

        public ObservationPointCounters ReadTotals() => default;

        public InterfaceStatus[] ReadInterfaces() => _interfaces;

        public void ReadQueues(Span<QueueStatus> queues)
        {
        }

        public void Send(int cache, ParsedPacket packet, int packets)
        {
            packet.Timestamp = Now;
            for (int i = 0; i < packets; i++)
                Caches[cache].Meter([packet]);
        }

        public void Dispose()
        {
            foreach (FlowCache cache in Caches)
                cache.Dispose();
            Ended.Dispose();
        }
    }
}
