using XdpTop.Capture;
using XdpTop.Cli;
using XdpTop.Cli.Configuration;
using XdpTop.Export;
using XdpTop.Ipfix;
using XdpTop.Monitoring;
using XdpTop.Ui;
using AmountUnit = XdpTop.Ui.ViewModels.AmountUnit;
using Theme = XdpTop.Ui.ViewModels.Theme;

namespace XdpTop.Tests.Cli;

/// <summary>In one collection: standard error is the process's own.</summary>
[Collection("standard error")]
public sealed class CommandLineTests : IDisposable
{
    private readonly string _directory;

    [Fact]
    public void Defaults_are_those_of_the_help()
    {
        Options options = Parse("eth7");
        Assert.Equal(["eth7"], options.Interfaces);
        Assert.Equal((2048, (int?)null, (int?)null), (options.Xsk.FrameSize, options.Xsk.Frames, options.Xsk.RingSize));
        Assert.Equal((15, 60, 1 << 20), (options.FlowCache.IdleTimeout.TotalSeconds, options.FlowCache.ActiveTimeout.TotalSeconds, options.FlowCache.Capacity));
        Assert.Equal((AttachMode.Auto, BindMode.Auto), (options.Attach, options.Xsk.Bind));
        Assert.Equal((CaptureMode.Auto, 0), (options.Mode, options.Threads));
        Assert.Equal((1, 0, 200_000), (options.Delay.TotalSeconds, options.Iterations, options.DemoRate));
        Assert.False(options.HasTimeouts || options.Batch || options.Json || options.Demo || options.TakeOver);
        Assert.Equal(RecordKind.Plain, options.Records);
        Assert.True(options.HasScreen);
    }

    [Fact]
    public void Every_option_is_taken()
    {
        Options options = Parse(
            "a", "b", "-m", "redirect", "-t", "2", "-q", "0-1,3", "--cpus", "2,0", "--attach", "skb", "--bind", "zero-copy", "--frame-size", "4096",
            "--frames", "1024", "--ring-size", "512", "--take-over", "--idle-timeout", "2.5", "--active-timeout", "7",
            "--cache-size", "99", "-d", "0.5", "-n", "3", "-b", "--json", "-o", "x.csv", "-e", "udp://[::1]:99");
        Assert.Equal(["a", "b"], options.Interfaces);
        Assert.Equal([0, 1, 3], options.Queues);
        Assert.Equal([2, 0], options.Cpus);
        Assert.Equal(new XskOptions { FrameSize = 4096, Frames = 1024, RingSize = 512, Bind = BindMode.ZeroCopy }, options.Xsk);
        Assert.Equal((AttachMode.Skb, true), (options.Attach, options.TakeOver));
        Assert.Equal((CaptureMode.Redirect, 2), (options.Mode, options.Threads));
        Assert.Equal((2.5, 7, 99), (options.FlowCache.IdleTimeout.TotalSeconds, options.FlowCache.ActiveTimeout.TotalSeconds, options.FlowCache.Capacity));
        Assert.Equal((0.5, 3, true, true), (options.Delay.TotalSeconds, options.Iterations, options.Batch, options.Json));
        Assert.Equal(("x.csv", "udp://[::1]:99", true), (options.Output, options.Export, options.HasTimeouts));
        Assert.False(options.HasScreen);
    }

    [Fact]
    public void A_filter_is_taken_and_one_that_is_wrong_says_where()
    {
        Assert.Null(Parse("a").FlowCache.Filter);
        Assert.Equal("tcp port 443", Parse("a", "-f", "tcp port 443").FlowCache.Filter?.Text);
        Assert.Contains("'tcp port x' is no filter for --filter: at 'x' (character 10), expected a port number or a service", Run(["a", "--filter", "tcp port x"]).Error);
        Assert.Contains("--filter decides when a flow begins", Run(["a", "--filter", "tcp and bps > 10M"]).Error);
        Assert.DoesNotContain('\e', Run(["a", "--filter", "port \e[31m"]).Error);
    }

    [Fact]
    public void Collectors_and_files_can_be_several()
    {
        Options options = Parse(
            "eth7", "-e", "udp://a", "-e", "tls://b", "--export-policy", "failover", "--export-ca", "c", "--export-cert", "d", "--export-key", "e",
            "--drain", "0.5", "-o", "x.ipfix", "--rotate", "300");
        Assert.Equal(("udp://a tls://b", ExportPolicy.Failover, 0.5, 300), (options.Export, options.ExportPolicy, options.Drain.TotalSeconds, options.Rotation?.Interval.TotalSeconds));
        Assert.Equal(("c", "d", "e"), (options.ExportAuthorities, options.ExportCertificate, options.ExportKey));
        Assert.Equal((null, ExportPolicy.All, 5, null), (Parse("eth7").Export, Parse("eth7").ExportPolicy, Parse("eth7").Drain.TotalSeconds, Parse("eth7").Rotation));
    }

    [Fact]
    public void Records_have_byte_distributions_or_both_directions_where_asked()
    {
        Assert.Equal((RecordKind.Biflow, false), (Parse("a", "--biflow").Records, Parse("a", "--biflow").FlowCache.ByteDistribution));
        Options options = Parse("a", "--byte-distribution");
        Assert.Equal((RecordKind.WithByteDistribution, true), (options.Records, options.FlowCache.ByteDistribution));
    }

    [Fact]
    public void Fields_sampling_and_domain_are_taken()
    {
        Options options = Parse("a", "--template", "octetDeltaCount,vlanId", "--sample-random", "8", "--observation-domain", "4294967295");
        Assert.Equal([FlowField.OctetDeltaCount, FlowField.VlanId], options.Fields.Ipfix);
        Assert.Equal((8u, true, uint.MaxValue), (options.Sampling.Interval, options.Sampling.IsRandom, options.ObservationDomainId));
        Assert.Equal((100u, false), (Parse("a", "--sample", "100").Sampling.Interval, Parse("a", "--sample", "100").Sampling.IsRandom));
        Assert.Equal((false, null), (Parse("a").Sampling.IsOn, Parse("a").ObservationDomainId));
        Assert.Equal(FieldSelection.Default, Parse("a").Fields);
    }

    [Theory]
    [InlineData("the nearest is 'minimal'", "a", "--template", "minimul")]
    [InlineData("there is no element", "a", "--template", "\u001b[31m")]
    [InlineData("exclude each other", "a", "--sample", "2", "--sample-random", "2")]
    [InlineData("a number from 1 to 1000000", "a", "--sample", "0")]
    [InlineData("a number from 1 to 4294967295", "a", "--observation-domain", "4294967296")]
    public void Bad_fields_sampling_and_domains_are_refused(string expected, params string[] arguments)
    {
        (int exitCode, Options? options, string error) = Run(arguments);
        Assert.Equal((2, null), (exitCode, options));
        Assert.Contains(expected, error);
        Assert.Matches(@"^xdptop: [^\n\u001b]*; see 'xdptop --help'\n$", error);
    }

    [Fact]
    public void A_file_or_the_demo_takes_the_place_of_interfaces()
    {
        Assert.Equal("-", Parse("-r", "-").ReadFile);
        Assert.Equal((true, 0), (Parse("--demo", "--demo-rate", "0").Demo, Parse("--demo", "--demo-rate", "0").DemoRate));
        Assert.False(Parse("-r", "x.pcap", "-o", "-").HasScreen);
    }

    [Theory]
    [InlineData("what to capture from is missing")]
    [InlineData("exclude each other", "eth7", "--demo")]
    [InlineData("exclude each other", "--read", "x", "--demo")]
    [InlineData("--biflow and --byte-distribution exclude each other", "eth7", "--biflow", "--byte-distribution")]
    [InlineData("--json is for --batch", "eth7", "--json")]
    [InlineData("would write into the screen", "eth7", "-o", "-")]
    [InlineData("'0' is no value for --delay", "eth7", "-d", "0")]
    [InlineData("'1e3' is no value for --delay", "eth7", "-d", "1e3")]
    [InlineData("'NaN' is no value for --idle-timeout", "eth7", "--idle-timeout", "NaN")]
    [InlineData("'0' is no value for --iterations", "eth7", "-n", "0")]
    [InlineData("'3000' is no value for --frame-size", "eth7", "--frame-size", "3000")]
    [InlineData("'100' is no value for --ring-size", "eth7", "--ring-size", "100")]
    [InlineData("'16777217' is no value for --cache-size", "eth7", "--cache-size", "16777217")]
    [InlineData("'fast' is no value for --attach", "eth7", "--attach", "fast")]
    [InlineData("'3-1' is no list for --queues", "eth7", "-q", "3-1")]
    [InlineData("'look' is no value for --mode", "eth7", "-m", "look")]
    [InlineData("'0' is no value for --threads", "eth7", "-t", "0")]
    [InlineData("--take-over is for --mode redirect", "eth7", "-m", "tap", "--take-over")]
    [InlineData("--attach tcx and clsact are for --mode tap", "eth7", "-m", "redirect", "--attach", "tcx")]
    [InlineData("--attach tcx and clsact are for --mode tap", "eth7", "--take-over", "--attach", "clsact")]
    [InlineData("--attach tcx and clsact are for --mode tap", "eth7", "-q", "0", "--attach", "tcx")]
    [InlineData("--queues, --bind, --wait busy-poll, and --attach native or skb are for --mode redirect", "eth7", "-m", "tap", "-q", "0")]
    [InlineData("--wait busy-poll, and --attach native or skb are for --mode redirect", "eth7", "-m", "tap", "--wait", "busy-poll")]
    [InlineData("--frames and --frame-size are for --mode redirect", "eth7", "-m", "tap", "--frames", "4096")]
    [InlineData("--frames and --frame-size are for --mode redirect", "eth7", "--attach", "tcx", "--frame-size", "4096")]
    [InlineData("are for interfaces, not for --read", "-r", "x", "--wait", "spin")]
    [InlineData("are for interfaces, not for --read", "-r", "x", "--ring-size", "512")]
    [InlineData("a ring of 512 places can never be full of 256 frames", "eth7", "--frames", "256", "--ring-size", "512")]
    [InlineData("'64' is no value for --frames: give a power of two from 128", "eth7", "--frames", "64")]
    [InlineData("'sleep' is no value for --wait: give poll, busy-poll, spin", "eth7", "--wait", "sleep")]
    [InlineData("collector", "eth7", "-e", "udp://a b")]
    [InlineData("export over sctp is not supported; use tcp:// or tls://", "eth7", "-e", "udp://a", "-e", "sctp://a")]
    [InlineData("'some' is no value for --export-policy", "eth7", "--export-policy", "some")]
    [InlineData("'5T' is no value for --rotate", "eth7", "-o", "x.csv", "--rotate", "5T")]
    [InlineData("--rotate is for files", "eth7", "--rotate", "60")]
    [InlineData("--rotate is for files", "eth7", "-b", "--json", "-o", "-", "--rotate", "60")]
    [InlineData("--export-key is for the certificate of --export-cert", "eth7", "--export-key", "x.pem")]
    [InlineData("--nonsense", "eth7", "--nonsense")]
    [InlineData("?[31m", "eth7", "--\u001b[31m")]
    [InlineData("-d", "eth7", "-d")]
    public void Nonsense_gets_one_sentence_and_exit_status_2(string expected, params string[] arguments)
    {
        (int exitCode, Options? options, string error) = Run(arguments);
        Assert.Equal((2, null), (exitCode, options));
        Assert.Contains(expected, error);
        Assert.Matches(@"^xdptop: [^\n\u001b]*; see 'xdptop --help'\n$", error);
    }

    [Fact]
    public void What_the_configuration_file_has_counts_unless_the_command_line_has_it()
    {
        string[] arguments = ["a", "--config", Configuration("idle-timeout = 3\nactive-timeout = 7.5\nbiflow = true\ncpus = [1, 3]\nmode = \"tap\"\n"
            + "filter = \"tcp port 443\"\ndelay = 2\ntheme = \"dark\"\nnames = true\nsort = \"packet-rate\"\ncollectors = [\"udp://a:1\"]\n")];
        Options options = Parse(arguments);
        Assert.Equal((3, 7.5, 2), (options.FlowCache.IdleTimeout.TotalSeconds, options.FlowCache.ActiveTimeout.TotalSeconds, options.Delay.TotalSeconds));
        Assert.Equal((true, CaptureMode.Tap, "tcp port 443"), (options.Biflow, options.Mode, options.FlowCache.Filter?.Text));
        Assert.Equal([1, 3], options.Cpus);
        Assert.Equal((Theme.Dark, true, false, FlowSortKey.PacketRate), (options.Screen.Theme, options.Screen.Names, options.Screen.Services, options.Screen.Sort));
        Assert.Equal(["udp://a:1"], options.Screen.Collectors);
        Assert.Equal(arguments[2], options.Configuration?.Path);
        Assert.Equal(Theme.Light, Parse([.. arguments, "--theme", "light"]).Screen.Theme);
        options = Parse([.. arguments, "--idle-timeout", "9", "-m", "redirect", "-f", ""]);
        Assert.Equal((9, 7.5, CaptureMode.Redirect), (options.FlowCache.IdleTimeout.TotalSeconds, options.FlowCache.ActiveTimeout.TotalSeconds, options.Mode));
        Assert.Null(options.FlowCache.Filter);
    }

    [Fact]
    public void Collectors_sampling_and_the_domain_can_be_in_the_configuration_file()
    {
        string[] arguments = ["a", "--config", Configuration("export = [\"udp://a:1\", \"tcp://b:2\"]\nsample = 10\nobservation-domain = 4294967295\n")];
        Options options = Parse(arguments);
        Assert.Equal(["udp://a:1", "tcp://b:2"], options.Exports);
        Assert.Equal((10u, false, uint.MaxValue), (options.Sampling.Interval, options.Sampling.IsRandom, options.ObservationDomainId));
        options = Parse([.. arguments, "-e", "udp://c:3", "--sample", "2", "--observation-domain", "5"]);
        Assert.Equal(["udp://c:3"], options.Exports);
        Assert.Equal((2u, 5u), (options.Sampling.Interval, options.ObservationDomainId!.Value));
        Assert.Equal(["udp://d:4"], Parse("a", "--config", Configuration("export = \"udp://d:4\"\n")).Exports);
    }

    [Fact]
    public void What_the_screen_saves_is_what_it_begins_with_the_next_time()
    {
        string path = Configuration("# mine\ntheme = \"mono\" # at night\nbiflow = true\n");
        ScreenSettings settings = new()
        {
            Theme = Theme.HighContrast, Units = AmountUnit.Packets, Columns = ["source", "packet-rate"], Sort = FlowSortKey.SourcePort, Names = true, Services = true,
        };
        Assert.Equal($"Saved to {path}", new SettingsStore(new ConfigurationFile(path)).Save(settings, TimeSpan.FromSeconds(0.5)));
        Options options = Parse("a", "--config", path);
        Assert.Equal(settings.Columns, options.Screen.Columns);
        Assert.Equal((settings with { Columns = [] }, 0.5, true), (options.Screen with { Columns = [] }, options.Delay.TotalSeconds, options.Biflow));
        Assert.StartsWith("# mine\ntheme = \"high-contrast\" # at night\n", File.ReadAllText(path));
        Assert.StartsWith("Not saved: the configuration file /proc/", new SettingsStore(new ConfigurationFile("/proc/xdptop.toml")).Save(settings, default));
        Assert.Contains("give --config", new SettingsStore(null).Save(settings, default));
    }

    [Theory]
    [InlineData("export = [1]", "line 1: export takes text in quotes")]
    [InlineData("export = [\"sctp://a\"]", "sctp")]
    [InlineData("sample = 0", "line 1: '0' is no value for sample: give a number from 1 to 1000000")]
    [InlineData("sample = \"2\"", "line 1: sample takes a number")]
    [InlineData("observation-domain = 4294967296", "line 1: '4294967296' is no value for observation-domain")]
    [InlineData("idel-timeout = 3", "line 1: there is no key 'idel-timeout': is 'idle-timeout' meant?")]
    [InlineData("# one\n\ntheem = \"dark\"", "line 3: there is no key 'theem': is 'theme' meant?")]
    [InlineData("nothing-like-it = 3", "line 1: there is no key 'nothing-like-it'; see")]
    [InlineData("output = \"/etc/passwd\"", "line 1: 'output' is for the command line alone")]
    [InlineData("take-over = true", "line 1: 'take-over' is for the command line alone")]
    [InlineData("idle-timeout = \"3\"", "line 1: idle-timeout takes a number")]
    [InlineData("idle-timeout = 0", "line 1: '0' is no value for idle-timeout: give a number from 0.001")]
    [InlineData("biflow = 1", "line 1: biflow takes true or false")]
    [InlineData("mode = tap", "line 1: this is no TOML")]
    [InlineData("mode = \"tape\"", "line 1: 'tape' is no value for mode: give auto, redirect, tap")]
    [InlineData("cpus = [\"a\"]", "line 1: cpus takes numbers in brackets")]
    [InlineData("filter = \"port x\"", "line 1: 'port x' is no filter for filter: at 'x' (character 6), expected a port number")]
    [InlineData("theme = \"blue\"", "line 1: 'blue' is no value for theme: give default, dark")]
    [InlineData("columns = [\"sourec\"]", "line 1: 'sourec' is no value for columns: give source, source-port, destination")]
    [InlineData("units = \"bit\"", "line 1: 'bit' is no value for units: give bits, bytes, packets")]
    [InlineData("columns = [1]", "line 1: columns takes texts in brackets")]
    [InlineData("names = \"yes\"", "line 1: names takes true or false")]
    [InlineData("\"a\\u001b[31m\" = 1", "line 1: there is no key 'a?[31m'")]
    public void What_is_wrong_in_the_configuration_file_is_said_with_its_line(string text, string expected)
    {
        (int exitCode, Options? options, string error) = Run(["a", "--config", Configuration(text.Replace("\\n", "\n"))]);
        Assert.Equal((2, null), (exitCode, options));
        Assert.Contains(expected, error);
        Assert.Matches(@"^xdptop: [^\n\u001b]*; see 'xdptop --help'\n$", error);
    }

    [Fact]
    public void An_argument_that_begins_with_at_is_not_a_file_of_arguments() =>
        Assert.Equal(["@/etc/passwd"], Parse("@/etc/passwd").Interfaces);

    public CommandLineTests() => _directory = Directory.CreateTempSubdirectory("xdptop-cli").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Configuration(string text)
    {
        string path = Path.Combine(_directory, "config.toml");
        File.WriteAllText(path, text);
        return path;
    }

    private static Options Parse(params string[] arguments)
    {
        (int exitCode, Options? options, string error) = Run(arguments);
        Assert.Equal((0, ""), (exitCode, error));
        return options!;
    }

    private static (int ExitCode, Options? Options, string Error) Run(string[] arguments)
    {
        Options? seen = null;
        Action<string> before = ErrorOutput.WriteLine;
        using StringWriter error = new();
        ErrorOutput.WriteLine = error.Write;
        try
        {
            int exitCode = new CommandLine().Run(arguments, options =>
            {
                seen = options;
                return 0;
            });
            return (exitCode, seen, error.ToString());
        }
        finally
        {
            ErrorOutput.WriteLine = before;
        }
    }
}
