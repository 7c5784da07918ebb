using System.Diagnostics;
using XdpTop.Capture;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Metering;
using XdpTop.Monitoring;

namespace XdpTop.Cli.Bench;

/// <summary>
/// What the engine takes for a packet: parse, hash, look-up, update, expiry, with snapshots taken meanwhile as for the
/// screen. One worker, frames from memory.
/// </summary>
internal static class EngineBenchmark
{
    /// <summary>Of each measurement; the best counts: on a shared machine noise only ever adds.</summary>
    public const int Rounds = 3;

    private const int HeavyFlows = 1000;
    private const int NewFlowsOf100 = 90;
    private static readonly TimeSpan s_snapshotInterval = TimeSpan.FromSeconds(0.5);

    /// <summary>Made-up frames of so many flows, all of which stay alive.</summary>
    public static EngineResult Run(int flows, long packets)
    {
        packets -= packets % FlowCache.MaximumBatch;
        return Measure(() => new SyntheticSource(flows, packets, Rounds), flows, (_, _) => { }) with { Flows = flows };
    }

    /// <summary>The frames of a capture file.</summary>
    /// <exception cref="CaptureException">It cannot be read.</exception>
    public static EngineResult Run(string file)
    {
        int flows = 0;
        EngineResult result = Measure(
            () => ReplaySource.Read(file, Rounds), new FlowCacheOptions().Capacity, (worker, _) => flows = worker.Cache.Count);
        return result with { Flows = flows };
    }

    /// <summary>
    /// A flood: nine packets of ten are each a flow of their own, and the rest are of <see cref="HeavyFlows"/> flows that
    /// go on, in a flow cache that is full.
    /// </summary>
    public static FloodResult RunFlood(int capacity, long packets)
    {
        EngineResult before = Run(capacity, packets);
        FlowCacheCounters counters = default;
        int kept = 0;
        EngineResult flood = Measure(() => new SyntheticSource(HeavyFlows, packets, Rounds, NewFlowsOf100), capacity, (worker, duration) =>
        {
            counters = worker.Cache.Counters;
            kept = HeavyFlowsKept(worker.Cache, duration);
        });
        return new FloodResult
        {
            Capacity = capacity,
            NanosecondsPerPacketBefore = before.NanosecondsPerPacket,
            NanosecondsPerPacket = flood.NanosecondsPerPacket,
            NewFlows = counters.Flows - HeavyFlows,
            Evictions = counters.LackOfResources,
            EvictionsPerSecond = counters.LackOfResources / flood.Duration.TotalSeconds,
            RecordsDropped = counters.RecordsDropped,
            HeavyFlows = HeavyFlows,
            HeavyFlowsKept = kept,
        };
    }

    private static EngineResult Measure(Func<RoundSource> makeSource, int capacity, Action<MeteringWorker, TimeSpan> look)
    {
        double producer = ProducerTime(makeSource);
        using RoundSource source = makeSource();
        using EngineObservation observation = new(source, capacity);
        // Takes the records of ended flows, and leaves them at that.
        using ExportingProcess exporting = new(
            observation.Metering.EndedFlowRecords, [], observation.ObservationPoints, new ExportOptions(), UdpTransport.ConnectAsync, TimeProvider.System);
        CpuAffinity.Avoid([observation.Metering.Workers[0].Cpu]);
        SnapshotExchange exchange = new(maximumRows: 2000);
        int collections = GC.CollectionCount(0);
        using (SnapshotTaker snapshots = new(observation, exchange, s_snapshotInterval))
        {
            exporting.Start();
            snapshots.Start();
            observation.Metering.Start();
            while (!observation.IsFinished)
                Thread.Sleep(1);
        }
        collections = GC.CollectionCount(0) - collections;
        MeteringWorker worker = observation.Metering.Workers[0];
        if (worker.Failure is not null)
            throw new InvalidOperationException("the worker has failed", worker.Failure);
        TimeSpan duration = TimeSpan.FromTicks(Enumerable.Range(0, Rounds).Sum(round => source.RoundTime(round).Ticks));
        look(worker, duration);
        GapHistogram noise = Noise(worker.Cpu, duration);
        EngineResult result = new()
        {
            Packets = source.Packets,
            Duration = duration,
            ProducerNanoseconds = producer,
            NanosecondsPerPacket = BestRound(source) - producer,
            OctetsPerFlow = (double)worker.Cache.MemoryOctets / worker.Cache.Capacity,
            LongestGap = worker.Gaps.Longest,
            Gap999 = worker.Gaps.Quantile(0.999),
            LongestNoise = noise.Longest,
            Collections = collections,
        };
        observation.Metering.Stop();
        return result;
    }

    private static double ProducerTime(Func<RoundSource> makeSource)
    {
        using RoundSource source = makeSource();
        Frame[] frames = new Frame[FlowCache.MaximumBatch];
        while (!source.Ended)
            source.Receive(frames);
        return BestRound(source);
    }

    private static double BestRound(RoundSource source) =>
        Enumerable.Range(0, source.Rounds).Min(round => source.RoundTime(round).TotalNanoseconds / source.Packets);

    /// <summary>The gaps of a loop that does nothing, on the worker's core, for as long: what the machine itself does to a worker.</summary>
    private static GapHistogram Noise(int cpu, TimeSpan duration)
    {
        GapHistogram gaps = new();
        Thread thread = new(() =>
        {
            CpuAffinity.Pin(cpu);
            long start = Stopwatch.GetTimestamp(), last = start;
            while (Stopwatch.GetElapsedTime(start, last) < duration)
            {
                long now = Stopwatch.GetTimestamp();
                gaps.Add((long)Stopwatch.GetElapsedTime(last, now).TotalNanoseconds);
                last = now;
            }
        });
        thread.Start();
        thread.Join();
        return gaps;
    }

    /// <summary>Heavy flows that are alive in a record that began in the first of all rounds: they were not evicted since.</summary>
    private static int HeavyFlowsKept(FlowCache cache, TimeSpan duration)
    {
        long firstRound = CaptureClock.Now - (long)(duration * (Rounds - 1) / Rounds).TotalNanoseconds;
        FlowRecord record = default;
        int kept = 0;
        for (int slot = 0; slot < cache.SlotsInUse; slot++)
        {
            if (cache.TryRead(slot, ref record) && record.Key.Destination.Equals(SyntheticSource.Destination) && record.Start < firstRound)
                kept++;
        }
        return kept;
    }
}
