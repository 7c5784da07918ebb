using XdpTop.Capture;

namespace XdpTop.Cli.Doctor;

/// <summary>What is examined: an interface as kernel and driver tell of it. Null is what they do not tell.</summary>
internal sealed record Subject
{
    public required string Name { get; init; }

    /// <summary>The name as a word for a shell.</summary>
    public string ShellName => ShellWord.Quote(Name);

    public string Driver { get; init; } = "";

    public bool IsUp { get; init; }

    public bool IsRunning { get; init; }

    /// <summary>How the host uses it, as "address 10.0.0.1"; null if it does not.</summary>
    public string? HostUse { get; init; }

    /// <summary>Octets of the longest packet.</summary>
    public int? Mtu { get; init; }

    /// <summary>The link's speed in Mbit/s; 0 where it has none.</summary>
    public long Megabits { get; init; }

    /// <summary>The XDP program that is attached; null if none is.</summary>
    public OtherProgram? OtherProgram { get; init; }

    public XdpFeatures? Xdp { get; init; }

    public int Queues { get; init; } = 1;

    public (uint Now, uint Most, bool Combined)? Channels { get; init; }

    public (uint Now, uint Most)? RxRing { get; init; }

    public (bool Adaptive, uint Microseconds, uint Frames)? Coalescing { get; init; }

    public bool? Gro { get; init; }

    public (bool Lro, bool RxVlan)? Offloads { get; init; }

    public RssSettings? Rss { get; init; }

    public IReadOnlyList<string>? KindsHashedByLess { get; init; }

    /// <summary>The interrupts that tell of received packets.</summary>
    public IReadOnlyList<QueueInterrupt> Interrupts { get; init; } = [];

    /// <summary>The NUMA node that it is at; negative or null where it is at none.</summary>
    public int? Node { get; init; }

    /// <summary>Whether --mode auto would redirect: else it taps, and much of what concerns the driver does not matter.</summary>
    public bool IsRedirected => HostUse is null && OtherProgram is null;

    /// <summary>Looks at an interface; changes nothing.</summary>
    public static Subject Of(NetworkInterface target, SystemFiles files) => new()
    {
        Name = target.Name,
        Driver = target.Driver,
        IsUp = target.IsUp,
        IsRunning = target.IsRunning,
        HostUse = Capture.HostUse.Of(target),
        Mtu = files.ReadNumber($"sys/class/net/{target.Name}/mtu"),
        Megabits = target.Megabits,
        OtherProgram = OtherProgram.At(target),
        Xdp = XdpFeatures.Of(target.Index),
        Queues = target.RxQueues,
        Channels = DriverSettings.Channels(target),
        RxRing = DriverSettings.RxRing(target),
        Coalescing = DriverSettings.Coalescing(target),
        Gro = DriverSettings.Gro(target),
        Offloads = DriverSettings.Offloads(target),
        Rss = DriverSettings.Rss(target),
        KindsHashedByLess = DriverSettings.KindsHashedByLess(target),
        Interrupts = QueueInterrupt.Of(target.Name, files),
        Node = files.ReadNumber($"sys/class/net/{target.Name}/device/numa_node"),
    };

    /// <summary>What is not at its best: a warning where xdptop would redirect, all right where it would tap.</summary>
    public Finding ForRedirect(string check, string text, string? remedy = null) =>
        IsRedirected ? new Finding(check, Result.Warning, text, remedy) : Finding.Ok(check, $"{text} (matters to redirect only)");
}
