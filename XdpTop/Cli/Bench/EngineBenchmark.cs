using XdpTop.Capture;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Metering;
using XdpTop.Monitoring;

namespace XdpTop.Cli.Bench;

/// <summary>
/// What the engine takes for a packet: parse, hash, look-up, update, expiry, with snapshots taken meanwhile as for the
/// screen. One worker, frames made up in memory.
/// </summary>
internal static class EngineBenchmark
{
    private const int Rounds = 3;
    private static readonly TimeSpan s_snapshotInterval = TimeSpan.FromSeconds(0.5);

    /// <summary>One measurement. The best of <see cref="Rounds"/> counts: on a shared machine noise only ever adds.</summary>
    public static EngineResult Run(int flows, long packets)
    {
        packets -= packets % FlowCache.MaximumBatch;
        double producer = ProducerTime(flows, packets);
        using SyntheticSource source = new(flows, packets, Rounds);
        using EngineObservation observation = new(source, flows);
        // Takes the records of ended flows, and leaves them at that.
        using ExportingProcess exporting = new(
            observation.Metering.EndedFlowRecords, [], observation.ObservationPoints, new ExportOptions(), UdpTransport.ConnectAsync, TimeProvider.System);
        SnapshotExchange exchange = new(maximumRows: 2000);
        using (SnapshotTaker snapshots = new(observation, exchange, s_snapshotInterval))
        {
            exporting.Start();
            observation.Metering.Start();
            snapshots.Start();
            while (!observation.IsFinished)
                Thread.Sleep(1);
        }
        MeteringWorker worker = observation.Metering.Workers[0];
        if (worker.Failure is not null)
            throw new InvalidOperationException("the worker has failed", worker.Failure);
        double engine = Enumerable.Range(0, Rounds).Min(round => source.RoundTime(round).TotalNanoseconds / packets);
        EngineResult result = new()
        {
            Flows = flows,
            ProducerNanoseconds = producer,
            NanosecondsPerPacket = engine - producer,
            OctetsPerFlow = (double)worker.Cache.MemoryOctets / worker.Cache.Capacity,
            LongestGap = worker.TakeLongestGap(),
        };
        observation.Metering.Stop();
        return result;
    }

    private static double ProducerTime(int flows, long packets)
    {
        using SyntheticSource source = new(flows, packets, Rounds);
        Frame[] frames = new Frame[FlowCache.MaximumBatch];
        while (!source.Ended)
            source.Receive(frames);
        return Enumerable.Range(0, Rounds).Min(round => source.RoundTime(round).TotalNanoseconds / packets);
    }
}
