using XdpTop.Capture;
using XdpTop.Cli.Configuration;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Ui;

namespace XdpTop.Cli;

/// <summary>What the command line asks for; checked as far as it can be without looking at the machine.</summary>
internal sealed record Options
{
    /// <summary>Interfaces to capture from; empty for a file or the demo.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>A capture file to read, "-" for standard input; null for a live capture.</summary>
    public string? ReadFile { get; init; }

    public bool Demo { get; init; }

    /// <summary>The demo's packets per second; 0 for as many as go.</summary>
    public double DemoRate { get; init; }

    /// <summary>RX queues of the demo's interface, each fed by a core of its own.</summary>
    public int DemoQueues { get; init; } = 2;

    public CaptureMode Mode { get; init; }

    /// <summary>Redirect even where the host uses the interface, which then gets no packets.</summary>
    public bool TakeOver { get; init; }

    /// <summary>Workers of each interface; 0 for one for each RX queue, and no more than cores.</summary>
    public int Threads { get; init; }

    /// <summary>RX queues to open; empty for all.</summary>
    public IReadOnlyList<int> Queues { get; init; } = [];

    /// <summary>The workers' cores, in turn; empty for a choice of xdptop's own.</summary>
    public IReadOnlyList<int> Cpus { get; init; } = [];

    public AttachMode Attach { get; init; }

    public XskOptions Xsk { get; init; } = new();

    /// <summary>Whether there is a wish that only redirect mode can fulfil.</summary>
    public bool AsksForRedirect => Queues.Count > 0 || Attach is AttachMode.Native or AttachMode.Skb || Xsk.Bind != BindMode.Auto
        || Xsk.Wait == WaitMode.BusyPoll;

    /// <summary>Whether there is a wish for frames of another number or size than usual.</summary>
    public bool SizesFrames => Xsk.Frames is not null || Xsk.FrameSize != new XskOptions().FrameSize;

    /// <summary>Whether there is a wish that only tap mode can fulfil.</summary>
    public bool AsksForTap => Attach is AttachMode.Tcx or AttachMode.Clsact;

    /// <summary>Time between two refreshes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Refreshes until the end; 0 for no end.</summary>
    public int Iterations { get; init; }

    /// <summary>Text or JSON Lines on standard output in place of a screen.</summary>
    public bool Batch { get; init; }

    public bool Json { get; init; }

    public FlowCacheOptions FlowCache { get; init; } = new();

    /// <summary>Whether a time-out was given, rather than left at its default.</summary>
    public bool HasTimeouts { get; init; }

    /// <summary>Whether the two directions of a conversation are joined.</summary>
    public bool Biflow { get; init; }

    /// <summary>What records are made of, in files and on the way to the collector.</summary>
    public RecordKind Records => Biflow ? RecordKind.Biflow : FlowCache.ByteDistribution ? RecordKind.WithByteDistribution : RecordKind.Plain;

    /// <summary>Which fields records have.</summary>
    public FieldSelection Fields { get; init; } = FieldSelection.Default;

    /// <summary>What messages call the Observation Domain; null for a number made of the host's and the interfaces' names.</summary>
    public uint? ObservationDomainId { get; init; }

    /// <summary>Which packets are metered.</summary>
    public PacketSampling Sampling { get; init; } = PacketSampling.Off;

    /// <summary>Where ended Flow Records go; null for nowhere.</summary>
    public string? Output { get; init; }

    /// <summary>When the output goes on in a new file; null for never.</summary>
    public Rotation? Rotation { get; init; }

    /// <summary>The collectors to export to from the start.</summary>
    public IReadOnlyList<string> Exports { get; init; } = [];

    /// <summary>The same with spaces between; null for none.</summary>
    public string? Export => Exports.Count > 0 ? string.Join(' ', Exports) : null;

    public ExportPolicy ExportPolicy { get; init; }

    /// <summary>PEM files for TLS to collectors: authorities to trust, this probe's certificate, and its key; null for none.</summary>
    public string? ExportAuthorities { get; init; }

    public string? ExportCertificate { get; init; }

    public string? ExportKey { get; init; }

    /// <summary>At the end: how long to go on sending what waits for collectors.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What the screen begins with.</summary>
    public ScreenSettings Screen { get; init; } = new();

    /// <summary>Where the screen's settings are saved; null for nowhere.</summary>
    public ConfigurationFile? Configuration { get; init; }

    /// <summary>Whether there is a screen: not in batch mode, nor where a file is turned into records.</summary>
    public bool HasScreen => !Batch && !(ReadFile is not null && Output is not null);

    /// <summary>Whether a capture file is there to be looked at, as it is at its end, rather than to be turned into records.</summary>
    public bool BrowsesFile => ReadFile is not null && Output is null && !Json;

    /// <summary>Whether there is a use in going on when nobody reads standard output any more: collectors, or a file.</summary>
    public bool ServesOthers => Export is not null || Output is not (null or "-");

    /// <summary>Whether records go to standard output, as JSON Lines.</summary>
    public bool WritesRecordsToStandardOutput => Json || Output == "-";

    /// <param name="observed">The names of what is observed.</param>
    public ExportOptions ForExport(IEnumerable<string> observed) => new()
    {
        ObservationDomainId = ObservationDomainId ?? ObservationDomain.IdOf(observed),
        Fields = Fields,
        Sampling = Sampling,
        WorkersWait = ReadFile is not null,
        Policy = ExportPolicy,
        DrainTimeout = Drain,
        Records = Records,
        BiflowPatience = FlowCache.IdleTimeout + ExportOptions.BiflowSlack,
    };
}
