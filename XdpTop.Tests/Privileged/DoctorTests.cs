using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>xdptop doctor on links of every kind; what it tells to do is done, and mends what it complained of.</summary>
public sealed class DoctorTests
{
    private sealed record Found(string Result, string Finding, string? Remedy);

    [Fact]
    public void Every_command_that_it_prints_mends_what_it_complains_of()
    {
        using TestNamespace network = new("dc");
        Create(network, queues: 4);
        network.Ip("link", "set", "port1", "up");
        Run(network, "ethtool -L port0 rx 1 && ethtool -K port0 gro on");
        (int exitCode, Dictionary<string, Found> findings) = Examine(network);
        Assert.Equal(1, exitCode);
        Assert.Equal("problem", findings["link"].Result);
        (string Check, string Command)[] remedies = Remedies(findings);
        Assert.Subset(remedies.Select(remedy => remedy.Check).ToHashSet(), new HashSet<string> { "link", "rx-vlan-offload", "gro" });
        foreach ((_, string command) in remedies)
            Run(network, command);

        string before = Settings(network);
        (exitCode, findings) = Examine(network);
        Assert.All(remedies, remedy => Assert.Equal(("ok", null), (findings[remedy.Check].Result, findings[remedy.Check].Remedy)));
        Assert.Equal(3, exitCode); // a veth has no zero-copy
        Assert.Equal(new("warning", "the driver does not have it: each redirected frame is copied", null), findings["zero-copy"]);
        Assert.Equal(before, Settings(network)); // it looks, and changes nothing
    }

    [Fact]
    public void The_script_that_it_names_mends_what_it_says_and_brings_it_back()
    {
        using TestNamespace network = new("ds");
        Create(network, queues: 4);
        Up(network);
        string before = Settings(network);
        Found tuning = Examine(network).Findings["tuning"];
        Assert.Contains("rx-vlan-offload", tuning.Finding, StringComparison.Ordinal);
        Assert.EndsWith("scripts/tune-nic.sh port0 apply", tuning.Remedy, StringComparison.Ordinal);
        string script = Path.Combine(FakeNic.Script(".."), tuning.Remedy!); // it may be absolute already
        Run(network, $"{script} || [ $? -eq 3 ]");
        Assert.Equal("ok", Examine(network).Findings["tuning"].Result);
        Run(network, script.Replace("apply", "restore", StringComparison.Ordinal));
        Assert.Equal(before, Settings(network));
    }

    [Fact]
    public void Another_XDP_program_is_ended_by_the_command_that_it_names()
    {
        using TestNamespace network = new("dx");
        Create(network, queues: 1);
        Up(network);
        using ProgramRun other = network.Start("port0", "-b", "-d", "0.1", "--attach", "native");
        other.WaitUntilItMeters();
        Dictionary<string, Found> findings = Examine(network).Findings;
        Assert.Equal("auto taps: another XDP program is attached", findings["mode"].Finding);
        Assert.Matches("^the XDP program 'xdptop_redirect' \\(id [0-9]+\\) is attached by .*, process [0-9]+: xdptop does not replace it", findings["xdp-program"].Finding);
        Assert.Equal($"kill {other.Id}", findings["xdp-program"].Remedy);
        Run(network, findings["xdp-program"].Remedy!);
        Assert.Equal(0, other.WaitForEnd());
        Assert.Equal(new("ok", "none is attached", null), Examine(network).Findings["xdp-program"]);
    }

    [Theory]
    [InlineData("xdpgeneric")]
    [InlineData("xdpdrv")]
    public void An_XDP_program_that_no_process_holds_is_taken_off_by_the_command_that_it_names(string mode)
    {
        using TestNamespace network = new("dn");
        Create(network, queues: 1);
        Up(network);
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, ProgramObject());
            network.Ip("link", "set", "dev", "port0", mode, "object", file, "section", "xdp");
        }
        finally
        {
            File.Delete(file);
        }
        Found found = Examine(network).Findings["xdp-program"];
        Assert.Equal(("warning", $"ip link set dev port0 {mode} off"), (found.Result, found.Remedy));
        Run(network, found.Remedy!);
        Assert.Equal("ok", Examine(network).Findings["xdp-program"].Result);
    }

    [Fact]
    public void Packets_that_are_too_long_have_a_remedy_by_their_length()
    {
        using TestNamespace network = new("dm");
        Create(network, queues: 1);
        Up(network);
        Assert.Equal("ok", Examine(network).Findings["mtu"].Result);
        network.Ip("link", "set", "port0", "mtu", "3000");
        Found found = Examine(network).Findings["mtu"];
        Assert.Equal("problem", found.Result);
        Assert.EndsWith(" port0 --frame-size 4096", found.Remedy, StringComparison.Ordinal);
        Run(network, $"{found.Remedy} -b -d 0.1 -n 1");

        network.Ip("link", "set", "port0", "mtu", "9000");
        found = Examine(network).Findings["mtu"];
        Assert.Equal(("problem", "ip link set dev port0 mtu 1770"), (found.Result, found.Remedy));
        Run(network, found.Remedy!);
        Assert.Equal("ok", Examine(network).Findings["mtu"].Result);
    }

    [Fact]
    public void An_interface_in_use_is_tapped_and_little_matters()
    {
        using TestNamespace network = new("dl");
        (int exitCode, string text, string errors) = network.Run("doctor", "lo");
        Assert.Contains(exitCode, (int[])[0, 3]); // what the machine is like
        Assert.Equal("", errors);
        Assert.Contains("auto taps: the host uses the interface (it is the loopback interface)\n", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd().Split('\n'), line => Assert.Matches("^(ok|warning)  +[a-z-]+  +[^ ].*$", line));
        (int jsonExitCode, string json, _) = network.Run("doctor", "lo", "--json");
        Assert.Equal((exitCode, text.Split('\n').Length), (jsonExitCode, json.Split('\n').Length));
        string[] checks = [.. Parse(json).Keys];
        Assert.Subset(checks.ToHashSet(), new HashSet<string>
        {
            "kernel", "driver", "native-xdp", "zero-copy", "mtu", "rx-vlan-offload", "gro", "lro", "queues", "rss-key", "rx-ring",
            "coalescing", "irq-affinity", "smt", "huge-pages", "rights", "xdp-program", "bpf-jit",
        });
    }

    [Fact]
    public void Without_rights_it_says_which_are_lacking()
    {
        using TestNamespace network = new("dr");
        using ProgramRun run = ProgramRun.StartOther(
            "ip", "netns", "exec", network.Name,
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", ProgramRun.Program, "doctor", "lo", "--json");
        Assert.Equal(77, run.WaitForEnd());
        Found rights = Parse(run.Output)["rights"];
        Assert.Equal(("problem", "this process lacks CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF to capture"), (rights.Result, rights.Finding));
        Assert.StartsWith("sudo ", rights.Remedy, StringComparison.Ordinal);
        // The machine may have no sudo; these tests are root's.
        Run(network, $"{rights.Remedy!["sudo ".Length..]} || [ $? -eq 3 ]");
    }

    [Theory]
    [InlineData(1, "there is no interface 'port9'; did you mean 'port0'?", "port9")]
    [InlineData(2, "what to look at is missing: give an interface", "--json")]
    [InlineData(2, "there is no option '--jsn'", "--jsn")]
    [InlineData(2, "'port1'", "port0", "port1")]
    public void Mistakes_have_a_sentence(int expected, string sentence, params string[] arguments)
    {
        using TestNamespace network = new("de");
        Create(network, queues: 1);
        (int exitCode, string output, string errors) = network.Run(["doctor", .. arguments]);
        Assert.Equal((expected, ""), (exitCode, output));
        Assert.StartsWith("xdptop: ", errors, StringComparison.Ordinal);
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_full_disk_is_told_of()
    {
        using ProgramRun run = ProgramRun.StartOther("sh", "-c", $"exec {ProgramRun.ShellName} doctor lo >/dev/full");
        Assert.Equal(1, run.WaitForEnd());
        Assert.StartsWith("xdptop: writing to standard output failed: No space left on device", run.Errors, StringComparison.Ordinal);
    }

    private static void Create(TestNamespace network, int queues) => network.Ip(
        "link", "add", "port0", "numrxqueues", $"{queues}", "numtxqueues", $"{queues}", "type", "veth", "peer", "name", "port1", "numrxqueues", $"{queues}", "numtxqueues", $"{queues}");

    /// <summary>Both ends; that there is a carrier is told a moment later.</summary>
    private static void Up(TestNamespace network)
    {
        network.Ip("link", "set", "port1", "up");
        network.Ip("link", "set", "port0", "up");
        Assert.True(ProgramRun.Until(() => network.Ip("link", "show", "port0").Contains("state UP", StringComparison.Ordinal)));
    }

    private static (int ExitCode, Dictionary<string, Found> Findings) Examine(TestNamespace network)
    {
        (int exitCode, string output, string errors) = network.Run("doctor", "port0", "--json");
        Assert.Equal("", errors);
        return (exitCode, Parse(output));
    }

    private static Dictionary<string, Found> Parse(string lines) => lines.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(
        line => line.GetProperty("check").GetString()!,
        line => new Found(line.GetProperty("result").GetString()!, line.GetProperty("finding").GetString()!, line.GetProperty("remedy").GetString()));

    /// <summary>Those that concern the link: the machine is not these tests' to change.</summary>
    private static (string Check, string Command)[] Remedies(Dictionary<string, Found> findings) =>
        [.. findings.Where(pair => pair.Value.Remedy is { } remedy && remedy.Contains("port0", StringComparison.Ordinal) && pair.Key != "tuning").Select(pair => (pair.Key, pair.Value.Remedy!))];

    private static string Settings(TestNamespace network) =>
        Run(network, "ethtool -k port0; ethtool -l port0; ethtool -c port0 2>&1; ip -d link show port0 | grep -v state");

    private static string Run(TestNamespace network, string command) => OtherProgram.Run("ip", "netns", "exec", network.Name, "sh", "-c", command);

    private static byte[] ProgramObject()
    {
        using Stream stream = typeof(XdpTop.Capture.BpfObject).Assembly.GetManifestResourceStream("xdptop.bpf.o")!;
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
