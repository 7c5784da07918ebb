using XdpTop.Capture;
using XdpTop.Cli.Doctor;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Cli;

/// <summary>Interfaces of this machine, each in its own mode and with workers of its own.</summary>
internal sealed class LiveObservation : Observation
{
    /// <summary>Milliseconds: nobody tells of other numbers of queues, nor of programs that others have detached.</summary>
    private const int BetweenLooks = 1000;

    private readonly List<ObservedInterface> _interfaces = [];
    private readonly List<ObservationPoint> _points = []; // of the interfaces, in the same order
    private readonly List<(ObservedInterface Interface, int Number)> _workers = []; // number: among those of the interface
    private readonly Demo? _demo;
    private readonly double _demoRate;
    private readonly LinkWatch _watch = new();
    private Thread? _watching;
    private volatile bool _stopWatching;
    private readonly WorkerCores _cores;

    /// <exception cref="Native.NativeException">An interface is not there or cannot be captured from; nothing is left behind.</exception>
    public LiveObservation(Options options) : base(options)
    {
        _demoRate = options.DemoRate;
        _cores = new WorkerCores(options.Cpus, CpuAffinity.Allowed(), options.Xsk.Wait == WaitMode.BusyPoll, new SystemFiles("/"));
        try
        {
            foreach (string sentence in InterruptDeferral.RestoreLeftOvers())
                ErrorOutput.Say(sentence);
            IReadOnlyList<string> names = options.Interfaces;
            if (options.Demo)
            {
                _demo = new Demo(options.DemoQueues);
                names = [Demo.Interface];
                // The demo's traffic is far from what a link of this speed could carry.
                options = options with { Xsk = options.Xsk with { Frames = options.Xsk.Frames ?? Demo.Frames } };
            }
            // All else goes by the interface's own name; of alternative ones it may have several.
            foreach (string name in names.Select(name => NetworkInterface.Find(name).Name).Distinct().ToArray())
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

    public override IReadOnlyList<ObservationPoint> ObservationPoints => _points;

    public override (ulong Octets, ulong Huge) FrameMemory =>
        _interfaces.Select(observed => observed.Capture!.FrameMemory).Aggregate((sum, one) => (sum.Octets + one.Octets, sum.Huge + one.Huge));

    public override long Now => CaptureClock.Now;

    public override ulong? Offered => _demo?.Offered;

    public override string Problem
    {
        get
        {
            if (base.Problem is { Length: > 0 } failure)
                return failure;
            return _demo?.Failure is { } demoFailure ? $"the demo's traffic has ended: {demoFailure.Message}" : "";
        }
    }

    /// <summary>After the workers have started: looks after the interfaces, by a thread of its own, until <see cref="Detach"/>.</summary>
    /// <param name="tell">Is told by that thread what befalls them.</param>
    public void Watch(Action<InterfaceEvent> tell)
    {
        _watching = new Thread(() => Run(tell)) { IsBackground = true, Name = "watch" };
        _watching.Start();
    }

    /// <summary>After the workers have started: lets the demo's traffic flow.</summary>
    public void StartDemo() => _demo?.Start(_demoRate);

    public override InterfaceStatus[] ReadInterfaces() => [.. _interfaces.Select(observed => observed.Status)];

    public override ObservationPointCounters ReadCounters(int observationPoint) => _interfaces[observationPoint].ReadCounters();

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
        _stopWatching = true;
        _watch.Interrupt();
        _watching?.Join();
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
        _watch.Dispose();
    }

    private void Run(Action<InterfaceEvent> tell)
    {
        HashSet<int> removed = [];
        bool isNews = true;
        while (!_stopWatching)
        {
            foreach ((ObservedInterface observed, ObservationPoint point) in _interfaces.Zip(_points))
            {
                observed.Check(removed.Contains(observed.Index), isNews, tell);
                point.Index = (uint)observed.Index;
            }
            removed.Clear();
            isNews = _watch.Wait(BetweenLooks, removed);
        }
    }

    private void Open(string name, Options options)
    {
        ObservedInterface observed = new(name, options);
        _interfaces.Add(observed);
        _points.Add(new ObservationPoint(name, (uint)observed.Index) { Description = observed.Capture!.Target.Description });
        FlowCacheOptions cache = options.FlowCache with { Populate = true, JoinsRecords = options.HasScreen || options.Batch };
        IReadOnlyList<int> cores = _cores.Take(name, [.. Enumerable.Range(0, observed.Sources.Count).Select(observed.Capture!.QueuesOf)]);
        for (int number = 0; number < observed.Sources.Count; number++)
        {
            byte point = (byte)(_interfaces.Count - 1);
            observed.Workers.Add(Metering.Add(observed.Sources[number], cache, point, cores[number], holdFlows: false));
            _workers.Add((observed, number));
        }
    }
}
