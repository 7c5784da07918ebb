using XdpTop.Export;
using XdpTop.Flows;

namespace XdpTop.Tests.Export;

public sealed class CollectorGroupTests
{
    private readonly ManualTime _time = new();
    private readonly Dictionary<string, FakeTransport> _transports = [];
    private readonly HashSet<string> _down = [];

    [Fact]
    public void Each_of_several_gets_all_and_counts_for_itself()
    {
        using CollectorGroup group = New(ExportPolicy.All, "tcp://a tcp://b", capacity: 100);
        _down.Add("b");
        Keep(group, TestRecords.Random(150, seed: 1).AsSpan(0, 80));
        Serve(group);
        Keep(group, TestRecords.Random(150, seed: 1).AsSpan(80));
        Serve(group);
        Assert.Equal(150, _transports["a"].Records.Count());
        Assert.Equal([(150ul, 0ul, 0), (0ul, 50ul, 100)], group.Statuses.Select(status => (status.Sent.Records, status.NotSent.Records, status.RecordsWaiting)));
        Assert.Equal([CollectorState.Up, CollectorState.Failing], group.Statuses.Select(status => status.State));
        Assert.Equal([0, 1.0], group.Statuses.Select(status => status.QueueFill));
        Assert.Equal((150ul, 50ul, 100), (group.Sent.Records, group.NotSent.Records, group.RecordsWaiting));
    }

    [Fact]
    public void One_stands_in_for_another_until_that_is_up_again()
    {
        using CollectorGroup group = New(ExportPolicy.Failover, "tcp://a tcp://b", capacity: 100);
        FlowRecord[] records = TestRecords.Random(30, seed: 2);
        Keep(group, records.AsSpan(0, 10));
        Serve(group);
        Assert.Equal([true, false], group.Statuses.Select(status => status.IsInUse));

        _transports["a"].Failure = "it has gone";
        _down.Add("a");
        Serve(group);
        Keep(group, records.AsSpan(10, 10));
        Serve(group);
        Assert.Equal([false, true], group.Statuses.Select(status => status.IsInUse));

        _down.Clear();
        _transports["a"].Failure = "";
        _time.Advance(TimeSpan.FromSeconds(2));
        Serve(group);
        Keep(group, records.AsSpan(20));
        Serve(group);
        Assert.Equal([true, false], group.Statuses.Select(status => status.IsInUse));
        Assert.Equal(records[..10].Concat(records[20..]).Select(record => record.Start), _transports["a"].Records.Select(record => record.Nanoseconds(156)));
        Assert.Equal(records[10..20].Select(record => record.Start), _transports["b"].Records.Select(record => record.Nanoseconds(156)));
        Assert.Equal((30ul, 0ul), (group.Sent.Records, group.NotSent.Records));
    }

    [Fact]
    public void One_that_fails_is_full_until_that_has_lasted()
    {
        using CollectorGroup group = New(ExportPolicy.All, "tcp://a", capacity: 100);
        TimeSpan patience = TimeSpan.FromSeconds(5);
        Serve(group);
        Keep(group, TestRecords.Random(100, seed: 6));
        Assert.True(group.IsFull(10, TimeSpan.Zero));
        _transports["a"].Failure = "it has gone";
        _down.Add("a");
        Serve(group);
        Assert.False(group.IsFull(10, TimeSpan.Zero));
        for (int second = 0; second < 5; second++)
        {
            Assert.True(group.IsFull(10, patience));
            _time.Advance(TimeSpan.FromSeconds(1));
            Serve(group); // tries again
        }
        Assert.False(group.IsFull(10, patience));
    }

    [Fact]
    public void Over_UDP_templates_find_out_whether_a_collector_that_refused_is_there_again()
    {
        using CollectorGroup group = New(ExportPolicy.Failover, "udp://a udp://b", capacity: 100);
        Serve(group);
        int asked = _transports["a"].Messages.Count; // of Templates
        _transports["a"].PendingError = System.Net.Sockets.SocketError.ConnectionRefused;
        _time.Advance(TimeSpan.FromSeconds(1));
        Serve(group);
        Assert.Equal([false, true], group.Statuses.Select(status => status.IsInUse));
        Keep(group, TestRecords.Random(10, seed: 4));
        Serve(group);
        Assert.Equal((0, 10), (_transports["a"].Records.Count(), _transports["b"].Records.Count()));

        for (int second = 0; second < 4 && !group.Statuses[0].IsInUse; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Serve(group);
        }
        Assert.True(group.Statuses[0].IsInUse);
        // Templates, which take as many messages each time: at the refusal, and a second after it, when nothing was refused.
        Assert.InRange(_transports["a"].Messages.Count, 2 * asked, 3 * asked);
    }

    [Fact]
    public void What_waits_for_one_that_goes_waits_for_one_that_comes_and_is_else_counted_as_not_sent()
    {
        using CollectorGroup group = New(ExportPolicy.All, "tcp://a tcp://b", capacity: 100);
        Keep(group, TestRecords.Random(10, seed: 3));
        Set(group, "tcp://c");
        Assert.Equal((10ul, 10), (group.NotSent.Records, group.RecordsWaiting));
        Serve(group);
        Assert.Equal(10, _transports["c"].Records.Count());
    }

    [Fact]
    public void The_list_of_states_stays_the_same_until_something_changes()
    {
        using CollectorGroup group = New(ExportPolicy.All, "tcp://a", capacity: 100);
        Serve(group);
        IReadOnlyList<CollectorStatus> before = group.Statuses;
        group.RefreshStatus(isOn: true);
        Assert.Same(before, group.Statuses);
        group.RefreshStatus(isOn: false);
        Assert.NotSame(before, group.Statuses);
        Assert.Equal(CollectorState.Off, group.Statuses[0].State);
    }

    private CollectorGroup New(ExportPolicy policy, string urls, int capacity)
    {
        CollectorGroup group = new(
            new ExportOptions { Policy = policy, WaitingCapacity = capacity, RetryJitter = 0 }, [new("lo", 1)],
            (collector, _) => _down.Contains(collector.Host)
                ? Task.FromException<ITransport>(new IOException("it refuses"))
                : Task.FromResult<ITransport>(_transports.TryGetValue(collector.Host, out FakeTransport? known)
                    ? known : _transports[collector.Host] = new FakeTransport { IsReliable = collector.Transport != TransportProtocol.Udp }),
            _time);
        Set(group, urls);
        return group;
    }

    private static void Set(CollectorGroup group, string urls)
    {
        Assert.True(CollectorAddress.TryParseAll(urls, out IReadOnlyList<CollectorAddress> addresses, out _));
        group.Set(addresses);
    }

    private static void Keep(CollectorGroup group, ReadOnlySpan<FlowRecord> records) => group.Keep(records, []);

    private static void Serve(CollectorGroup group)
    {
        for (int i = 0; i < 3; i++) // connect, choose, send
            group.Serve(isOn: true, flush: true, urgency: 0);
        group.RefreshStatus(isOn: true);
    }
}
