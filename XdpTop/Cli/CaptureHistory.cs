using XdpTop.Flows;
using XdpTop.Metering;
using XdpTop.Monitoring;

namespace XdpTop.Cli;

/// <summary>
/// What the kernel has counted for the captures from one interface, one after the other, and what the interface has counted
/// itself. One thread at a time: whoever owns it locks.
/// </summary>
internal sealed class CaptureHistory(int workers)
{
    /// <summary>Frames of a queue that the kernel hands over at once (NAPI): of these, some are on their way at any moment.</summary>
    private const ulong OnTheirWay = 64;

    // Of captures that are over.
    private readonly XskStatistics?[] _statistics = new XskStatistics?[workers];
    private ulong _leftToHost;
    private ulong _redirectFailures;

    private readonly InterfaceCounts _interface = new();
    private ulong _receivedBefore; // by the workers, when the capture that is there began
    private bool _hasEnded;

    /// <summary>See <see cref="InterfaceStatus.InterfaceDrops"/>.</summary>
    public IReadOnlyList<(string Name, ulong Count)> InterfaceDrops => _interface.Drops;

    /// <summary>A capture begins: before its first frame, which would else count as received before, and so as lost.</summary>
    public void Begin(InterfaceCapture capture, IReadOnlyList<MeteringWorker> workers)
    {
        _receivedBefore = Received(workers);
        _interface.Begin(capture);
    }

    /// <summary>The capture is about to be detached: what the interface counts after this is not captured.</summary>
    public void ReadInterface() => _interface.Read(always: true);

    /// <summary>The run is about to end.</summary>
    public void End()
    {
        if (!_hasEnded)
            ReadInterface();
        _hasEnded = true;
    }

    /// <summary>A capture is over, detached, and read empty: keeps what it has counted.</summary>
    public void Keep(InterfaceCapture capture, IReadOnlyList<MeteringWorker> workers)
    {
        _redirectFailures += RedirectFailures(capture, workers, onTheirWay: 0);
        for (int worker = 0; worker < _statistics.Length; worker++)
            _statistics[worker] = ReadStatistics(capture, worker);
        _leftToHost += capture.LeftToHost;
        _interface.Keep();
    }

    /// <summary>All counts, with those of the capture that is there, if there is one.</summary>
    public ObservationPointCounters Read(InterfaceCapture? capture, IReadOnlyList<MeteringWorker> workers)
    {
        // Drops first: a frame that is received between the two readings is then missing, not one too many.
        if (!_hasEnded)
            _interface.Read();
        ObservationPointCounters kernel = new()
        {
            LeftToHost = _leftToHost,
            RedirectFailures = _redirectFailures,
            InterfacePackets = _interface.Packets,
            InterfaceMissed = _interface.Missed,
        };
        if (capture is not null)
        {
            kernel.LeftToHost += capture.LeftToHost;
            kernel.RedirectFailures += RedirectFailures(capture, workers, _hasEnded ? 0 : OnTheirWay * (ulong)capture.RxQueues);
        }
        for (int worker = 0; worker < _statistics.Length; worker++)
        {
            XskStatistics? statistics = ReadStatistics(capture, worker);
            kernel.RingFullDrops += statistics?.RxRingFull ?? 0;
            kernel.OtherDrops += statistics?.RxDropped ?? 0;
        }
        return workers.Aggregate(kernel, (sum, worker) => sum + Observation.CountersOf(worker));
    }

    public XskStatistics? ReadStatistics(InterfaceCapture? capture, int worker)
    {
        XskStatistics? now = worker < capture?.Sources.Count ? capture.ReadStatistics(worker) : null;
        return _statistics[worker] is not { } before ? now : now is null ? before : before + now.Value;
    }

    /// <param name="onTheirWay">So many may be missing without being lost.</param>
    private ulong RedirectFailures(InterfaceCapture capture, IReadOnlyList<MeteringWorker> workers, ulong onTheirWay)
    {
        if (capture.Redirected is not { } redirected)
            return 0;
        ulong arrived = onTheirWay;
        for (int worker = 0; worker < capture.Sources.Count; worker++)
        {
            QueueStatus queue = default;
            capture.ReadQueue(worker, ref queue);
            XskStatistics statistics = capture.ReadStatistics(worker);
            arrived += (ulong)queue.RingFill + (statistics.RxRingFull ?? 0) + (statistics.RxDropped ?? 0);
        }
        arrived += Received(workers) - _receivedBefore;
        return redirected > arrived ? redirected - arrived : 0;
    }

    private static ulong Received(IReadOnlyList<MeteringWorker> workers) =>
        workers.Aggregate(0UL, (sum, worker) => sum + worker.Counters.ReceivedPackets);
}
