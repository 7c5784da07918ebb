using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Tests.Ipfix;

namespace XdpTop.Tests.Export;

/// <summary>A session over a transport that loses nothing, or fails.</summary>
public sealed class ReliableSessionTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly FakeTransport _transport = new() { IsReliable = true, MaximumMessageLength = 16 * 1024 };
    private readonly ExportCounters _counters = new();
    private readonly RecordBuffer _records = new(10_000);
    private readonly ObservationPoint _point = new("lo", 1);
    private readonly CollectorSession _session;
    private int _connections;
    private bool _isRefused;

    public ReliableSessionTests()
    {
        Assert.True(CollectorAddress.TryParse("tcp://collector.example", out CollectorAddress? address, out _));
        _session = new CollectorSession(
            address, new ExportOptions { RetryJitter = 0 }, [_point],
            (_, _) =>
            {
                _connections++;
                return _isRefused ? Task.FromException<ITransport>(new IOException("it refuses")) : Task.FromResult<ITransport>(_transport);
            },
            _time, _counters);
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Templates_are_sent_once_for_each_connection()
    {
        Add(100);
        for (int i = 0; i < 10; i++)
        {
            _session.Pump(_records, flush: true);
            _session.SendTemplatesAgain();
            _time.Advance(TimeSpan.FromSeconds(60));
            Add(1);
        }
        Assert.Equal(1, _transport.Messages.Count(message => message.TemplateIds.Count > 0));
    }

    [Fact]
    public void An_interface_that_has_another_index_is_announced_again_before_the_flows_that_have_it()
    {
        Add(1);
        _session.Pump(_records, flush: true);
        _session.Pump(_records, flush: true);
        Assert.Equal([1ul], Announced);
        _point.Index = 7;
        Add(1);
        _session.Pump(_records, flush: true);
        _session.Pump(_records, flush: true);
        Assert.Equal([1ul, 7ul], Announced);
        Assert.Contains(_transport.Messages, message => message.Records.Count > 0 && message.Options.Any(IsInterface));
    }

    private static bool IsInterface(DecodedRecord record) => record.Fields.ContainsKey((0, 82));

    private IEnumerable<ulong> Announced =>
        _transport.Messages.SelectMany(message => message.Options).Where(IsInterface).Select(record => record.Number(10));

    [Fact]
    public void What_is_underway_is_counted_as_sent_when_it_arrives_and_as_not_sent_when_the_connection_fails()
    {
        _transport.DeliversAtMost = 1;
        FlowRecord[] records = Add(1000);
        _session.Pump(_records, flush: true);
        int first = _transport.Messages.First().Records.Count;
        Assert.Equal(Sum(records.AsSpan(0, first)), _counters.Sent);
        Assert.Equal(1000 - first, _session.RecordsUnderway);

        _transport.Failure = "it has gone";
        _session.Pump(_records, flush: true);
        Assert.Equal(Sum(records.AsSpan(first)), _counters.NotSent);
        Assert.Equal((0, "it has gone (trying again)", CollectorState.Failing), (_session.RecordsUnderway, _session.Problem, _session.State));
        Assert.Equal(Sum(records), _counters.Sent + _counters.NotSent);
    }

    [Fact]
    public void Tries_come_after_twice_as_long_each_time_and_soon_again_after_a_connection_that_lasted()
    {
        _isRefused = true;
        List<double> intervals = [];
        for (int i = 0; i < 9; i++)
            intervals.Add(SecondsToNextTry());
        Assert.Equal([0, 1, 2, 4, 8, 16, 32, 60, 60], intervals);

        _isRefused = false;
        Assert.Equal(60, SecondsToNextTry());
        Assert.Equal(CollectorState.Up, _session.State);
        _time.Advance(TimeSpan.FromSeconds(10));
        _transport.Failure = "it has gone";
        _session.Pump(_records, flush: false);
        _transport.Failure = "";
        Assert.Equal(1, SecondsToNextTry());
    }

    [Fact]
    public void One_that_takes_nothing_is_told_of_until_it_does()
    {
        _transport.DeliversAtMost = 0;
        Add(10);
        _session.Pump(_records, flush: true);
        _time.Advance(TimeSpan.FromSeconds(5));
        _session.Pump(_records, flush: true);
        Assert.Equal("", _session.Problem);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        _session.Pump(_records, flush: true);
        Assert.Equal("the collector tcp://collector.example:4739 takes nothing (waiting)", _session.Problem);
        _transport.DeliversAtMost = ulong.MaxValue;
        _session.Pump(_records, flush: true);
        Assert.Equal(("", 10ul), (_session.Problem, _counters.Sent.Records));
    }

    [Fact]
    public void Tries_come_after_twice_as_long_each_time_though_it_connects_if_it_takes_nothing()
    {
        _transport.DeliversAtMost = 0;
        List<double> intervals = [];
        for (int i = 0; i < 4; i++)
        {
            SecondsToNextTry();
            Add(10);
            _session.Pump(_records, flush: true);
            Assert.Equal(i > 0, _session.Problem.Length > 0);
            _time.Advance(TimeSpan.FromSeconds(30));
            _session.Pump(_records, flush: true);
            Assert.EndsWith("takes nothing (waiting)", _session.Problem, StringComparison.Ordinal);
            _transport.Failure = "it has not answered";
            _session.Pump(_records, flush: false);
            _transport.Failure = "";
            intervals.Add(SecondsToNextTry());
            _transport.Failure = "it has gone";
            _session.Pump(_records, flush: false);
            _transport.Failure = "";
        }
        Assert.Equal([1, 4, 16, 60], intervals);
    }

    [Fact]
    public void What_has_stalled_is_told_of_in_the_next_session_until_records_arrive()
    {
        _transport.DeliversAtMost = 0;
        Add(10);
        _session.Pump(_records, flush: true);
        _time.Advance(TimeSpan.FromSeconds(6));
        _session.Pump(_records, flush: true);
        _transport.Failure = "it has not answered";
        _session.Pump(_records, flush: true);
        _transport.Failure = "";
        _transport.DeliversAtMost = ulong.MaxValue;
        SecondsToNextTry();
        _session.Pump(_records, flush: true);
        _time.Advance(TimeSpan.FromSeconds(3));
        _session.Pump(_records, flush: true);
        Assert.Equal((true, CollectorState.Failing), (_session.IsConnected, _session.State)); // it has the templates alone
        Add(10);
        _session.Pump(_records, flush: true);
        _session.Pump(_records, flush: true);
        Assert.Equal(CollectorState.Up, _session.State);
    }

    private double SecondsToNextTry()
    {
        int before = _connections;
        double seconds = 0;
        for (_session.Pump(_records, flush: false); _connections == before; _session.Pump(_records, flush: false))
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            seconds += 0.5;
        }
        _session.Pump(_records, flush: false);
        return seconds;
    }

    private FlowRecord[] Add(int count)
    {
        FlowRecord[] records = TestRecords.Random(count, seed: count);
        foreach (ref readonly FlowRecord record in records.AsSpan())
            Assert.Equal(default, _records.Add([record]));
        return records;
    }

    private static Tally Sum(ReadOnlySpan<FlowRecord> records)
    {
        Tally sum = default;
        foreach (ref readonly FlowRecord record in records)
            sum += Tally.Of([record]);
        return sum;
    }
}
