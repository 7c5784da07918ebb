using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Memory;
using XdpTop.Metering;
using XdpTop.Monitoring;
using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>
/// All that is observed in one run: Observation Points, the Metering Process that reads them, and for snapshots and the
/// summary what there is to see of them. Live or from a file.
/// </summary>
internal abstract class Observation(Options options) : ITrafficSource, IDisposable
{
    private FlowCache[] _flowCaches = [];

    public MeteringProcess Metering { get; } = new() { Sampling = options.Sampling };

    /// <summary>What the records' Observation Point is an index into.</summary>
    public abstract IReadOnlyList<ObservationPoint> ObservationPoints { get; }

    public IReadOnlyList<FlowCache> FlowCaches =>
        _flowCaches.Length == Metering.Workers.Count ? _flowCaches : _flowCaches = [.. Metering.Workers.Select(worker => worker.Cache)];

    /// <summary>Octets of memory that frames are received into, and how many of them are in huge pages.</summary>
    public virtual (ulong Octets, ulong Huge) FrameMemory => default;

    /// <summary>All that is set aside, which no traffic makes more; pages that nothing uses take no memory yet.</summary>
    public string MemoryText
    {
        get
        {
            ulong flows = FlowCaches.Aggregate(0UL, (sum, cache) => sum + cache.MemoryOctets);
            (ulong frames, ulong huge) = FrameMemory;
            string workers = FlowCaches.Count == 1 ? "one worker" : $"{FlowCaches.Count} workers";
            return $"memory set aside: {MappedMemory.TotalOctets >> 20} MiB, of it {flows >> 20} MiB for {workers} of {FlowCaches[0].Capacity} flows"
                + (frames == 0 ? "" : $", {frames >> 20} MiB for frames ({(huge == frames ? "all" : huge == 0 ? "none" : $"{huge >> 20} MiB")} in huge pages)");
        }
    }

    public abstract long Now { get; }

    public bool IsFinished => Metering.IsFinished;

    /// <inheritdoc/>
    public virtual long Began => Now;

    /// <inheritdoc/>
    public virtual void ReadHistory(RateHistory history)
    {
    }

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

    /// <summary>
    /// All that is counted of an Observation Point, by its number in <see cref="ObservationPoints"/>. Any thread may ask at
    /// any time until this is disposed of: for options records to a collector as for the screen.
    /// </summary>
    public virtual ObservationPointCounters ReadCounters(int observationPoint) =>
        Metering.Workers.Aggregate(default(ObservationPointCounters), (sum, worker) => sum + CountersOf(worker));

    public ObservationPointCounters ReadTotals() =>
        Enumerable.Range(0, ObservationPoints.Count).Aggregate(default(ObservationPointCounters), (sum, point) => sum + ReadCounters(point)) with
        {
            SamplingInterval = options.Sampling.Interval,
        };

    /// <summary>What a worker and its flow cache have counted. Any thread.</summary>
    public static ObservationPointCounters CountersOf(MeteringWorker worker)
    {
        WorkerCounters counters = worker.Counters;
        FlowCacheCounters flows = worker.Cache.Counters;
        return new ObservationPointCounters
        {
            ReceivedPackets = counters.ReceivedPackets,
            ReceivedOctets = counters.ReceivedOctets,
            MeteredPackets = counters.Metered,
            NotIp = counters.NotIp,
            Malformed = counters.Malformed,
            Truncated = counters.Truncated,
            Filtered = counters.Filtered,
            SampledOut = counters.SampledOut,
            UnresolvedFragments = counters.UnresolvedFragments,
            Flows = flows.Flows,
            Continued = flows.Continued,
            LackOfResources = flows.LackOfResources,
            RecordsDropped = flows.RecordsDropped,
        };
    }

    private static Tally DroppedBy(FlowCacheCounters counters) =>
        new(counters.RecordsDropped, counters.DroppedRecordsPackets, counters.DroppedRecordsOctets);

    /// <summary>What collectors are told of it.</summary>
    public MeteringStatistics ReadStatistics()
    {
        ObservationPointCounters totals = ReadTotals();
        return new MeteringStatistics
        {
            IgnoredPackets = totals.Malformed + totals.Truncated,
            IgnoredOctets = Metering.Workers.Aggregate(0UL, (sum, worker) => sum + worker.Counters.IgnoredOctets),
            DroppedPackets = totals.KernelDrops + totals.InterfaceMissed,
            ObservedPackets = totals.ReceivedPackets,
            SelectedPackets = totals.ReceivedPackets - totals.SampledOut,
            RecordsDropped = FlowCaches.Aggregate(default(Tally), (sum, cache) => sum + DroppedBy(cache.Counters)),
        };
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
