using XdpTop.Capture;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Native;

namespace XdpTop.Cli.Bench;

/// <summary>
/// What the whole path takes, from the driver to the flow cache: the demo's veth pair and traffic as fast as it goes, or
/// at a rate, with snapshots taken as for the screen.
/// </summary>
internal static class LiveBenchmark
{
    private static readonly TimeSpan s_snapshotInterval = TimeSpan.FromSeconds(0.5);

    /// <param name="options">Those of the demo.</param>
    /// <exception cref="NativeException">No rights, no such kernel, or the link has gone meanwhile.</exception>
    public static LiveResult Run(Options options, double seconds)
    {
        using LiveObservation observation = new(options);
        CpuAffinity.Avoid(observation.Metering.Workers.Select(worker => worker.Cpu));
        using ExportingProcess exporting = new(
            observation.Metering.EndedFlowRecords, [], observation.ObservationPoints, new ExportOptions(), UdpTransport.ConnectAsync, TimeProvider.System);
        using (SnapshotTaker snapshots = new(observation, new SnapshotExchange(maximumRows: 2000), s_snapshotInterval))
        {
            exporting.Start();
            observation.Metering.Start();
            snapshots.Start();
            observation.StartDemo();
            Thread.Sleep(TimeSpan.FromSeconds(seconds));
        }
        observation.Detach();
        double cpuSeconds = ThreadTimes.CpuSeconds(name => name == "worker");
        observation.Metering.Stop();
        ObservationPointCounters totals = observation.ReadTotals();
        if (observation.Problem.Length > 0)
            throw new NativeException(observation.Problem);
        return new LiveResult
        {
            Mode = observation.ReadInterfaces()[0].Mode,
            Queues = observation.QueueCount,
            Seconds = seconds,
            Offered = observation.Offered ?? 0,
            Received = totals.ReceivedPackets,
            KernelDrops = totals.KernelDrops,
            CpuNanosecondsPerPacket = cpuSeconds * 1e9 / Math.Max(totals.ReceivedPackets, 1),
        };
    }
}
