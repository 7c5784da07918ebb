using XdpTop.Capture;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Cli;

/// <summary>A capture file, read by one worker as fast as it goes; time is the capture's own.</summary>
internal sealed class FileObservation : Observation
{
    private readonly PcapSource _source;
    private readonly InterfaceStatus[] _status;

    /// <exception cref="CaptureException">The file cannot be read, or is no capture file.</exception>
    public FileObservation(Options options) : base(options)
    {
        string name = options.ReadFile == PcapSource.StandardInput ? "standard input" : options.ReadFile!;
        _source = PcapSource.Open(options.ReadFile!);
        ObservationPoints = [new ObservationPoint(name, 0)];
        _status = [new InterfaceStatus { Name = SafeText.Clean(name), Mode = "file", Queues = 1 }];
        // Who looks at a file wants to see all its flows, not those of its last seconds, unless records are wanted as
        // time-outs make them.
        bool allFlows = options.BrowsesFile && options.Export is null && !options.HasTimeouts;
        FlowCacheOptions flowCache = options.FlowCache with { WaitForQueue = true };
        if (allFlows)
            flowCache = flowCache with { IdleTimeout = TimeSpan.MaxValue, ActiveTimeout = TimeSpan.MaxValue, Linger = TimeSpan.MaxValue };
        int cpu = options.Cpus.Count > 0 ? options.Cpus[0] : -1;
        Metering.Add(_source, flowCache, observationPoint: 0, cpu, holdFlows: options.BrowsesFile);
    }

    public override IReadOnlyList<ObservationPoint> ObservationPoints { get; }

    public override long Now => _source.Now;

    public override long Began => _source.Seconds.Earliest;

    public override void ReadHistory(RateHistory history)
    {
        const long Second = 1_000_000_000;
        SecondCounts seconds = _source.Seconds;
        if (seconds.Earliest == 0)
            return; // no packets
        // A history does not know the second in which it begins; nor is there one before that of 0.
        long oldest = Math.Max(seconds.Oldest, 1);
        history.Add((oldest - 1) * Second, oldest * Second, 0, 0);
        for (long second = oldest; second <= seconds.Newest; second++)
            history.Add(second * Second, (second + 1) * Second, seconds[second].Octets, seconds[second].Frames);
    }

    public override string Problem => base.Problem is { Length: > 0 } failure ? failure : _source.Problem ?? "";

    /// <summary>Not a file that is cut off: what is there is of use.</summary>
    public override bool HasFailed => base.Problem.Length > 0;

    public override InterfaceStatus[] ReadInterfaces() => _status;

    public override void ReadQueues(Span<QueueStatus> queues)
    {
        base.ReadQueues(queues);
        foreach (ref QueueStatus queue in queues)
        {
            queue.Interface = _status[0].Name;
            queue.LongestGap = TimeSpan.Zero; // by the file's own time it tells nothing of the worker
        }
    }
}
