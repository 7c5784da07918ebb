using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Tests.Flows;
using static XdpTop.Tests.Eventually;

namespace XdpTop.Tests.Export;

/// <summary>Outputs that can stall, in an Exporting Process with others.</summary>
public sealed class QueuedOutputTests : IDisposable
{
    private readonly FakeTransport _transport = new();
    private readonly ListOutput _output = new();
    private readonly FlowRecordQueue[] _queues = [new(4096), new(4096)];
    private ExportingProcess? _process;

    public void Dispose()
    {
        _process?.Dispose();
        foreach (FlowRecordQueue queue in _queues)
            queue.Dispose();
    }

    [Fact]
    public void An_output_that_nobody_reads_holds_up_neither_the_collector_nor_other_outputs_and_what_it_loses_is_counted()
    {
        using StalledOutput stalled = new();
        ExportingProcess process = Start(new ExportOptions { WaitingCapacity = 600, FlushInterval = TimeSpan.Zero }, stalled, _output);
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        FlowRecord[] records = TestRecords.Random(2000, seed: 13);
        _queues[0].EnqueueAll(records.AsSpan(0, 1));
        Assert.True(stalled.IsWriting.Wait(TimeSpan.FromSeconds(20)));
        for (int sent = 1; sent < records.Length; sent += 500) // no more than wait for the collector
        {
            _queues[1].EnqueueAll(records.AsSpan(sent..Math.Min(sent + 500, records.Length)));
            Await(() => process.Status.RecordsSent == (ulong)Math.Min(sent + 500, records.Length));
        }
        Await(() => _output.Records.Count == 2000);
        // Of the one being written, those that wait, and the others: the newest wait.
        Assert.Equal(Tally.OfAll(records.AsSpan(1, 2000 - 600 - 1)), process.Status.NotWritten);
        Assert.Equal("a pipe is read too slowly; 1399 records are not in it", process.Status.Problem);
        stalled.GoOn.Set();
        process.Stop();
        Assert.Equal([records[0].Start, .. records[^600..].Select(record => record.Start)], stalled.Records.Select(record => record.Start));
        Assert.Equal(process.Status.NotWritten, stalled.Missed);
    }

    [Fact]
    public void Workers_that_wait_are_held_back_by_an_output_that_nobody_reads_and_lose_nothing()
    {
        using StalledOutput stalled = new();
        ExportingProcess process = Start(new ExportOptions { WaitingCapacity = 600, WorkersWait = true }, stalled);
        FlowRecord[] records = TestRecords.Random(4000, seed: 14);
        _queues[0].EnqueueAll(records);
        Assert.True(stalled.IsWriting.Wait(TimeSpan.FromSeconds(20)));
        Assert.False(SpinWait.SpinUntil(() => _queues[0].Count < 4000 - 600 - 512, TimeSpan.FromMilliseconds(1200)));
        stalled.GoOn.Set();
        process.Stop();
        Assert.Equal(records.Select(record => record.Start), stalled.Records.Select(record => record.Start));
        Assert.Equal(default, process.Status.NotWritten);
    }

    [Fact]
    public void At_the_end_one_that_reads_is_waited_for_and_one_that_does_not_costs_the_collector_nothing()
    {
        using StalledOutput stalled = new();
        stalled.GoOn.Set();
        ExportingProcess process = Start(new ExportOptions { WaitingCapacity = 600, DrainTimeout = TimeSpan.FromSeconds(20), FlushInterval = TimeSpan.Zero }, stalled);
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        process.ExpectLastRecords();
        _queues[0].EnqueueAll(TestRecords.Random(4000, seed: 15));
        Await(() => stalled.Records.Count == 4000);
        Assert.Equal(default, process.Status.NotWritten);

        stalled.GoOn.Reset();
        _queues[0].EnqueueAll(TestRecords.Random(4000, seed: 16));
        Await(() => process.Status.RecordsSent == 8000);
        stalled.GoOn.Set();
        process.Stop();
        Assert.Equal(8000u, (ulong)stalled.Records.Count + process.Status.NotWritten.Records);
    }

    private ExportingProcess Start(ExportOptions options, params IRecordOutput[] outputs)
    {
        _process = new ExportingProcess(
            _queues, outputs, [new("lo", 1), new("eth9", 9)], options, (_, _) => Task.FromResult<ITransport>(_transport), new ManualTime());
        _process.Start();
        return _process;
    }

    /// <summary>A pipe: each write waits until it may go on.</summary>
    private sealed class StalledOutput : IRecordOutput
    {
        public string Name => "a pipe";

        public bool CanStall => true;

        public ManualResetEventSlim IsWriting { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public List<FlowRecord> Records { get; } = [];

        public Tally Missed { get; private set; }

        public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default)
        {
            IsWriting.Set();
            GoOn.Wait();
            Records.AddRange(records);
        }

        public void Miss(in Tally records) => Missed += records;

        public void Dispose() => GoOn.Set();
    }
}
