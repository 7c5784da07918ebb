using XdpTop.Capture;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Cli;

/// <summary>Interfaces of this machine, each in its own mode and with workers of its own.</summary>
internal sealed class LiveObservation : Observation
{
    private readonly List<ObservedInterface> _interfaces = [];
    private readonly List<(ObservedInterface Interface, int Number)> _workers = []; // number: among those of the interface
    private readonly Demo? _demo;
    private readonly double _demoRate;
    private InterfaceStatus[] _status = [];

    /// <exception cref="Native.NativeException">An interface is not there or cannot be captured from; nothing is left behind.</exception>
    public LiveObservation(Options options) : base(options)
    {
        _demoRate = options.DemoRate;
        try
        {
            IReadOnlyList<string> names = options.Interfaces;
            if (options.Demo)
            {
                _demo = new Demo(options.DemoQueues);
                names = [Demo.Interface];
                // The demo's traffic is far from what a link of this speed could carry.
                options = options with { Xsk = options.Xsk with { Frames = options.Xsk.Frames ?? Demo.Frames } };
            }
            foreach (string name in names)
                Open(name, options);
            foreach (ObservedInterface observed in _interfaces)
                observed.Start();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override IReadOnlyList<ObservationPoint> ObservationPoints =>
        [.. _interfaces.Select(observed => new ObservationPoint(observed.Name, (uint)observed.Index) { Description = observed.Description })];

    public override long Now => CaptureClock.Now;

    public override ulong? Offered => _demo?.Offered;

    public override string Problem
    {
        get
        {
            if (base.Problem is { Length: > 0 } failure)
                return failure;
            if (_demo?.Failure is { } demoFailure)
                return $"the demo's traffic has ended: {demoFailure.Message}";
            ObservedInterface? gone = _interfaces.Find(observed => observed.IsGone);
            return gone is null ? "" : $"the interface {gone.SafeName} has gone: start again when it is back";
        }
    }

    /// <summary>After the workers have started: lets the demo's traffic flow.</summary>
    public void StartDemo() => _demo?.Start(_demoRate);

    public override InterfaceStatus[] ReadInterfaces()
    {
        InterfaceStatus[] status = [.. _interfaces.Select(observed => observed.Status)];
        return status.AsSpan().SequenceEqual(_status) ? _status : _status = status;
    }

    public override TrafficTotals ReadTotals()
    {
        // Drops first: a frame that is received between the two readings is then missing, not one too many.
        ulong ringFull = 0;
        ulong other = 0;
        foreach ((ObservedInterface observed, int number) in _workers)
        {
            XskStatistics statistics = observed.ReadStatistics(number);
            ringFull += statistics.RxRingFull ?? 0;
            other += statistics.RxDropped ?? 0;
        }
        return base.ReadTotals() with
        {
            RingFullDrops = ringFull,
            OtherDrops = other,
            LeftToHost = _interfaces.Aggregate(0UL, (sum, observed) => sum + observed.LeftToHost),
        };
    }

    public override void ReadQueues(Span<QueueStatus> queues)
    {
        base.ReadQueues(queues);
        for (int i = 0; i < queues.Length; i++)
        {
            (ObservedInterface observed, int number) = _workers[i];
            queues[i].Interface = observed.SafeName;
            queues[i].Xsk = observed.ReadStatistics(number);
            observed.ReadQueue(number, ref queues[i]);
        }
    }

    public override void Detach()
    {
        _demo?.Stop();
        foreach (ObservedInterface observed in _interfaces)
            observed.Detach();
    }

    public override void Dispose()
    {
        Detach();
        base.Dispose();
        _interfaces.ForEach(observed => observed.Dispose());
        _demo?.Dispose();
    }

    private void Open(string name, Options options)
    {
        ObservedInterface observed = ObservedInterface.Open(name, options);
        _interfaces.Add(observed);
        FlowCacheOptions cache = options.FlowCache with { Populate = true };
        for (int number = 0; number < observed.Sources.Count; number++)
        {
            byte point = (byte)(_interfaces.Count - 1);
            Metering.Add(observed.Sources[number], cache, point, CpuOf(_workers.Count, options), holdFlows: false);
            _workers.Add((observed, number));
        }
    }

    /// <summary>
    /// The core of a worker. By default from the last one down: the interrupts of the first queues are often on the first
    /// cores, where the kernel then has room for its part of the work.
    /// </summary>
    private static int CpuOf(int worker, Options options)
    {
        IReadOnlyList<int> cpus = options.Cpus;
        if (cpus.Count > 0)
            return cpus[worker % cpus.Count];
        cpus = CpuAffinity.Allowed();
        return cpus[cpus.Count - 1 - worker % cpus.Count];
    }
}
