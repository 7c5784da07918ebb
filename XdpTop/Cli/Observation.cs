using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Metering;
using XdpTop.Monitoring;
using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>
/// All that is observed in one run: Observation Points, the Metering Process that reads them, and for snapshots and the
/// summary what there is to see of them. Live or from a file.
/// </summary>
internal abstract class Observation : ITrafficSource, IDisposable
{
    private FlowCache[] _flowCaches = [];

    public MeteringProcess Metering { get; } = new();

    /// <summary>What the records' Observation Point is an index into.</summary>
    public abstract IReadOnlyList<ObservationPoint> ObservationPoints { get; }

    public IReadOnlyList<FlowCache> FlowCaches =>
        _flowCaches.Length == Metering.Workers.Count ? _flowCaches : _flowCaches = [.. Metering.Workers.Select(worker => worker.Cache)];

    public abstract long Now { get; }

    public bool IsFinished => Metering.IsFinished;

    public int QueueCount => Metering.Workers.Count;

    /// <summary>Packets that the demo has sent; null where there is no demo.</summary>
    public virtual ulong? Offered => null;

    /// <summary>
    /// Why not everything was or can be observed, as a sentence: an interface has gone, a file is cut off, a worker
    /// failed. Empty when all is well.
    /// </summary>
    public virtual string Problem =>
        Metering.Workers.Select(worker => worker.Failure).FirstOrDefault(failure => failure is not null) is { } failure
            ? $"a worker has failed and its queue is no longer read: {failure.Message}{(failure is NativeException ? "" : "; this is a bug: report it")}"
            : "";

    /// <summary>Whether nothing more can be observed, though it was to go on.</summary>
    public virtual bool HasFailed => Problem.Length > 0;

    public abstract InterfaceStatus[] ReadInterfaces();

    public virtual TrafficTotals ReadTotals()
    {
        TrafficTotals totals = new() { Collections = GC.CollectionCount(0), CollectionPauses = GC.GetTotalPauseDuration() };
        foreach (MeteringWorker worker in Metering.Workers)
        {
            WorkerCounters counters = worker.Counters;
            FlowCacheCounters flows = worker.Cache.Counters;
            totals.ReceivedPackets += counters.ReceivedPackets;
            totals.ReceivedOctets += counters.ReceivedOctets;
            totals.MeteredPackets += counters.Metered;
            totals.NotIp += counters.NotIp;
            totals.Malformed += counters.Malformed;
            totals.Truncated += counters.Truncated;
            totals.Filtered += counters.Filtered;
            totals.UnresolvedFragments += counters.UnresolvedFragments;
            totals.Flows += flows.Flows;
            totals.LackOfResources += flows.LackOfResources;
            totals.RecordsDropped += flows.RecordsDropped;
        }
        return totals;
    }

    public virtual void ReadQueues(Span<QueueStatus> queues)
    {
        for (int i = 0; i < queues.Length; i++)
        {
            MeteringWorker worker = Metering.Workers[i];
            WorkerCounters counters = worker.Counters;
            ulong batches = counters.Batches - queues[i].Batches;
            queues[i] = queues[i] with
            {
                Cpu = worker.Cpu,
                BatchFill = batches > 0 ? (double)(counters.ReceivedPackets - queues[i].ReceivedPackets) / batches : 0,
                ReceivedPackets = counters.ReceivedPackets,
                Batches = counters.Batches,
                LongestGap = worker.Gaps.TakeLongest(),
                LiveFlows = worker.Cache.Count,
                FlowCapacity = worker.Cache.Capacity,
                LackOfResources = worker.Cache.Counters.LackOfResources,
            };
        }
    }

    /// <summary>Lets the host have its packets again; what was received until now is still metered.</summary>
    public virtual void Detach()
    {
    }

    /// <summary>After the Metering Process has stopped, and after the last snapshot.</summary>
    public virtual void Dispose() => Metering.Dispose();
}
