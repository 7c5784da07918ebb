using XdpTop.Capture;
using XdpTop.Monitoring;
using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>
/// Capturing from an interface in one of the modes: its programs, and a frame source for each worker. It serves for as
/// long as the interface is there and has as many RX queues; see <see cref="ObservedInterface"/> for what is after.
/// </summary>
internal abstract class InterfaceCapture(NetworkInterface target) : IDisposable
{
    private readonly List<InterfaceWarning> _warnings = [];

    public NetworkInterface Target => target;

    public string Name => target.Name;

    /// <summary>ifIndex.</summary>
    public int Index => target.Index;

    /// <summary>RX queues that the interface had when this was made.</summary>
    public int RxQueues { get; } = target.RxQueues;

    /// <summary>Whether it reads these one by one, and so has to be made anew when there are others.</summary>
    public bool ReadsQueues => !SeesEgress;

    /// <summary>Whether the programs are still there: somebody else can detach them.</summary>
    public abstract bool IsAttached { get; }

    /// <summary>The largest MTU of which all frames can be received; null where there is no such limit.</summary>
    public virtual int? MtuCeiling => null;

    /// <summary>Why it is not in the mode that it would be in; empty if it is.</summary>
    public string FallBack { get; init; } = "";

    /// <summary>One for each worker, or for fewer workers than there are. Whoever they are given to disposes of them.</summary>
    public abstract IReadOnlyList<IFrameSource> Sources { get; }

    /// <summary>The mode, and what the kernel says of it.</summary>
    public InterfaceStatus Status => ModeStatus with { FallBack = FallBack, Warnings = _warnings };

    /// <summary>Octets of memory that frames are received into, and how many of them are in huge pages; none in tap mode.</summary>
    public virtual (ulong Octets, ulong Huge) FrameMemory => default;

    /// <summary>Frames of queues that are not read.</summary>
    public virtual ulong LeftToHost => 0;

    /// <summary>Frames that the program has handed over to sockets; null where it counts none.</summary>
    public virtual ulong? Redirected => null;

    /// <summary>Whether what goes out is captured, too.</summary>
    public virtual bool SeesEgress => false;

    protected abstract InterfaceStatus ModeStatus { get; }

    /// <summary>Opens an interface in the mode that the options ask for, or in the one that suits it.</summary>
    /// <param name="say">Gets the warnings, and a sentence if it is not the mode that it would be.</param>
    /// <exception cref="NativeException">There is no such interface, or it cannot be captured from like this.</exception>
    public static InterfaceCapture Open(string name, Options options, Action<string> say)
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
            RedirectedInterface redirected = new(target, options);
            redirected._warnings.ForEach(warning => say(warning.Sentence));
            return redirected;
        }
        catch (NativeException e) when (!isForced && !options.AsksForRedirect && e.ConcernsThisWayOnly)
        {
            say($"{SafeText.Clean(name)} is tapped, its packets are not redirected: {e.Message}");
            return new TappedInterface(target, options, use is not null) { FallBack = $"no redirect: {NativeException.Describe(e.Errno)}" };
        }
    }

    /// <summary>Whether it has to be let go as soon as the host uses the interface: nobody has asked for this mode.</summary>
    public virtual bool YieldsToHost(Options options) => false;

    /// <summary>A worker's RX queues; empty where it has none of its own.</summary>
    public virtual IReadOnlyList<int> QueuesOf(int worker) => [];

    /// <summary>What only packets can tell, once some have come; null if there is nothing to warn of, or not yet. The watching thread's.</summary>
    public virtual InterfaceWarning? FindWarning() => null;

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

    /// <summary>Has a warning stand in the <see cref="Status"/>.</summary>
    protected void Warn(InterfaceWarning? warning)
    {
        if (warning is not null)
            _warnings.Add(new InterfaceWarning(SafeText.Clean(warning.Short), SafeText.Clean(warning.Sentence)));
    }

    /// <summary>As the command line calls it.</summary>
    protected static string Word(WaitMode wait) => wait switch
    {
        WaitMode.BusyPoll => "busy-poll",
        WaitMode.Spin => "spin",
        _ => "poll",
    };

    private static string WouldBeTakenAway(NetworkInterface target, string use) =>
        $"capturing from {target.Name} by redirect would take its packets away from this host, which uses it ({use})"
        + (HostUse.CarriesSshSession(target) ? ", and would cut off this SSH session, which comes in by it" : "")
        + ": give --take-over if that is wanted, or --mode tap to leave it its packets";
}
