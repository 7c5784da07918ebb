using System.Diagnostics;
using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>
/// Takes a <see cref="TrafficSnapshot"/> at every interval, and at once when the reader wants to see something else: a
/// thread of its own that reads the flow caches while the workers go on. After the first snapshots it allocates nothing
/// to speak of.
/// </summary>
internal sealed class SnapshotTaker : IDisposable
{
    private readonly ITrafficSource _source;
    private readonly SnapshotExchange _exchange;
    private readonly TimeSpan _interval;
    private readonly FlowReader _flows;
    private readonly BiflowReader _biflows;
    private readonly ShownFlows _shown;
    private readonly GroupTable _groups;
    private readonly RateHistory _history = new();
    private readonly QueueStatus[] _queues;
    private readonly ulong[] _packetsBefore;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private ObservationPointCounters _before;
    private (double Packets, double Bits, double Flows, double Evictions) _totalRates;
    private TrafficSnapshot _newest; // published: the reader's, who only reads it; nobody writes to it before the next one is published
    private long _timeBefore;
    private TimeSpan _lastInterval;
    private volatile bool _stop;
    private bool _isDisposed;

    public SnapshotTaker(ITrafficSource source, SnapshotExchange exchange, TimeSpan interval)
    {
        _source = source;
        _exchange = exchange;
        _interval = interval;
        _flows = new FlowReader(source);
        _biflows = new BiflowReader(_flows);
        _shown = new ShownFlows(_flows);
        _groups = new GroupTable(_flows.Capacities);
        _newest = exchange.Writing;
        _queues = new QueueStatus[source.QueueCount];
        _packetsBefore = new ulong[source.QueueCount];
        _thread = new Thread(Run) { IsBackground = true, Name = "snapshots" };
    }

    /// <summary>Raised by the snapshot thread after each snapshot of an interval (not of a changed request).</summary>
    public event Action? IntervalElapsed;

    public void Start() => _thread.Start();

    /// <summary>The reader's request has changed: show it now, with the rates of the last interval. Any thread.</summary>
    public void Refresh() => _wake.Set();

    /// <summary>Ends the thread, and waits for it.</summary>
    public void Stop()
    {
        _stop = true;
        _wake.Set();
        if (_thread.IsAlive)
            _thread.Join();
    }

    /// <summary>Stops. The flow caches are not read after.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Stop();
        _wake.Dispose();
        _flows.Dispose();
        _biflows.Dispose();
        _groups.Dispose();
    }

    private void Run()
    {
        long next = Stopwatch.GetTimestamp();
        bool isSettled = false; // time stands still, and what there is has been shown
        while (!_stop)
        {
            bool elapsed = Stopwatch.GetTimestamp() >= next;
            bool isFinished = _source.IsFinished;
            if (!isSettled || !elapsed)
                Take(elapsed);
            isSettled = isFinished;
            if (elapsed)
            {
                TimeSpan asked = _exchange.Request.Interval;
                long interval = (long)((asked > TimeSpan.Zero ? asked : _interval).TotalSeconds * Stopwatch.Frequency), now = Stopwatch.GetTimestamp();
                next += interval;
                if (next < now + interval / 2)
                    next = now + interval; // after a stall: go on from here, since rates over a moment tell nothing
                IntervalElapsed?.Invoke();
            }
            // Rounded up: the rest of a millisecond would be no wait at all, and another look before it is due.
            double wait = Math.Ceiling(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), next).TotalMilliseconds);
            _wake.WaitOne(TimeSpan.FromMilliseconds(Math.Clamp(wait, 0, int.MaxValue)));
        }
    }

    /// <summary>Takes one snapshot now. For the snapshot thread, and for tests without one.</summary>
    /// <param name="newInterval">Whether rates are to be over the time until now, or as they were.</param>
    internal void Take(bool newInterval)
    {
        TrafficSnapshot snapshot = _exchange.Writing;
        SnapshotRequest request = _exchange.Request;
        bool isFinished = _source.IsFinished;
        long now = _source.Now;
        long before = newInterval && !isFinished ? _timeBefore : 0;
        if (isFinished)
        {
            // Rates are means over all of it, as those of the flows are.
            (newInterval, _before) = (true, default);
            Array.Clear(_packetsBefore);
            _lastInterval = TimeSpan.FromTicks(Math.Max((now - _source.Began) / TimeSpan.NanosecondsPerTick, TimeSpan.TicksPerSecond));
        }
        else if (newInterval)
        {
            _lastInterval = _timeBefore == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((now - _timeBefore) / TimeSpan.NanosecondsPerTick);
            _timeBefore = now;
        }
        snapshot.Time = now;
        snapshot.Interval = _lastInterval;
        snapshot.Interfaces = _source.ReadInterfaces();
        ReadTotals(snapshot, newInterval);
        ReadQueues(snapshot, newInterval);
        ReadHistory(snapshot, before, isFinished);
        _flows.Begin(newInterval, _lastInterval.TotalSeconds, request);
        ReadFlows(snapshot, request);
        _flows.Watch.End(snapshot, before, _flows);
        _newest = snapshot;
        _exchange.Publish();
    }

    private void ReadHistory(TrafficSnapshot snapshot, long before, bool isFinished)
    {
        if (before > 0)
            _history.Add(before, snapshot.Time, snapshot.BitsPerSecond / 8 * _lastInterval.TotalSeconds, snapshot.PacketsPerSecond * _lastInterval.TotalSeconds);
        if (isFinished)
        {
            _history.Clear();
            _source.ReadHistory(_history);
        }
        snapshot.History.CopyFrom(_history);
    }

    private void ReadTotals(TrafficSnapshot snapshot, bool newInterval)
    {
        snapshot.Totals = _source.ReadTotals();
        snapshot.Collections = GC.CollectionCount(0);
        snapshot.CollectionPauses = GC.GetTotalPauseDuration();
        if (!newInterval)
        {
            (snapshot.PacketsPerSecond, snapshot.BitsPerSecond, snapshot.NewFlowsPerSecond, snapshot.EvictionsPerSecond) = _totalRates;
            return;
        }
        double seconds = _lastInterval.TotalSeconds;
        double Rate(ulong now, ulong before) => seconds > 0 ? (now - before) / seconds : 0;
        snapshot.PacketsPerSecond = Rate(snapshot.Totals.ReceivedPackets, _before.ReceivedPackets);
        snapshot.BitsPerSecond = 8 * Rate(snapshot.Totals.ReceivedOctets, _before.ReceivedOctets);
        snapshot.NewFlowsPerSecond = Rate(snapshot.Totals.Flows - snapshot.Totals.Continued, _before.Flows - _before.Continued);
        snapshot.EvictionsPerSecond = Rate(snapshot.Totals.LackOfResources, _before.LackOfResources);
        _totalRates = (snapshot.PacketsPerSecond, snapshot.BitsPerSecond, snapshot.NewFlowsPerSecond, snapshot.EvictionsPerSecond);
        _before = snapshot.Totals;
    }

    private void ReadQueues(TrafficSnapshot snapshot, bool newInterval)
    {
        if (newInterval)
        {
            _source.ReadQueues(_queues);
            for (int i = 0; i < _queues.Length; i++)
            {
                double seconds = _lastInterval.TotalSeconds;
                _queues[i].PacketsPerSecond = seconds > 0 ? (_queues[i].ReceivedPackets - _packetsBefore[i]) / seconds : 0;
                _packetsBefore[i] = _queues[i].ReceivedPackets;
            }
        }
        if (snapshot.Queues.Length != _queues.Length)
            snapshot.Queues = new QueueStatus[_queues.Length];
        _queues.CopyTo(snapshot.Queues, 0);
    }

    private void ReadFlows(TrafficSnapshot snapshot, SnapshotRequest request)
    {
        _groups.Begin(request.Grouping);
        FlowSink sink = new(request, snapshot.Time, snapshot.Rows, _groups, _flows);
        if (request.Biflows)
            _biflows.Read(ref sink);
        else if (sink.TakesAll)
            ReadFirstUniflows(ref sink);
        else
            ReadUniflows(ref sink);
        if (request.ShowsEnded)
            _shown.OfferEnded(_newest, snapshot.Time, ref sink);
        else
            _shown.ForgetEnded();
        (snapshot.LiveFlows, snapshot.MatchingFlows) = (sink.LiveFlows, sink.MatchingFlows);
        snapshot.RowCount = request.IsFrozen ? _shown.ShowAgain(_newest, snapshot) : sink.Sort();
        snapshot.GroupKind = request.Grouping;
        snapshot.GroupCount = _groups.CopyTop(snapshot.Groups, request.GroupOrder);
        snapshot.AllFlows = _groups.All;
        (snapshot.AllGroups, snapshot.FlowsWithoutGroup) = (_groups.Count, _groups.WithoutRoom);
        _groups.Lengths.CopyTo(snapshot.Lengths, 0);
    }

    private void ReadUniflows(ref FlowSink sink)
    {
        FlowRow row = default;
        for (int cache = 0; cache < _flows.Caches; cache++)
        {
            int slots = _flows.SlotsInUse(cache);
            for (int slot = 0; slot < slots; slot++)
            {
                if (!_flows.TryRead(new FlowPlace(cache, slot), ref row))
                    continue;
                sink.LiveFlows++;
                sink.Offer(in row);
            }
        }
    }

    /// <summary>The same where all flows match: most are looked at no closer than it takes to see that they are not among the first.</summary>
    private void ReadFirstUniflows(ref FlowSink sink)
    {
        FlowCounts counts = default;
        for (int cache = 0; cache < _flows.Caches; cache++)
        {
            int slots = _flows.SlotsInUse(cache);
            for (int slot = 0; slot < slots; slot++)
            {
                FlowPlace place = new(cache, slot);
                if (!_flows.TryReadCounts(place, ref counts, out FlowRate rate))
                    continue;
                sink.LiveFlows++;
                sink.Offer(place, in counts, in rate);
            }
        }
    }
}
