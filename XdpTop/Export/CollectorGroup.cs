using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>
/// The collectors of an Exporting Process, and which of them gets what. Used by the exporter thread.
/// </summary>
internal sealed class CollectorGroup(
    ExportOptions options, IReadOnlyList<ObservationPoint> observationPoints, TransportConnector connect, TimeProvider time) : IDisposable
{
    private static readonly RecordBuffer s_none = new(2);

    private readonly List<CollectorEntry> _collectors = [];
    private readonly List<(CollectorEntry Collector, long Until)> _leaving = []; // what they were sent is on its way
    private CollectorEntry? _inUse; // with fail-over, the one that gets the records
    private Tally _sentBefore; // by collectors that are gone
    private Tally _notSentBefore;
    private bool _wasOn;

    /// <summary>Each collector as it was when <see cref="RefreshStatus"/> was called; the same list until one has changed.</summary>
    public IReadOnlyList<CollectorStatus> Statuses { get; private set; } = [];

    /// <summary>Records that wait or are underway.</summary>
    public int RecordsWaiting => Everyone.Sum(collector => collector.Session.RecordsUnderway)
        + (IsFailover ? (_collectors.FirstOrDefault()?.Waiting ?? s_none).Count : _collectors.Sum(collector => collector.Waiting.Count));

    public Tally Sent => Everyone.Aggregate(_sentBefore, (sum, collector) => sum + collector.Counters.Sent);

    public Tally NotSent => Everyone.Aggregate(_notSentBefore, (sum, collector) => sum + collector.Counters.NotSent);

    /// <summary>What is wrong with each; empty when all is well.</summary>
    public IEnumerable<string> Problems => _collectors.Select(collector => collector.Session.Problem).Where(problem => problem.Length > 0);

    private IEnumerable<CollectorEntry> Everyone => _collectors.Concat(_leaving.Select(one => one.Collector));

    private bool IsFailover => options.Policy == ExportPolicy.Failover;

    /// <summary>
    /// Takes these collectors in place of those before. Sessions with those that stay go on; what waits for one that goes
    /// waits for one that comes, if there is one.
    /// </summary>
    public void Set(IReadOnlyList<CollectorAddress> addresses)
    {
        List<CollectorEntry> leaving = [.. _collectors.Where(collector => !addresses.Contains(collector.Session.Collector))];
        CollectorEntry[] before = [.. _collectors];
        _collectors.Clear();
        foreach (CollectorAddress address in addresses)
        {
            CollectorEntry? same = Array.Find(before, collector => collector.Session.Collector == address);
            _collectors.Add(same ?? New(address, BufferFor(before, leaving)));
        }
        leaving.ForEach(Remove);
        _inUse = null;
    }

    /// <summary>Keeps records for those that are to get them, until they are sent.</summary>
    public void Keep(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions)
    {
        if (IsFailover)
        {
            _collectors.Find(IsInUse)?.Keep(records, distributions);
            return;
        }
        foreach (CollectorEntry collector in _collectors)
            collector.Keep(records, distributions);
    }

    /// <summary>Whether a collector has less room than this for Flow Records.</summary>
    /// <param name="patience">What has been wrong with one for so long, it may lose records for.</param>
    public bool IsFull(int flowRecords, TimeSpan patience) =>
        _collectors.Exists(collector => IsInUse(collector) && !collector.Session.HasFailedFor(patience) && collector.Waiting.Room < flowRecords);

    /// <summary>The end is near: what cannot be reached is tried again at once, and soon after.</summary>
    public void Hurry() => _collectors.ForEach(collector => collector.Session.Hurry());

    /// <summary>Sends what is due. True if there is more to send after a pause.</summary>
    /// <param name="urgency">As of <see cref="CollectorSession.Pump"/>.</param>
    /// <param name="isOn">Whether export is on: if not, what has been begun is sent, and no more.</param>
    public bool Serve(bool isOn, bool flush, double? urgency)
    {
        foreach (CollectorEntry collector in _collectors)
        {
            if (isOn && !_wasOn)
                collector.Session.SendTemplatesAgain();
            if (!isOn && _wasOn)
                collector.Session.Flush();
        }
        _wasOn = isOn;
        ServeLeaving();
        if (!isOn)
            return false;
        if (IsFailover)
            ChooseInUse();
        bool more = false;
        foreach (CollectorEntry collector in _collectors)
        {
            if (IsInUse(collector))
                more |= collector.Session.Pump(collector.Waiting, flush, urgency);
            else
                collector.Session.StandBy();
        }
        return more;
    }

    /// <summary>What the collectors are told at the end goes into their next messages.</summary>
    public void SendStatistics() => _collectors.ForEach(collector => collector.Session.SendStatistics());

    /// <summary>Whether there is something on its way to a collector that all is well with.</summary>
    public bool AreSending =>
        _collectors.Exists(collector => collector.Session is { State: CollectorState.Up, IsSending: true });

    public void RefreshStatus(bool isOn)
    {
        bool isOther = Statuses.Count != _collectors.Count;
        foreach (CollectorEntry collector in _collectors)
            isOther |= collector.RefreshStatus(isOn, IsInUse(collector)) || !Statuses.Contains(collector.Status);
        if (isOther)
            Statuses = [.. _collectors.Select(collector => collector.Status)];
    }

    /// <summary>Ends all sessions. What is not sent by now is counted as not sent.</summary>
    public void Dispose()
    {
        foreach (CollectorEntry collector in _collectors)
        {
            collector.Dispose();
            collector.Counters.AddNotSent(collector.Waiting.Clear());
        }
        _leaving.ForEach(one => one.Collector.Dispose());
    }

    private bool IsInUse(CollectorEntry collector) => !IsFailover || collector == (_inUse ?? _collectors[0]);

    /// <summary>The first that is up; while none is, the one before may go on trying, unless another is at least connected.</summary>
    private void ChooseInUse()
    {
        CollectorEntry? first = _collectors.Find(collector => collector.Session.State == CollectorState.Up);
        if (first is null && _collectors.Find(IsInUse) is { Session.IsConnected: false })
            first = _collectors.Find(collector => collector.Session.IsConnected);
        if (first is null || first == _inUse)
            return;
        _inUse?.Session.Flush();
        _inUse = first;
    }

    private RecordBuffer BufferFor(CollectorEntry[] before, List<CollectorEntry> leaving)
    {
        if (IsFailover && (before.FirstOrDefault() ?? _collectors.FirstOrDefault()) is { } any)
            return any.Waiting;
        if (leaving.Count == 0)
            return new RecordBuffer(options.WaitingCapacity);
        CollectorEntry heir = leaving[0];
        Retire(heir);
        leaving.RemoveAt(0);
        return heir.Waiting;
    }

    private CollectorEntry New(CollectorAddress address, RecordBuffer waiting)
    {
        ExportCounters counters = new();
        return new CollectorEntry(new CollectorSession(address, options, observationPoints, connect, time, counters), counters, waiting, time);
    }

    private void Remove(CollectorEntry collector)
    {
        if (!IsFailover || _collectors.Count == 0)
            collector.Counters.AddNotSent(collector.Waiting.Clear());
        Retire(collector);
    }

    private void Retire(CollectorEntry collector)
    {
        collector.Session.Flush();
        _leaving.Add((collector, time.GetTimestamp() + (long)(options.DrainTimeout.TotalSeconds * time.TimestampFrequency)));
        ServeLeaving();
    }

    private void ServeLeaving()
    {
        for (int i = _leaving.Count - 1; i >= 0; i--)
        {
            (CollectorEntry collector, long until) = _leaving[i];
            if (collector.Session.RecordsUnderway > 0 && time.GetTimestamp() < until)
                collector.Session.StandBy();
            if (collector.Session.RecordsUnderway > 0 && time.GetTimestamp() < until)
                continue;
            collector.Dispose();
            _leaving.RemoveAt(i);
            _sentBefore += collector.Counters.Sent;
            _notSentBefore += collector.Counters.NotSent;
        }
    }
}
