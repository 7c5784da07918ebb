using System.Diagnostics;
using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>
/// The Exporting Process (RFC 5470 section 2): a thread that takes the ended Flow Records from the Metering Process's
/// queues, writes every one to the outputs and, while export is on, sends them to the collectors. While export is off
/// and a collector is known, they wait, as many as there is room for, and are sent first when it is switched on.
/// All public members can be called by any thread; none waits but <see cref="Stop"/>.
/// </summary>
internal sealed class ExportingProcess : IDisposable
{
    private const int BatchSize = 512;

    /// <summary>Batches taken from one queue before others have their turn.</summary>
    private const int BatchesPerTurn = 8;

    private static readonly TimeSpan s_idleSleep = TimeSpan.FromMilliseconds(2);

    // While nothing ends, so that an idle program costs next to nothing; a queue has room for far longer.
    private static readonly TimeSpan s_longestIdleSleep = TimeSpan.FromMilliseconds(16);
    private static readonly TimeSpan s_burstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_statusInterval = TimeSpan.FromMilliseconds(250);

    private readonly FlowRecordQueue[] _queues;
    private readonly OutputGroup _outputs;
    private readonly ExportOptions _options;
    private readonly TimeProvider _time;
    private readonly CollectorTest _test;
    private readonly Thread _thread;

    // What users want: written by any thread, read by the exporter thread.
    private volatile bool _isOn;
    private volatile bool _isStopping;
    private volatile bool _expectsLastRecords;

    // What the exporter thread tells.
    private volatile int _recordsWaiting;
    private ulong _recordsSent;
    private ulong _recordsNotSent;
    private volatile string _collectorProblem = "";
    private volatile IReadOnlyList<CollectorStatus> _statuses = [];

    // The exporter thread's own.
    private readonly FlowRecord[] _batch = new FlowRecord[BatchSize];
    private readonly ByteDistribution[] _batchDistributions = []; // those of the batch; none where they are not counted
    private readonly BiflowPairing? _pairing; // none where directions stay apart
    private readonly CollectorGroup _collectors;
    private IReadOnlyList<CollectorAddress> _addressesTaken = [];
    private long _statusDueAt;
    private long _endsAt = long.MaxValue; // by Stopwatch: when what still waits is given up

    /// <param name="queues">One for each metering worker; this process is their one consumer. Not owned.</param>
    /// <param name="outputs">Owned from here on.</param>
    /// <param name="observationPoints">What <see cref="FlowRecord.ObservationPoint"/> is an index into.</param>
    /// <param name="connect">How collectors are reached: <see cref="Transports.ConnectAsync"/>.</param>
    public ExportingProcess(
        IEnumerable<FlowRecordQueue> queues, IEnumerable<IRecordOutput> outputs,
        IReadOnlyList<ObservationPoint> observationPoints, ExportOptions options, TransportConnector connect,
        TimeProvider time)
    {
        _queues = [.. queues];
        _outputs = new OutputGroup(outputs, options);
        _options = options;
        _time = time;
        _test = new CollectorTest(options, observationPoints, connect);
        _collectors = new CollectorGroup(options, observationPoints, connect, time);
        if (options.Records == RecordKind.WithByteDistribution)
            _batchDistributions = new ByteDistribution[BatchSize];
        if (options.Records == RecordKind.Biflow)
            _pairing = new BiflowPairing(options.BiflowCapacity, options.BiflowPatience, records => Deliver(records, distributions: []));
        _thread = new Thread(Run) { Name = "exporter", IsBackground = true };
    }

    public ExportStatus Status
    {
        get
        {
            IReadOnlyList<CollectorAddress> collectors = Collectors.Addresses;
            bool isOn = _isOn;
            return new ExportStatus
            {
                IsOn = isOn,
                Collector = string.Join(' ', collectors),
                CollectorProblem = isOn && collectors.Count == 0 ? "no collector is set" : _collectorProblem,
                OutputProblem = string.Join("; ", _outputs.Problems),
                Collectors = _statuses,
                RecordsSent = Volatile.Read(ref _recordsSent),
                RecordsLost = Volatile.Read(ref _recordsNotSent),
                RecordsWaiting = _recordsWaiting,
                Uniflows = _pairing?.Uniflows ?? 0,
                Biflows = _pairing?.Biflows ?? 0,
                NotWritten = _outputs.NotWritten,
            };
        }
    }

    /// <summary>Flow Records that one batch can let go: where they are paired, also those that it finds waiting.</summary>
    private int MostAtOnce => _pairing is null ? BatchSize : 2 * BatchSize;

    /// <summary>Nanoseconds on a clock that never goes back.</summary>
    private long SteadyTime => 100 * _time.GetElapsedTime(0).Ticks;

    public void Start() => _thread.Start();

    /// <summary>Those that records are for: to be edited at any time.</summary>
    public CollectorList Collectors { get; } = new();

    /// <summary>Begins to send; records that wait go first.</summary>
    public void SwitchOn() => _isOn = true;

    /// <summary>Stops sending; records that end from now on wait while there is room.</summary>
    public void SwitchOff() => _isOn = false;

    /// <inheritdoc cref="CollectorTest.RunAsync"/>
    public Task<(bool IsWell, string Sentence)> TestCollectorAsync(string url, CancellationToken cancellation) =>
        _test.RunAsync(url, cancellation);

    /// <summary>
    /// To be called before the workers end: then all flows end at once, and workers wait for room in their queues. While
    /// there is time (<see cref="ExportOptions.DrainTimeout"/>), records stay there rather than push out others that wait.
    /// </summary>
    public void ExpectLastRecords()
    {
        if (_expectsLastRecords)
            return;
        Volatile.Write(ref _endsAt, DrainedBy());
        _expectsLastRecords = true;
    }

    /// <summary>
    /// Empties the queues, sends what waits if export is on (until <see cref="ExportOptions.DrainTimeout"/> is over), and
    /// ends the thread. To be called when the workers have put their last records into the queues. Where workers wait and
    /// <see cref="ExpectLastRecords"/> was not called, that time begins anew with whatever a collector takes: then all
    /// records are sent, however slow it is.
    /// </summary>
    public void Stop()
    {
        if (!_options.WorkersWait)
            ExpectLastRecords();
        else if (!_expectsLastRecords)
            Volatile.Write(ref _endsAt, DrainedBy());
        _isStopping = true;
        if (_thread.IsAlive)
            _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        _outputs.Dispose();
    }

    private void Run()
    {
        TimeSpan idleSleep = s_idleSleep;
        while (true)
        {
            // Read before the queues: what was in them when Stop was called is taken in this round or a later one.
            bool isStopping = _isStopping;
            bool tookRecords = TakeRecords();
            bool wereLast = isStopping && _queues.All(queue => queue.Count == 0);
            if (_pairing is not null)
                tookRecords |= ReleaseUnpaired(_pairing, all: wereLast);
            bool moreToSend = ServeCollectors(flush: false);
            _outputs.Tend();
            PublishStatus();
            if (wereLast && _pairing is not { Count: > 0 })
                break;
            if (tookRecords || moreToSend || _options.WorkersWait)
                idleSleep = s_idleSleep;
            if (moreToSend)
                Thread.Sleep(s_burstPause);
            else if (!tookRecords)
                Thread.Sleep(idleSleep);
            idleSleep = idleSleep < s_longestIdleSleep ? 2 * idleSleep : idleSleep;
        }
        SendRest();
        _outputs.Dispose();
    }

    private bool TakeRecords()
    {
        bool any = false;
        foreach (FlowRecordQueue queue in _queues)
        {
            for (int turn = 0; turn < BatchesPerTurn && !MustHoldBack(); turn++)
            {
                Span<FlowRecord> records = _batch.AsSpan(0, queue.TryDequeue(_batch, _batchDistributions));
                if (records.IsEmpty)
                    break;
                any = true;
                if (_pairing is null)
                    Deliver(records, _batchDistributions);
                else
                    _pairing.Add(records, SteadyTime);
            }
        }
        return any;
    }

    /// <summary>True if any went out.</summary>
    private bool ReleaseUnpaired(BiflowPairing pairing, bool all)
    {
        bool any = false;
        while (!MustHoldBack() && (all ? pairing.ReleaseAll(BatchSize) : pairing.Release(SteadyTime, BatchSize)) > 0)
            any = true;
        return any;
    }

    private void Deliver(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions)
    {
        _outputs.Write(records, distributions);
        TakeAddresses();
        _collectors.Keep(records, distributions);
    }

    /// <summary>
    /// Only while all is well with a collector: one that cannot be reached holds up nothing. Nor does an output that nobody
    /// reads. Where workers wait, as those of capture files do, a collector may be away for as long as the end would wait for
    /// it, and a pipe's reader sets the pace.
    /// </summary>
    private bool MustHoldBack()
    {
        if (_expectsLastRecords ? IsTimeOver : !_options.WorkersWait)
            return false;
        TimeSpan patience = _expectsLastRecords ? TimeSpan.Zero : _options.DrainTimeout;
        return (_isOn && _collectors.IsFull(MostAtOnce, patience)) || _outputs.IsFull(MostAtOnce, isPatient: !_expectsLastRecords);
    }

    private long DrainedBy() =>
        Stopwatch.GetTimestamp() + (long)(_options.DrainTimeout.TotalSeconds * Stopwatch.Frequency);

    private bool IsTimeOver => Stopwatch.GetTimestamp() >= Volatile.Read(ref _endsAt);

    /// <summary>True if there is more to send after a pause.</summary>
    private bool ServeCollectors(bool flush)
    {
        TakeAddresses();
        if (_expectsLastRecords)
            _collectors.Hurry();
        return _collectors.Serve(_isOn, flush, Urgency());
    }

    /// <summary>Of how it presses: none while workers wait for room; at the end, by the time that is over.</summary>
    private double? Urgency()
    {
        if (!_expectsLastRecords)
            return _options.WorkersWait ? 0 : null;
        double left = (Volatile.Read(ref _endsAt) - Stopwatch.GetTimestamp()) / (_options.DrainTimeout.TotalSeconds * Stopwatch.Frequency);
        return Math.Clamp(1 - left, 0, 1);
    }

    private void TakeAddresses()
    {
        IReadOnlyList<CollectorAddress> addresses = Collectors.Addresses;
        if (addresses == _addressesTaken)
            return;
        _addressesTaken = addresses;
        _collectors.Set(addresses);
    }

    private void PublishStatus(bool isLast = false)
    {
        ulong sent = _collectors.Sent.Records;
        if (_isStopping && !_expectsLastRecords && sent > _recordsSent)
            Volatile.Write(ref _endsAt, DrainedBy());
        Volatile.Write(ref _recordsSent, sent);
        Volatile.Write(ref _recordsNotSent, _collectors.NotSent.Records);
        _recordsWaiting = _collectors.RecordsWaiting;
        if (Stopwatch.GetTimestamp() < _statusDueAt && !isLast)
            return;
        _statusDueAt = Stopwatch.GetTimestamp() + (long)(s_statusInterval.TotalSeconds * Stopwatch.Frequency);
        _collectors.RefreshStatus(_isOn);
        _statuses = _collectors.Statuses;
        _collectorProblem = _isOn ? string.Join("; ", _collectors.Problems) : "";
    }

    /// <summary>At the end: what cannot be sent in time, or waits while export is off, is not sent.</summary>
    private void SendRest()
    {
        while (_isOn && !IsTimeOver)
        {
            ServeCollectors(flush: true);
            PublishStatus();
            if (_recordsWaiting == 0)
                break;
            Thread.Sleep(s_burstPause);
        }
        if (_isOn)
            _collectors.SendStatistics();
        while (_isOn && !IsTimeOver)
        {
            ServeCollectors(flush: true);
            if (!_collectors.AreSending)
                break;
            Thread.Sleep(s_burstPause);
        }
        PublishStatus(isLast: true);
        _collectors.Dispose();
        _recordsWaiting = 0;
        PublishStatus(isLast: true);
    }
}
