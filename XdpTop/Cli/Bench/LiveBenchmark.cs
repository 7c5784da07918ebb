using System.Globalization;
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
    private const double TicksPerSecond = 100; // USER_HZ, of the times in /proc/PID/stat
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
        double cpuSeconds = WorkersCpuSeconds();
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

    /// <summary>User and system time of the threads called "worker".</summary>
    private static double WorkersCpuSeconds()
    {
        double ticks = 0;
        foreach (string thread in Directory.GetDirectories("/proc/self/task"))
        {
            if (File.ReadAllText($"{thread}/comm").Trim() != "worker")
                continue;
            // After the name in brackets: state, then utime and stime as the 12th and 13th.
            string stat = File.ReadAllText($"{thread}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            ticks += double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
        }
        return ticks / TicksPerSecond;
    }
}
