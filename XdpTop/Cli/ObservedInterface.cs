using XdpTop.Capture;
using XdpTop.Monitoring;
using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>An interface that is captured from, in one of the modes: its programs, and a frame source for each worker.</summary>
internal abstract class ObservedInterface(NetworkInterface target) : IDisposable
{
    public string Name => target.Name;

    /// <summary>The name as it can go to a terminal.</summary>
    public string SafeName => SafeText.Clean(Name);

    /// <summary>ifIndex.</summary>
    public int Index => target.Index;

    public bool IsGone => Links.IndexOf(Name) != Index;

    /// <summary>Why it is not in the mode that it would be in; empty if it is.</summary>
    public string FallBack { get; init; } = "";

    /// <summary>One for each worker, whose they become; the workers dispose of them.</summary>
    public abstract IReadOnlyList<IFrameSource> Sources { get; }

    /// <summary>As it is now.</summary>
    public InterfaceStatus Status => ModeStatus with
    {
        Name = SafeName,
        Workers = Sources.Count,
        Notice = target.IsUp ? target.IsRunning ? "" : "no carrier: waiting" : IsGone ? "gone" : "down: waiting",
        FallBack = FallBack,
    };

    /// <summary>Frames of queues that are not read.</summary>
    public virtual ulong LeftToHost => 0;

    /// <summary>The mode, and what the kernel says of it.</summary>
    protected abstract InterfaceStatus ModeStatus { get; }

    /// <summary>Opens an interface in the mode that the options ask for, or in the one that suits it.</summary>
    /// <exception cref="NativeException">There is no such interface, or it cannot be captured from like this.</exception>
    public static ObservedInterface Open(string name, Options options)
    {
        NetworkInterface target = NetworkInterface.Find(name);
        string? use = options.Demo ? null : HostUse.Of(target);
        bool isForced = options.Mode == CaptureMode.Redirect || options.TakeOver;
        if (options.Mode == CaptureMode.Tap || options.AsksForTap)
            return new TappedInterface(target, options, use is not null);
        if (use is not null && !options.TakeOver)
        {
            if (isForced || options.AsksForRedirect)
                throw new NativeException(WouldBeTakenAway(target, use));
            return new TappedInterface(target, options, use is not null);
        }
        try
        {
            return new RedirectedInterface(target, options);
        }
        catch (NativeException e) when (!isForced && !options.AsksForRedirect && e.ConcernsThisWayOnly)
        {
            ErrorOutput.Say($"{SafeText.Clean(name)} is tapped, its packets are not redirected: {e.Message}");
            return new TappedInterface(target, options, use is not null) { FallBack = $"no redirect: {NativeException.Describe(e.Errno)}" };
        }
    }

    /// <summary>Fills in what is known of a worker's queues and rings.</summary>
    public abstract void ReadQueue(int worker, ref QueueStatus queue);

    /// <summary>What the kernel has dropped of a worker's frames.</summary>
    public abstract XskStatistics ReadStatistics(int worker);

    /// <summary>After the workers have started: lets frames come.</summary>
    public abstract void Start();

    /// <summary>No more frames come; what was received by now can still be read.</summary>
    public abstract void Detach();

    /// <summary>After the workers have ended.</summary>
    public abstract void Dispose();

    /// <param name="queues">RX queues that are, or would be, read.</param>
    protected static int WorkersFor(int queues, Options options)
    {
        int cores = options.Cpus.Count > 0 ? options.Cpus.Count : CpuAffinity.Allowed().Length;
        return options.Threads > 0 ? options.Threads : Math.Min(queues, cores);
    }

    private static string WouldBeTakenAway(NetworkInterface target, string use) =>
        $"capturing from {target.Name} by redirect would take its packets away from this host, which uses it ({use})"
        + (HostUse.CarriesSshSession(target) ? ", and would cut off this SSH session, which comes in by it" : "")
        + ": give --take-over if that is wanted, or --mode tap to leave it its packets";
}
