using System.Collections.Concurrent;
using System.Diagnostics;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Tests.Flows;
using XdpTop.Tests.Ipfix;
using static XdpTop.Tests.Eventually;

namespace XdpTop.Tests.Export;

public sealed class ExportingProcessTests : IDisposable
{
    private static readonly ObservationPoint[] s_observationPoints = [new("lo", 1), new("eth9", 9)];

    private readonly ManualTime _time = new();
    private readonly FakeTransport _transport = new();
    private readonly ListOutput _output = new();
    private readonly FlowRecordQueue[] _queues = [new(4096), new(4096)];
    private readonly ConcurrentQueue<string> _connections = [];
    private TaskCompletionSource<ITransport>? _connected;
    private ExportingProcess? _process;

    public void Dispose()
    {
        _process?.Dispose();
        foreach (FlowRecordQueue queue in _queues)
            queue.Dispose();
    }

    [Fact]
    public void Every_record_of_every_queue_goes_to_the_output_and_the_collector()
    {
        ExportingProcess process = Start(new ExportOptions(), _output);
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1:2055", out _));
        process.SwitchOn();
        FlowRecord[] records = TestRecords.Random(4000, seed: 1);
        _queues[0].EnqueueAll(records.AsSpan(0, 1000));
        _queues[1].EnqueueAll(records.AsSpan(1000));
        process.Stop();
        Assert.Equal(Sorted(records.Select(record => record.Start)), Sorted(_output.Records.Select(record => record.Start)));
        Assert.Equal(
            Sorted(records.Select(record => record.Start)),
            Sorted(_transport.Records.Select(record => record.Nanoseconds(156))));
        Assert.Equal(4000u, process.Status.RecordsSent);
        Assert.Equal(0u, process.Status.RecordsLost);
        Assert.True(_output.IsDisposed);
        Assert.True(_transport.IsDisposed);
    }

    [Fact]
    public void Records_that_end_while_export_is_off_are_sent_first_when_it_is_switched_on()
    {
        ExportingProcess process = Start(new ExportOptions());
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        FlowRecord[] records = TestRecords.Random(300, seed: 2);
        _queues[0].EnqueueAll(records.AsSpan(0, 100));
        Await(() => process.Status.RecordsWaiting == 100);
        Assert.Empty(_connections);

        process.SwitchOn();
        _queues[0].EnqueueAll(records.AsSpan(100, 100));
        Await(() => process.Status is { RecordsSent: > 180 } status && status.RecordsSent + (ulong)status.RecordsWaiting == 200);
        process.SwitchOff();
        Await(() => process.Status.RecordsSent == 200);
        _queues[0].EnqueueAll(records.AsSpan(200, 100));
        Await(() => process.Status.RecordsWaiting == 100);
        process.SwitchOn();
        process.Stop();

        DecodedRecord[] decoded = [.. _transport.Records];
        Assert.Equal(records.Select(record => record.Start), decoded.Select(record => record.Nanoseconds(156)));
        Assert.Single(_connections);
        uint sequence = 0;
        foreach (DecodedMessage message in _transport.Messages)
        {
            Assert.Equal(sequence, message.SequenceNumber);
            sequence += message.DataRecords;
        }
    }

    [Fact]
    public void Switching_off_sends_the_message_begun_and_switching_on_sends_the_templates_again()
    {
        ExportingProcess process = Start(new ExportOptions());
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        _queues[0].EnqueueAll([TestRecords.Tcp()]);
        Await(() => process.Status.RecordsWaiting == 1);
        process.SwitchOff();
        Await(() => process.Status.RecordsSent == 1); // though time stands still
        _queues[0].EnqueueAll([TestRecords.Tcp()]);
        Await(() => process.Status.RecordsWaiting == 1);
        process.SwitchOn();
        process.Stop();
        Assert.Equal(2, _transport.Messages.Count(message => message.Records.Count > 0));
        Assert.Equal(
            [.. KnownTemplates.Uniflows, .. KnownTemplates.Uniflows], _transport.Messages.SelectMany(message => message.TemplateIds));
        Assert.Single(_transport.Messages, message => message.SequenceNumber == 0);
    }

    [Fact]
    public void When_more_records_wait_than_there_is_room_for_the_oldest_are_lost_and_counted()
    {
        ExportingProcess process = Start(new ExportOptions { WaitingCapacity = 100 }, _output);
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        FlowRecord[] records = TestRecords.Random(250, seed: 3);
        _queues[0].EnqueueAll(records);
        Await(() => process.Status is { RecordsWaiting: 100, RecordsLost: 150 });
        process.SwitchOn();
        process.Stop();
        Assert.Equal(
            records[150..].Select(record => record.Start), _transport.Records.Select(record => record.Nanoseconds(156)));
        Assert.Equal(250, _output.Records.Count);
        Assert.Equal((100u, 150u), (process.Status.RecordsSent, process.Status.RecordsLost));
    }

    [Fact]
    public void What_still_waits_when_it_ends_with_export_off_is_counted_as_lost()
    {
        ExportingProcess process = Start(new ExportOptions());
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        _queues[0].EnqueueAll(TestRecords.Random(10, seed: 4));
        process.Stop();
        Assert.Equal((0u, 10u, 0), (process.Status.RecordsSent, process.Status.RecordsLost, process.Status.RecordsWaiting));
    }

    [Fact]
    public void Without_a_collector_records_are_taken_and_none_is_lost()
    {
        ExportingProcess process = Start(new ExportOptions());
        process.SwitchOn();
        _queues[0].EnqueueAll(TestRecords.Random(1000, seed: 5));
        Await(() => _queues[0].Count == 0);
        Assert.Equal("no collector is set", process.Status.Problem);
        process.Stop();
        Assert.Equal((0u, 0u, 0), (process.Status.RecordsSent, process.Status.RecordsLost, process.Status.RecordsWaiting));
    }

    [Fact]
    public void Workers_that_wait_lose_nothing_however_little_room_there_is_and_however_slow_the_connection()
    {
        ExportingProcess process = Start(
            new ExportOptions { WaitingCapacity = 600, MessagesPerBurst = 1, WorkersWait = true });
        _connected = new TaskCompletionSource<ITransport>();
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        Await(() => _connections.Count == 1);
        FlowRecord[] records = TestRecords.Random(4096, seed: 6);
        _queues[0].EnqueueAll(records);
        Await(() => process.Status.RecordsWaiting == 512);
        Assert.False(SpinWait.SpinUntil(() => _queues[0].Count < 4096 - 512, TimeSpan.FromMilliseconds(50)));
        _connected.SetResult(_transport);
        process.Stop();
        Assert.Equal((4096u, 0u), (process.Status.RecordsSent, process.Status.RecordsLost));
    }

    [Fact]
    public void Workers_that_wait_lose_nothing_at_the_end_while_a_slow_collector_takes_some()
    {
        _transport.Delay = TimeSpan.FromMilliseconds(10); // 2 s in all
        ExportingProcess process = Start(new ExportOptions { DrainTimeout = TimeSpan.FromSeconds(1), WorkersWait = true });
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        _queues[0].EnqueueAll(TestRecords.Random(2000, seed: 12));
        process.Stop();
        Assert.Equal((2000u, 0u), (process.Status.RecordsSent, process.Status.RecordsLost));
    }

    [Fact]
    public void Of_the_last_records_none_is_lost_though_there_are_more_than_can_wait()
    {
        ExportingProcess process = Start(new ExportOptions { WaitingCapacity = 600, DrainTimeout = TimeSpan.FromSeconds(20) });
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        _queues[0].EnqueueAll([TestRecords.Tcp()]);
        Await(() => process.Status.RecordsWaiting == 1);
        process.ExpectLastRecords();
        _queues[0].EnqueueAll(TestRecords.Random(4095, seed: 11));
        process.Stop();
        Assert.Equal((4096u, 0u), (process.Status.RecordsSent, process.Status.RecordsLost));
    }

    [Fact]
    public void An_output_that_fails_is_named_and_counted_and_the_others_go_on()
    {
        ExportingProcess process = Start(new ExportOptions(), new FullDisk(), _output);
        _queues[0].EnqueueAll(TestRecords.Random(100, seed: 7));
        Await(() => process.Status.NotWritten.Records == 100);
        _queues[0].EnqueueAll(TestRecords.Random(100, seed: 8));
        process.Stop();
        Assert.Equal("writing to 'full.jsonl' failed: No space left on device; 200 records are not in it", process.Status.Problem);
        Assert.Equal(200, _output.Records.Count);
    }

    [Fact]
    public void Another_collector_gets_templates_and_sequence_numbers_from_the_start()
    {
        ExportingProcess process = Start(new ExportOptions());
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        _queues[0].EnqueueAll([TestRecords.Tcp()]);
        Await(() => process.Status.RecordsWaiting == 1);
        Assert.True(process.Collectors.TrySet("udp://192.0.2.2:99", out _));
        Assert.Equal("udp://192.0.2.2:99", process.Status.Collector);
        Await(() => process.Status.RecordsSent == 1);
        _queues[0].EnqueueAll([TestRecords.Tcp()]);
        process.Stop();
        Assert.Equal(["udp://192.0.2.1:4739", "udp://192.0.2.2:99"], _connections);
        Assert.Equal(2, _transport.Messages.Count(message => message.TemplateIds is [256, ..] && message.SequenceNumber == 0));
        Assert.Equal(
            [.. KnownTemplates.Uniflows, .. KnownTemplates.Uniflows], _transport.Messages.SelectMany(message => message.TemplateIds));
    }

    [Fact]
    public void A_bad_collector_leaves_the_one_before()
    {
        ExportingProcess process = Start(new ExportOptions());
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        Assert.False(process.Collectors.TrySet("udp://", out string reason));
        Assert.NotEqual("", reason);
        Assert.Equal("udp://192.0.2.1:4739", process.Status.Collector);
    }

    [Fact]
    public void A_name_that_does_not_resolve_is_shown_and_holds_up_neither_outputs_nor_the_end()
    {
        _process = new ExportingProcess(
            _queues, [_output], s_observationPoints, new ExportOptions { DrainTimeout = TimeSpan.FromMilliseconds(50) },
            UdpTransport.ConnectAsync, TimeProvider.System);
        _process.Start();
        Assert.True(_process.Collectors.TrySet("udp://no-such-host.invalid:4739", out _));
        _process.SwitchOn();
        _queues[0].EnqueueAll(TestRecords.Random(100, seed: 9));
        Await(() => _output.Records.Count == 100);
        Await(() => _process.Status.Problem == "no address for the collector name 'no-such-host.invalid' (trying again)");
        Stopwatch elapsed = Stopwatch.StartNew();
        _process.Stop();
        Assert.InRange(elapsed.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal((0u, 100u), (_process.Status.RecordsSent, _process.Status.RecordsLost));
    }

    [Fact]
    public void A_collector_that_nobody_runs_is_shown_as_refusing()
    {
        _process = new ExportingProcess(
            _queues, [_output], s_observationPoints, new ExportOptions { FlushInterval = TimeSpan.Zero },
            UdpTransport.ConnectAsync, TimeProvider.System);
        _process.Start();
        Assert.True(_process.Collectors.TrySet($"udp://{FreePort.AddressOfNobody}:{FreePort.Find()}", out _));
        _process.SwitchOn();
        _queues[0].EnqueueAll(TestRecords.Random(100, seed: 10));
        Await(() => _process.Status.Problem.Contains("refuses", StringComparison.Ordinal));
        _process.Stop();
        Assert.Equal((0u, 100u), (_process.Status.RecordsSent, _process.Status.RecordsLost));
    }

    private static long[] Sorted(IEnumerable<long> numbers) => [.. numbers.Order()];

    private ExportingProcess Start(ExportOptions options, params IRecordOutput[] outputs)
    {
        _process = new ExportingProcess(
            _queues, outputs, s_observationPoints, options,
            (collector, _) =>
            {
                _connections.Enqueue(collector.ToString());
                return _connected?.Task ?? Task.FromResult<ITransport>(_transport);
            },
            _time);
        _process.Start();
        return _process;
    }

    private sealed class FullDisk : IRecordOutput
    {
        public string Name => "'full.jsonl'";

        public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default) => throw new IOException("No space left on device");

        public void Dispose()
        {
        }
    }
}
