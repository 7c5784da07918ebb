using XdpTop.Flows;
using XdpTop.Memory;
using XdpTop.Monitoring;

namespace XdpTop.Tests.Monitoring;

/// <summary>Flows that are looked after from one snapshot to the next: ended, frozen, watched, set back.</summary>
public sealed class ShownFlowsTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private readonly TestTraffic _traffic = new();
    private readonly SnapshotExchange _exchange = new(100);
    private readonly SnapshotTaker _taker;

    public ShownFlowsTests() => _taker = new SnapshotTaker(_traffic, _exchange, TimeSpan.FromSeconds(1));

    public void Dispose()
    {
        _taker.Dispose();
        _traffic.Dispose();
    }

    [Fact]
    public void A_flow_that_has_ended_stays_for_a_while_if_that_is_asked_for()
    {
        Ask(request => request with { ShowsEnded = true });
        _traffic.Send(1, packets: 9);
        Take();
        _traffic.Now += Second;
        Assert.Equal(0, Take().Rows[0].EndedAt);
        EndAll();
        TrafficSnapshot snapshot = Take();
        Assert.Equal((1, 0, 9ul), (snapshot.RowCount, snapshot.LiveFlows, snapshot.Rows[0].Packets));
        Assert.Equal(_traffic.Now, snapshot.Rows[0].EndedAt);
        _traffic.Now += ShownFlows.EndedFor - 1;
        Assert.Equal(1, Take().RowCount);
        _traffic.Now += 1;
        Assert.Equal(0, Take().RowCount);
    }

    [Fact]
    public void A_flow_that_has_ended_goes_at_once_else()
    {
        _traffic.Send(1, packets: 9);
        Take();
        EndAll();
        Assert.Equal(0, Take().RowCount);
    }

    [Fact]
    public void A_frozen_order_keeps_flows_at_their_places_while_their_numbers_go_on()
    {
        Ask(request => request with { SortKey = FlowSortKey.Packets });
        _traffic.Send(1, packets: 30);
        _traffic.Send(2, packets: 20);
        _traffic.Send(3, packets: 10);
        Take();
        Ask(request => request with { IsFrozen = true });
        _traffic.Now += Second;
        _traffic.Send(3, packets: 100);
        _traffic.Send(4, packets: 1000);
        TrafficSnapshot snapshot = Take();
        Assert.Equal([30ul, 20ul, 110ul], snapshot.Rows[..snapshot.RowCount].Select(row => row.Packets));
        Assert.Equal(4, snapshot.LiveFlows);
        Assert.Equal(100, snapshot.Rows[2].PacketsPerSecond);
        EndAll();
        snapshot = Take();
        Assert.Equal([30ul, 20ul, 110ul], snapshot.Rows[..snapshot.RowCount].Select(row => row.Packets));
        Assert.All(snapshot.Rows[..snapshot.RowCount], row => Assert.Equal((_traffic.Now, 0.0), (row.EndedAt, row.PacketsPerSecond)));
        Ask(request => request with { IsFrozen = false });
        Assert.Equal(0, Take().RowCount);
    }

    [Fact]
    public void Counts_that_are_set_back_begin_at_0_and_those_of_new_flows_are_whole()
    {
        _traffic.Send(1, packets: 30);
        Take();
        Ask(request => request with { Resets = 1 });
        Assert.Equal((0ul, 0ul), Sums(Take()));
        _traffic.Send(1, packets: 5);
        _traffic.Send(2, packets: 7);
        Assert.Equal((12ul, 1200ul), Sums(Take()));
        Ask(request => request with { Biflows = true });
        Assert.Equal((12ul, 1200ul), Sums(Take()));
        Ask(request => request with { Resets = 2 });
        Assert.Equal((0ul, 0ul), Sums(Take()));
        Assert.Equal([7ul, 35ul], Newest().Rows[..2].Select(row => row.Record.Packets).Order());

        static (ulong, ulong) Sums(TrafficSnapshot snapshot) =>
            snapshot.Rows[..snapshot.RowCount].Aggregate((0ul, 0ul), (sum, row) => (sum.Item1 + row.Packets, sum.Item2 + row.Octets));
    }

    [Fact]
    public void Of_a_group_only_its_flows_are_shown()
    {
        for (int flow = 1; flow <= 20; flow++)
            _traffic.Send(flow, packets: flow);
        Ask(request => request with { Grouping = GroupKind.Hosts, GroupSortKey = GroupSortKey.Packets });
        TrafficSnapshot snapshot = Take();
        Assert.Equal(GroupKind.Hosts, snapshot.GroupKind);
        for (int i = 0; i < 3; i++)
        {
            GroupRow group = snapshot.Groups[i];
            Ask(request => request with { Grouping = GroupKind.None, Within = group.Key });
            TrafficSnapshot within = Take();
            Assert.Equal((group.Flows, group.Packets, 0),
                (within.MatchingFlows, within.Rows[..within.RowCount].Aggregate(0ul, (sum, row) => sum + row.Packets), within.GroupCount));
            Ask(request => request with { Grouping = GroupKind.Hosts, Within = null });
            snapshot = Take();
        }
    }

    [Fact]
    public void A_flow_is_watched_whatever_is_shown_and_stays_when_it_has_ended()
    {
        _traffic.Send(1, packets: 10);
        _traffic.Send(2, packets: 10);
        FlowRow wanted = Take().Rows[0];
        Ask(request => request with { Filter = Filters.TestFilter.Of("none-of-them"), Watched = new WatchedFlow(wanted.Record.Key, 0) });
        for (int i = 0; i < 5; i++)
        {
            _traffic.Now += Second;
            _traffic.Send(1, packets: 3);
            _traffic.Send(2, packets: 3);
            Take();
        }
        TrafficSnapshot snapshot = Newest();
        Assert.Equal((0, 25ul, 3.0), (snapshot.RowCount, snapshot.WatchedRow.Packets, snapshot.WatchedRow.PacketsPerSecond));
        RateHistory history = snapshot.WatchedForward;
        Assert.InRange(history.To - history.From, 3, 5);
        Assert.Equal(3, history.PacketRate(history.From, history.To), 3);
        EndAll();
        snapshot = Take();
        Assert.Equal((25ul, 0.0, _traffic.Now), (snapshot.WatchedRow.Packets, snapshot.WatchedRow.PacketsPerSecond, snapshot.WatchedRow.EndedAt));
    }

    [Fact]
    public void Where_bytes_are_counted_a_watched_flow_has_the_entropy_of_its_payload_to_the_end()
    {
        using MappedMemory payload = MappedMemory.Allocate(1024, "a test");
        for (int i = 0; i < 1024; i++)
            payload.Span[i] = (byte)(i % 16); // 16 values, each as often: 4 bits
        using TestTraffic traffic = new(countsBytes: true);
        using SnapshotTaker taker = new(traffic, _exchange, TimeSpan.FromSeconds(1));
        traffic.Send(payload);
        taker.Take(newInterval: true);
        Assert.Null(Newest().WatchedEntropy);
        FlowKey key = Newest().Rows[0].Record.Key;
        Ask(request => request with { Watched = new WatchedFlow(key, 0) });
        for (int i = 0; i < 2; i++)
        {
            taker.Take(newInterval: true);
            Assert.Equal((4.0, null), (Newest().WatchedEntropy, Newest().WatchedReverseEntropy));
            traffic.Cache.EndAll(traffic.Now);
        }
    }

    [Fact]
    public void A_flow_that_begins_again_at_the_same_time_has_all_its_counts_though_others_were_set_back()
    {
        _traffic.Send(1, packets: 10);
        Take();
        Ask(request => request with { Resets = 1 });
        Assert.Equal(0u, Take().Rows[0].Packets);
        _traffic.Cache.EndAll(_traffic.Now);
        _traffic.Send(1, packets: 3);
        Assert.Equal((3ul, 300ul), (Take().Rows[0].Packets, Newest().Rows[0].Octets));
    }

    [Fact]
    public void Counts_of_a_capture_that_has_been_read_are_set_back_and_its_rates_stay()
    {
        _traffic.Send(1, packets: 10);
        _traffic.IsFinished = true;
        Assert.Equal((10u, 10.0), (Take().Rows[0].Packets, Newest().Rows[0].PacketsPerSecond));
        Ask(request => request with { Resets = 1 });
        Assert.Equal((0u, 10.0), (Take().Rows[0].Packets, Newest().Rows[0].PacketsPerSecond));
        Assert.Equal(0u, Take().Rows[0].Packets);
    }

    private void EndAll()
    {
        _traffic.Now += 16 * Second;
        while (_traffic.Cache.Expire(_traffic.Now))
            continue;
        Assert.Equal(0, _traffic.Cache.Count);
    }

    private void Ask(Func<SnapshotRequest, SnapshotRequest> change) => _exchange.Request = change(_exchange.Request);

    private TrafficSnapshot Take()
    {
        _taker.Take(newInterval: true);
        return Newest();
    }

    private TrafficSnapshot Newest()
    {
        _exchange.TryTake(out TrafficSnapshot snapshot);
        return snapshot;
    }
}
