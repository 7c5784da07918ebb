using XdpTop.Capture;
using XdpTop.Native;

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

    /// <summary>The XDP program that is attached, as "the XDP program 'xdp_pass' (id 17)"; null if none is.</summary>
    public string? OtherProgram { get; init; }

    public XdpFeatures? Xdp { get; init; }

    public int Queues { get; init; } = 1;

    public (uint Now, uint Most, bool Combined)? Channels { get; init; }

    public (uint Now, uint Most)? RxRing { get; init; }

    public (bool Adaptive, uint Microseconds, uint Frames)? Coalescing { get; init; }

    public bool? Gro { get; init; }

    public (bool Lro, bool RxVlan)? Offloads { get; init; }

    public RssSettings? Rss { get; init; }

    public IReadOnlyList<string>? KindsHashedByLess { get; init; }

    /// <summary>The cores that this process may use.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>What this process lacks to capture, as "CAP_NET_RAW, CAP_BPF"; empty when nothing.</summary>
    public string MissingCapabilities { get; init; } = "";

    /// <summary>Whether --mode auto would redirect: else it taps, and much of what concerns the driver does not matter.</summary>
    public bool IsRedirected => HostUse is null && OtherProgram is null;

    /// <summary>Looks at an interface; changes nothing.</summary>
    public static Subject Of(NetworkInterface target) => new()
    {
        Name = target.Name,
        Driver = target.Driver,
        IsUp = target.IsUp,
        IsRunning = target.IsRunning,
        HostUse = Capture.HostUse.Of(target),
        OtherProgram = XdpProgram.IsAttachedTo(target.Index) ? XdpProgram.AttachedProgram(target.Index) : null,
        Xdp = XdpFeatures.Of(target.Index),
        Queues = target.RxQueues,
        Channels = DriverSettings.Channels(target),
        RxRing = DriverSettings.RxRing(target),
        Coalescing = DriverSettings.Coalescing(target),
        Gro = DriverSettings.Gro(target),
        Offloads = DriverSettings.Offloads(target),
        Rss = DriverSettings.Rss(target),
        KindsHashedByLess = DriverSettings.KindsHashedByLess(target),
        Cores = CpuAffinity.Allowed().Length,
        MissingCapabilities = Capabilities.Missing(),
    };

    /// <summary>What is not at its best: a warning where xdptop would redirect, all right where it would tap.</summary>
    public Finding ForRedirect(string check, string text, string? remedy) =>
        IsRedirected ? new Finding(check, Result.Warning, text, remedy) : Finding.Ok(check, $"{text} (matters to redirect only)");
}
