using System.Diagnostics;
using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>
/// The Exporting Process (RFC 5470 section 2): a thread that takes the ended Flow Records from the Metering Process's
/// queues, writes every one to the outputs and, while export is on, sends them to the collector. While export is off
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

    private readonly FlowRecordQueue[] _queues;
    private readonly GuardedOutput[] _outputs;
    private readonly IReadOnlyList<ObservationPoint> _observationPoints;
    private readonly ExportOptions _options;
    private readonly TransportConnector _connect;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private readonly ExportCounters _counters = new();

    // What users want: written by any thread, read by the exporter thread.
    private volatile bool _isOn;
    private volatile CollectorAddress? _collector;
    private volatile bool _isStopping;
    private volatile bool _expectsLastRecords;

    // What the exporter thread tells.
    private volatile int _recordsWaiting;
    private volatile string _collectorProblem = "";

    // The exporter thread's own.
    private readonly FlowRecord[] _batch = new FlowRecord[BatchSize];
    private readonly ByteDistribution[] _batchDistributions = []; // those of the batch; none where they are not counted
    private readonly BiflowPairing? _pairing; // none where directions stay apart
    private readonly RecordBuffer _waiting;
    private CollectorSession? _session;
    private bool _wasOn;
    private ulong _sentBefore;
    private long _sentAt; // by Stopwatch: when sending was last seen to go on

    /// <param name="queues">One for each metering worker; this process is their one consumer. Not owned.</param>
    /// <param name="outputs">Owned from here on.</param>
    /// <param name="observationPoints">What <see cref="FlowRecord.ObservationPoint"/> is an index into.</param>
    /// <param name="connect">How collectors are reached: <see cref="UdpTransport.ConnectAsync"/>.</param>
    public ExportingProcess(
        IEnumerable<FlowRecordQueue> queues, IEnumerable<IRecordOutput> outputs,
        IReadOnlyList<ObservationPoint> observationPoints, ExportOptions options, TransportConnector connect,
        TimeProvider time)
    {
        _queues = [.. queues];
        _outputs = [.. outputs.Select(output => new GuardedOutput(output))];
        _observationPoints = observationPoints;
        _options = options;
        _connect = connect;
        _time = time;
        _waiting = new RecordBuffer(options.WaitingCapacity);
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
            CollectorAddress? collector = _collector;
            bool isOn = _isOn;
            string collectorProblem = isOn && collector is null ? "no collector is set" : _collectorProblem;
            return new ExportStatus
            {
                IsOn = isOn,
                Collector = collector?.ToString() ?? "",
                Problem = string.Join(
                    "; ", _outputs.Select(output => output.Problem).Append(collectorProblem).Where(text => text != "")),
                RecordsSent = _counters.Sent,
                RecordsLost = _counters.Lost,
                RecordsWaiting = _recordsWaiting,
                Uniflows = _pairing?.Uniflows ?? 0,
                Biflows = _pairing?.Biflows ?? 0,
                RecordsNotWritten = _outputs.Aggregate(0UL, (sum, output) => sum + output.NotWritten),
            };
        }
    }

    /// <summary>Flow Records that one batch can let go: where they are paired, also those that it finds waiting.</summary>
    private int MostAtOnce => _pairing is null ? BatchSize : 2 * BatchSize;

    /// <summary>Nanoseconds on a clock that never goes back.</summary>
    private long SteadyTime => 100 * _time.GetElapsedTime(0).Ticks;

    public void Start() => _thread.Start();

    /// <summary>Begins to send; records that wait go first.</summary>
    public void SwitchOn() => _isOn = true;

    /// <summary>Stops sending; records that end from now on wait while there is room.</summary>
    public void SwitchOff() => _isOn = false;

    /// <summary>
    /// Takes a collector, as "udp://host:4739". False with the reason, as one sentence, if that is none.
    /// </summary>
    public bool TrySetCollector(string url, out string reason)
    {
        if (!CollectorAddress.TryParse(url, out CollectorAddress? collector, out reason))
            return false;
        _collector = collector;
        return true;
    }

    /// <summary>
    /// To be called before the workers end: then all flows end at once, and workers wait for room in their queues. While
    /// sending goes on, records stay there rather than push out others that wait.
    /// </summary>
    public void ExpectLastRecords()
    {
        Volatile.Write(ref _sentAt, Stopwatch.GetTimestamp());
        _expectsLastRecords = true;
    }

    /// <summary>
    /// Empties the queues, sends what waits if export is on (for <see cref="ExportOptions.DrainTimeout"/> at most), and
    /// ends the thread. To be called when the workers have put their last records into the queues.
    /// </summary>
    public void Stop()
    {
        _isStopping = true;
        if (_thread.IsAlive)
            _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        foreach (GuardedOutput output in _outputs)
            output.Dispose();
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
            bool moreToSend = ServeCollector(flush: false);
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
        foreach (GuardedOutput output in _outputs)
            output.Dispose();
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
        foreach (GuardedOutput output in _outputs)
            output.Write(records, distributions);
        if (_collector is not null)
            KeepForCollector(records, distributions);
    }

    /// <summary>Only while all is well with the collector: one that cannot be reached holds up nothing.</summary>
    private bool MustHoldBack() =>
        (_options.WorkersWait || (_expectsLastRecords && Stopwatch.GetElapsedTime(Volatile.Read(ref _sentAt)) < _options.DrainTimeout))
        && _isOn && _session is { Problem: "" } && _waiting.Room < MostAtOnce;

    private void KeepForCollector(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions)
    {
        int lost = 0;
        for (int i = 0, length; i < records.Length; i += length)
        {
            length = records[i].HasReverse ? 2 : 1;
            lost += _waiting.Add(records.Slice(i, length), ByteDistribution.At(distributions, i));
        }
        _counters.AddLost(lost);
    }

    /// <summary>True if there is more to send after a pause.</summary>
    private bool ServeCollector(bool flush)
    {
        bool isOn = _isOn;
        CollectorAddress? collector = _collector;
        if (collector is not null && _session?.Collector != collector)
        {
            _session?.Flush();
            _session?.Dispose();
            _session = new CollectorSession(collector, _options, _observationPoints, _connect, _time, _counters);
        }
        if (isOn && !_wasOn)
            _session?.SendTemplatesAgain();
        if (!isOn && _wasOn)
            _session?.Flush();
        _wasOn = isOn;
        return isOn && _session is not null && _session.Pump(_waiting, flush, mayHurry: !_options.WorkersWait && !_expectsLastRecords);
    }

    private void PublishStatus()
    {
        if (_counters.Sent != _sentBefore)
        {
            _sentBefore = _counters.Sent;
            Volatile.Write(ref _sentAt, Stopwatch.GetTimestamp());
        }
        _recordsWaiting = _waiting.Count + (_session?.RecordsInMessage ?? 0);
        _collectorProblem = _isOn ? _session?.Problem ?? "" : "";
    }

    /// <summary>At the end: what cannot be sent in time, or waits while export is off, is lost.</summary>
    private void SendRest()
    {
        Stopwatch elapsed = Stopwatch.StartNew();
        while (_isOn && _session is not null && elapsed.Elapsed < _options.DrainTimeout)
        {
            ServeCollector(flush: true);
            if (_waiting.Count == 0 && _session.RecordsInMessage == 0)
                break;
            Thread.Sleep(s_burstPause);
        }
        if (_isOn)
        {
            _session?.SendStatistics();
            ServeCollector(flush: true);
        }
        PublishStatus();
        _session?.Dispose();
        _counters.AddLost(_waiting.Count);
        _recordsWaiting = 0;
    }
}
