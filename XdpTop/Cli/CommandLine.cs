using System.CommandLine;
using XdpTop.Capture;
using XdpTop.Cli.Bench;
using XdpTop.Cli.Configuration;
using XdpTop.Cli.Doctor;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Native;
using XdpTop.Ui;
using XdpTop.Ui.ViewModels;
using static XdpTop.Cli.OptionMakers;

namespace XdpTop.Cli;

/// <summary>The command line: its options in groups, and what they become.</summary>
internal sealed class CommandLine
{
    /// <summary>More packets than that to one metered nobody wants.</summary>
    private const uint MostSampling = 1_000_000;

    private readonly Argument<string[]> _interfaces = new("INTERFACE")
    {
        Description = "interfaces to capture from",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _read = New<string>("--read", "FILE", "meter a pcap or pcapng file; '-' is standard input", "-r");
    private readonly Option<bool> _demo = New<bool>("--demo", "", "made-up traffic on a veth pair of its own");
    private readonly Option<double> _demoRate = Seconds("--demo-rate", "PPS", "the demo's packets per second; 0 for as many as go (200000)", 200_000, 0);
    private readonly Option<CaptureMode> _mode = Choice("--mode", "auto|redirect|tap", "take the packets away from the host, or copy them; auto copies where the host uses the interface", CaptureMode.Auto, "-m");
    private readonly Option<bool> _takeOver = New<bool>("--take-over", "", "redirect even from an interface that the host uses, and so cut the host off there");
    private readonly Option<int> _threads = Number("--threads", "N", "workers of each interface (one for each RX queue, and no more than cores)", 0, 1, 1024, "-t");
    private readonly Option<IReadOnlyList<int>> _queues = Numbers("--queues", "RX queues to open, as 0-3,5 (all)", "-q");
    private readonly Option<IReadOnlyList<int>> _cpus = Numbers("--cpus", "cores for the workers, in turn, as 1,3");
    private readonly Option<AttachMode> _attach = Choice("--attach", "auto|native|skb|tcx|clsact", "how the programs are attached: native or skb to redirect, tcx or clsact to tap (auto)", AttachMode.Auto);
    private readonly Option<BindMode> _bind = Choice("--bind", "auto|zero-copy|copy", "how redirected frames reach user space (auto)", BindMode.Auto);
    private readonly Option<WaitMode> _wait = Choice("--wait", "poll|busy-poll|spin", "without packets, workers sleep, or never do: to redirect, busy-poll drives the NIC from their cores (poll)", WaitMode.Poll);
    private readonly Option<int> _frameSize = PowerOfTwo("--frame-size", "octets of a frame's place, 2048 or 4096 (2048)", 2048, 2048, 4096);
    private readonly Option<int?> _frames = OptionalPowerOfTwo("--frames", "frames of a queue, a power of two (what 5 ms of the link's speed take)", 128, 1 << 22);
    private readonly Option<int?> _ringSize = OptionalPowerOfTwo("--ring-size", "places of a queue's RX ring (as many as frames), or of a core's ring in tap mode (32768), a power of two", 64, 1 << 20);

    private readonly Option<FlowKeyFilter?> _filter = Filter("--filter", "EXPR", "meter only flows that match, as 'tcp port 443 and not net 10.0.0.0/8'", "-f");
    private readonly Option<double> _idle = Seconds("--idle-timeout", "SECONDS", "a flow with no packet for so long has ended (15)", 15, 0.001);
    private readonly Option<double> _active = Seconds("--active-timeout", "SECONDS", "a flow is reported at least so often (60)", 60, 0.001);
    private readonly Option<int> _cacheSize = Number("--cache-size", "FLOWS", "flows that each worker has room for (1048576)", 1 << 20, 1, FlowCacheOptions.MaximumCapacity);
    private readonly Option<bool> _byteDistribution = New<bool>("--byte-distribution", "", "count the values of the payloads' bytes, in 1 KiB more for each flow");
    private readonly Option<bool> _biflow = New<bool>("--biflow", "", "join the two directions of a conversation: on the screen, in records and export");

    private readonly Option<double> _delay = Seconds("--delay", "SECONDS", "time between two refreshes (1)", 1, 0.05, "-d");
    private readonly Option<Theme> _theme = Choice("--theme", "default|dark|light|high-contrast|mono", "the screen's colours; the default ones are the terminal's own (default)", Theme.Default);
    private readonly Option<int> _iterations = Number("--iterations", "N", "end after N refreshes", 0, 1, int.MaxValue, "-n");
    private readonly Option<bool> _batch = New<bool>("--batch", "", "text on standard output in place of the screen", "-b");
    private readonly Option<bool> _json = New<bool>("--json", "", "with --batch: JSON Lines");
    private readonly Option<string> _output = New<string>("--output", "FILE", "write every ended Flow Record: .jsonl, .csv or .ipfix; '-' is JSON Lines on standard output", "-o");
    private readonly Option<string> _template = New<string>("--template", "NAMES", "the fields of records: minimal, standard, full, or elements' names with commas between (full)");
    private readonly Option<uint?> _domain = PositiveNumber("--observation-domain", "N", "observationDomainId of exported messages (made of this host's and the interfaces' names)", uint.MaxValue);
    private readonly Option<uint?> _sample = PositiveNumber("--sample", "N", "meter every Nth packet", MostSampling);
    private readonly Option<uint?> _sampleRandom = PositiveNumber("--sample-random", "N", "meter each packet with the probability 1/N", MostSampling);
    private readonly Option<Rotation?> _rotate = Rotate("--rotate", "go on in a new file, named by the time, after so many seconds or octets, as 300 or 100M");
    private readonly Option<string[]> _export = Several("--export", "URL", "export by IPFIX from the start, as udp://collector:4739, tcp:// or tls://; can be given more than once", "-e");
    private readonly Option<ExportPolicy> _exportPolicy = Choice("--export-policy", "all|failover", "of several collectors each gets all, or the first that is up does (all)", ExportPolicy.All);
    private readonly Option<string> _exportCa = New<string>("--export-ca", "FILE", "PEM file of the authorities that collectors' certificates must be of (the system's)");
    private readonly Option<string> _exportCert = New<string>("--export-cert", "FILE", "PEM file of the certificate to show to collectors");
    private readonly Option<string> _exportKey = New<string>("--export-key", "FILE", "PEM file of that certificate's private key (the same file)");
    private readonly Option<double> _drain = Seconds("--drain", "SECONDS", "at the end, send what waits for collectors for so long at most (5)", 5, 0);

    private readonly Option<string> _config = New<string>("--config", "FILE", "the configuration file (~/.config/xdptop/config.toml)");

    private readonly IEnumerable<Option> _configurable;
    private readonly RootCommand _command = new("A top for network flows: live flows of any interface, exported by IPFIX.");

    public CommandLine()
    {
        Groups =
        [
            ("Capture", [_read, _demo, _demoRate, _mode, _takeOver, _queues, _threads, _cpus, _attach, _bind, _wait, _frameSize, _frames, _ringSize]),
            ("Flows", [_filter, _idle, _active, _cacheSize, _byteDistribution, _biflow, _sample, _sampleRandom]),
            ("Output", [_delay, _iterations, _batch, _json, _output, _rotate, _template, _theme, _config]),
            ("Export", [_export, _exportPolicy, _exportCa, _exportCert, _exportKey, _drain, _domain]),
        ];
        Option[] ofOneRun = [_read, _demo, _demoRate, _takeOver, _iterations, _batch, _json, _output, _rotate, _config];
        _configurable = Groups.SelectMany(group => group.Options).Except(ofOneRun);
        _command.Add(_interfaces);
        foreach ((_, Option[] options) in Groups)
        {
            foreach (Option option in options)
                _command.Add(option);
        }
        _command.SetAction(_ => ExitCode.Fine); // without one of its own it would want a subcommand; see Run
        _command.Add(new BenchCommand().Create());
        _command.Add(new DoctorCommand().Create());
        _command.Options.OfType<System.CommandLine.Help.HelpOption>().Single().Action = new HelpText(this);
    }

    /// <summary>All options with a word on what they are about, in the order of the help.</summary>
    public IReadOnlyList<(string Title, Option[] Options)> Groups { get; }

    /// <summary>Parses the arguments and hands the options to <paramref name="run"/>; gives the exit status.</summary>
    public int Run(IReadOnlyList<string> arguments, Func<Options, int> run)
    {
        // An argument that begins with '@' is just that, not a file of arguments.
        ParseResult result = _command.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        string? error = result.Errors.Count > 0 ? result.Errors[0].Message : null;
        if (error is null && result.Action != _command.Action)
            return result.Invoke(); // --help, --version, a subcommand
        Options options = new();
        if (error is null)
            (options, error) = Configured(arguments, result);
        error ??= Contradiction(options);
        if (error is null)
            return run(options);
        ErrorOutput.Say($"{error.TrimEnd('.')}; see 'xdptop --help'");
        return ExitCode.Usage;
    }

    /// <summary>What the command line asks for, and beyond that the configuration file; or what is wrong with that.</summary>
    private (Options Options, string? Error) Configured(IReadOnlyList<string> arguments, ParseResult given)
    {
        string? path = given.GetValue(_config)
            ?? ConfigurationFile.UsualPath(Environment.GetEnvironmentVariable("XDG_CONFIG_HOME"), InvokingUser.Home);
        if (path is null)
            return ToOptions(given);
        try
        {
            ConfigurationFile file = new(path);
            (string[] more, ScreenSettings screen) = new ConfigurationReader(_command, [.. _configurable]).Read(
                file.Read(mustExist: given.GetResult(_config) is { Implicit: false }), option => given.GetResult(option) is { Implicit: false });
            ParseResult whole = _command.Parse([.. more, .. arguments], new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (whole.Errors is [var first, ..])
                return (new Options(), first.Message);
            (Options options, string? error) = ToOptions(whole);
            return (options with { Screen = screen with { Theme = options.Screen.Theme }, Configuration = file }, error);
        }
        catch (ConfigurationException e)
        {
            return (new Options(), SafeText.Clean(e.Message));
        }
    }

    private (Options Options, string? Error) ToOptions(ParseResult result)
    {
        Options options = ToOptionsWithDefaultFields(result);
        if (result.GetValue(_sample) is not null && result.GetValue(_sampleRandom) is not null)
            return (options, "--sample and --sample-random exclude each other: give one of them");
        if (result.GetValue(_template) is not { } names)
            return (options, null);
        return FieldSelection.TryParse(names, options.FlowCache.ByteDistribution, out FieldSelection? fields, out string reason)
            ? (options with { Fields = fields }, null)
            : (options, reason);
    }

    private Options ToOptionsWithDefaultFields(ParseResult result) => new()
    {
        Interfaces = [.. (result.GetValue(_interfaces) ?? []).Distinct()],
        ReadFile = result.GetValue(_read),
        Demo = result.GetValue(_demo),
        DemoRate = result.GetValue(_demoRate),
        // Of the demo's link the host has no use.
        Mode = result.GetValue(_mode) is var mode && mode == CaptureMode.Auto && result.GetValue(_demo) ? CaptureMode.Redirect : mode,
        TakeOver = result.GetValue(_takeOver),
        Threads = result.GetValue(_threads),
        Queues = result.GetValue(_queues) ?? [],
        Cpus = result.GetValue(_cpus) ?? [],
        Attach = result.GetValue(_attach),
        Xsk = new XskOptions
        {
            Bind = result.GetValue(_bind),
            Wait = result.GetValue(_wait),
            FrameSize = result.GetValue(_frameSize),
            Frames = result.GetValue(_frames),
            RingSize = result.GetValue(_ringSize),
        },
        Delay = TimeSpan.FromSeconds(result.GetValue(_delay)),
        Iterations = result.GetValue(_iterations),
        Batch = result.GetValue(_batch),
        Json = result.GetValue(_json),
        FlowCache = new FlowCacheOptions
        {
            IdleTimeout = TimeSpan.FromSeconds(result.GetValue(_idle)),
            ActiveTimeout = TimeSpan.FromSeconds(result.GetValue(_active)),
            Capacity = result.GetValue(_cacheSize),
            ByteDistribution = result.GetValue(_byteDistribution),
            Filter = result.GetValue(_filter) is { PassesAll: false } filter ? filter : null,
        },
        HasTimeouts = result.GetResult(_idle) is { Implicit: false } || result.GetResult(_active) is { Implicit: false },
        Biflow = result.GetValue(_biflow),
        Sampling = result.GetValue(_sampleRandom) is { } interval
            ? new PacketSampling(interval, IsRandom: true)
            : new PacketSampling(result.GetValue(_sample) ?? 1, IsRandom: false),
        ObservationDomainId = result.GetValue(_domain),
        Output = result.GetValue(_output),
        Rotation = result.GetValue(_rotate),
        Exports = result.GetValue(_export) ?? [],
        ExportPolicy = result.GetValue(_exportPolicy),
        ExportAuthorities = result.GetValue(_exportCa),
        ExportCertificate = result.GetValue(_exportCert),
        ExportKey = result.GetValue(_exportKey),
        Drain = TimeSpan.FromSeconds(result.GetValue(_drain)),
        Screen = new ScreenSettings { Theme = result.GetValue(_theme) },
    };

    /// <summary>What makes no sense together, as a sentence; null if all is well.</summary>
    private static string? Contradiction(Options options)
    {
        // The parser takes what it does not know for an argument.
        if (options.Interfaces.FirstOrDefault(name => name.StartsWith('-')) is { } unknown)
            return $"there is no option '{unknown}'";
        int sources = (options.Interfaces.Count > 0 ? 1 : 0) + (options.ReadFile is not null ? 1 : 0) + (options.Demo ? 1 : 0);
        if (sources == 0)
            return "what to capture from is missing: give an interface, --read FILE or --demo";
        if (sources > 1)
            return "interfaces, --read and --demo exclude each other: give one of them";
        if (options.Mode == CaptureMode.Tap && options.TakeOver)
            return "--take-over is for --mode redirect: a tap takes nothing away";
        if (options.AsksForTap && (options.AsksForRedirect || options.TakeOver || options.Mode == CaptureMode.Redirect))
            return "--attach tcx and clsact are for --mode tap: give --attach native or skb, or leave it out";
        if (options.AsksForRedirect && options.Mode == CaptureMode.Tap)
            return "--queues, --bind, --wait busy-poll, and --attach native or skb are for --mode redirect: leave them out";
        if (options.SizesFrames && (options.Mode == CaptureMode.Tap || options.AsksForTap))
            return "--frames and --frame-size are for --mode redirect: a tap has rings only, which --ring-size is for";
        if (options.ReadFile is not null && (options.AsksForRedirect || options.AsksForTap || options.TakeOver || options.SizesFrames || options.Xsk.RingSize is not null || options.Xsk.Wait != WaitMode.Poll))
            return "--queues, --take-over, --attach, --bind, --wait and the sizes of rings and frames are for interfaces, not for --read: leave them out";
        if (options.Xsk is { Frames: { } frames, RingSize: { } places } && places > frames)
            return $"a ring of {places} places can never be full of {frames} frames: give --ring-size {frames} at most, or more --frames";
        if (options.Interfaces.Count > byte.MaxValue)
            return $"{options.Interfaces.Count} interfaces are too many: give {byte.MaxValue} at most";
        if (options.Json && !options.Batch)
            return "--json is for --batch: give both, or '-o FILE.jsonl' for records beside the screen";
        if (options.HasScreen && options.Output == "-")
            return "'-o -' would write into the screen: give a file, or --batch --json";
        if (options.Batch && !options.Json && options.Output == "-" && options.ReadFile is null)
            return "'-o -' and the text of --batch would mix: give a file, or --json";
        if (options.Biflow && options.FlowCache.ByteDistribution)
            return "--biflow and --byte-distribution exclude each other, since records with both directions' counts fit no packet to a collector: give one of them";
        if (options.Rotation is not null && options.Output is null or RecordOutputs.StandardOutput)
            return "--rotate is for files: give one with -o";
        if (options.ExportKey is not null && options.ExportCertificate is null)
            return "--export-key is for the certificate of --export-cert: give both";
        foreach (string url in options.Exports)
        {
            if (!CollectorAddress.TryParse(url, out _, out string reason))
                return reason;
        }
        return null;
    }
}
