using System.Diagnostics;
using XdpTop.Monitoring;

namespace XdpTop.Tests.Monitoring;

public sealed class SnapshotTakerTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private readonly TestTraffic _traffic = new();
    private readonly SnapshotExchange _exchange = new(10);
    private readonly SnapshotTaker _taker;

    public SnapshotTakerTests() => _taker = new SnapshotTaker(_traffic, _exchange, TimeSpan.FromSeconds(1));

    public void Dispose()
    {
        _taker.Dispose();
        _traffic.Dispose();
    }

    [Fact]
    public void Rates_are_over_the_time_since_the_snapshot_before()
    {
        _traffic.Send(1, packets: 10);
        TrafficSnapshot first = Take();
        Assert.Equal(0, first.Rows[0].PacketsPerSecond); // there was no snapshot before it
        _traffic.Send(1, packets: 30);
        _traffic.Send(2, packets: 4);
        _traffic.Now += 2 * Second;
        TrafficSnapshot second = Take();
        Assert.Equal(2, second.RowCount);
        Assert.Equal([15.0, 2.0], second.Rows[..2].Select(r => r.PacketsPerSecond));
        Assert.Equal([1500.0, 200.0], second.Rows[..2].Select(r => r.OctetsPerSecond));
        Assert.Equal([40ul, 4ul], second.Rows[..2].Select(r => r.Record.Packets));
        Assert.Equal(17, second.PacketsPerSecond);
        Assert.Equal(0.5, second.NewFlowsPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(2), second.Interval);
        _traffic.Now += Second;
        Assert.Equal([0.0, 0.0], Take().Rows[..2].Select(r => r.PacketsPerSecond));
    }

    [Fact]
    public void A_new_record_in_the_place_of_another_has_rates_of_its_own()
    {
        _traffic.Send(1, packets: 100);
        Take();
        _traffic.Now += 16 * Second; // the flow has ended
        while (_traffic.Cache.Expire(_traffic.Now))
            continue;
        Assert.Equal(0, _traffic.Cache.Count);
        _traffic.Send(2, packets: 101);
        Assert.Equal(101.0 / 16, Take().Rows[0].PacketsPerSecond);
    }

    [Fact]
    public void Another_sort_or_filter_shows_the_rates_of_the_last_interval()
    {
        _traffic.Send(1, packets: 10);
        _traffic.Send(2, packets: 20);
        Take();
        _traffic.Now += Second;
        _traffic.Send(1, packets: 3);
        Take();
        _traffic.Now += Second / 10;
        _traffic.Send(1, packets: 5);
        _exchange.Request = new SnapshotRequest(FlowSortKey.Packets, false, DisplayFilter.None);
        TrafficSnapshot snapshot = Take(newInterval: false);
        Assert.Equal([20ul, 18ul], snapshot.Rows[..2].Select(r => r.Record.Packets));
        Assert.Equal([0.0, 3.0], snapshot.Rows[..2].Select(r => r.PacketsPerSecond));
        Assert.Equal(3, snapshot.PacketsPerSecond);
    }

    [Fact]
    public void Of_many_flows_the_first_are_shown_and_all_are_counted()
    {
        for (int flow = 1; flow <= 30; flow++)
            _traffic.Send(flow, packets: flow);
        _exchange.Request = new SnapshotRequest(FlowSortKey.Packets, false, Filters.TestFilter.Of("!:7"));
        TrafficSnapshot snapshot = Take();
        Assert.Equal((10, 30, 29), (snapshot.RowCount, snapshot.LiveFlows, snapshot.MatchingFlows));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (ulong)(30 - i)), snapshot.Rows.Select(r => r.Record.Packets));
    }

    [Fact]
    public void When_time_stands_still_rates_are_means_over_the_flow()
    {
        _traffic.Send(1, packets: 10);
        _traffic.Now += 5 * Second;
        _traffic.Send(1, packets: 10);
        _traffic.IsFinished = true;
        Assert.Equal(4, Take().Rows[0].PacketsPerSecond);
    }

    [Fact]
    public void When_time_stands_still_rates_are_means_over_all_of_it()
    {
        _traffic.Began = _traffic.Now;
        Take();
        _traffic.Send(1, packets: 10);
        _traffic.Now += 3 * Second;
        Take();
        _traffic.Send(2, packets: 30);
        _traffic.Now += 5 * Second;
        _traffic.IsFinished = true;
        for (int i = 0; i < 3; i++)
        {
            TrafficSnapshot snapshot = Take();
            Assert.Equal((5.0, 0.25, TimeSpan.FromSeconds(8)), (snapshot.PacketsPerSecond, snapshot.NewFlowsPerSecond, snapshot.Interval));
            Assert.Equal(5.0, snapshot.Queues[0].PacketsPerSecond);
            Assert.Equal(5.0, snapshot.History.PacketRate(1001, 1008), 0.001);
        }
    }

    [Fact]
    public void The_last_snapshot_can_be_taken_after_the_thread_has_ended()
    {
        _taker.Start();
        _taker.Stop();
        _traffic.Send(1, packets: 10);
        Assert.Equal(10ul, Take().Rows[0].Record.Packets);
        _taker.Dispose();
        _taker.Dispose(); // as the session does with all that it has
    }

    [Fact]
    public void After_the_first_ones_snapshots_allocate_next_to_nothing()
    {
        for (int flow = 1; flow <= 30; flow++)
            _traffic.Send(flow, packets: 1);
        for (int i = 0; i < 6; i++)
            Take();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            _taker.Take(newInterval: true);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 500);
    }

    [Fact]
    public void After_a_stall_no_interval_is_too_short_for_rates()
    {
        TimeSpan interval = TimeSpan.FromMilliseconds(40);
        List<long> looks = [];
        using ManualResetEventSlim enough = new();
        _traffic.Looked = () =>
        {
            looks.Add(Stopwatch.GetTimestamp());
            if (looks.Count == 3)
                Thread.Sleep(6 * interval);
            if (looks.Count == 8)
                enough.Set();
        };
        using (SnapshotTaker taker = new(_traffic, _exchange, interval))
        {
            taker.Start();
            Assert.True(enough.Wait(TimeSpan.FromSeconds(20)));
        }
        TimeSpan[] intervals = [.. looks.Take(8).Zip(looks.Skip(1), Stopwatch.GetElapsedTime)];
        Assert.All(intervals[..7], time => Assert.True(time > interval / 4, $"{time}"));
    }

    private TrafficSnapshot Take(bool newInterval = true)
    {
        _taker.Take(newInterval);
        Assert.True(_exchange.TryTake(out TrafficSnapshot snapshot));
        return snapshot;
    }
}
