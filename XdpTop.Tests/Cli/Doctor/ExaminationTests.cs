using System.Text.Json;
using XdpTop.Capture;
using XdpTop.Cli;
using XdpTop.Cli.Doctor;
using XdpTop.Tests.Snapshots;

namespace XdpTop.Tests.Cli.Doctor;

/// <summary>What is found, by facts that are made up.</summary>
public sealed class ExaminationTests
{
    private static readonly byte[] s_symmetricKey = [.. Enumerable.Range(0, 40).Select(i => (byte)(i % 2 == 0 ? 0x6d : 0x5a))];

    /// <summary>A mirror port on a machine where nothing is left to do.</summary>
    private static readonly Subject s_goodSubject = new()
    {
        Name = "ens2f1",
        Driver = "ixgbe",
        IsUp = true,
        IsRunning = true,
        Mtu = 1500,
        Megabits = 10_000,
        Xdp = new XdpFeatures(Native: true, ZeroCopy: true),
        Queues = 4,
        Channels = (4, 63, true),
        RxRing = (4096, 4096),
        Coalescing = (false, 50, 0),
        Gro = true,
        Offloads = (Lro: false, RxVlan: false),
        Rss = new RssSettings { HashFunction = 1, Indirection = [0, 1, 2, 3, 0, 1, 2, 3], Key = s_symmetricKey },
        KindsHashedByLess = [],
        Interrupts = [new("30", 0, "0"), new("31", 1, "1"), new("32", 2, "2"), new("33", 3, "3")],
        Node = 0,
    };

    private static readonly Machine s_goodMachine = new()
    {
        KernelRelease = "6.12.9-amd64",
        BpfJit = "1",
        TransparentHugePages = "madvise",
        Cores = 4,
        Nodes = ["0-3"],
        IsRoot = true,
    };

    /// <summary>A machine as it came, with an interface that nothing was done for.</summary>
    private static readonly Subject s_badSubject = s_goodSubject with
    {
        IsUp = false,
        Mtu = 9000,
        Xdp = new XdpFeatures(Native: false, ZeroCopy: false),
        Queues = 2,
        Channels = (2, 63, true),
        RxRing = (512, 4096),
        Coalescing = (true, 1, 0),
        Offloads = (Lro: true, RxVlan: true),
        Rss = new RssSettings { HashFunction = 4, Indirection = [0, 0], Key = [1, 2, 3, 4] },
        KindsHashedByLess = ["udp4", "udp6"],
        Interrupts = [new("30", 0, "0-3"), new("31", 1, "0-3")],
        Node = 1,
    };

    private static readonly Machine s_badMachine = s_goodMachine with
    {
        KernelRelease = "5.4.0-generic",
        BpfJit = "0",
        TransparentHugePages = "never",
        HugetlbPages = 8,
        FreeHugetlbPages = 3,
        RunsIrqbalance = true,
        HasSmt = true,
        Nodes = ["0-1", "2-3"],
        MissingCapabilities = "CAP_BPF",
        IsRoot = false,
        NotReadable = ["/proc/irq/30/smp_affinity_list"],
    };

    [Fact]
    public Task All_is_well() => Verifier.Verify(Text(s_goodSubject, s_goodMachine));

    [Fact]
    public Task Nothing_is_well() => Verifier.Verify(Text(s_badSubject, s_badMachine));

    [Fact]
    public Task Most_does_not_matter_to_a_tap() => Verifier.Verify(Text(s_badSubject with { HostUse = "address 10.0.0.1" }, s_badMachine));

    [Fact]
    public Task Findings_are_JSON() =>
        Verifier.Verify(string.Concat(Examination.Of(s_badSubject, s_badMachine).Select(finding => FindingText.Json(finding) + "\n")));

    [Fact]
    public void The_worst_is_the_exit_status()
    {
        Assert.Equal(ExitCode.Fine, Status(s_goodSubject, s_goodMachine));
        Assert.Equal(ExitCode.Imperfect, Status(s_goodSubject, s_goodMachine with { HasSmt = true }));
        Assert.Equal(ExitCode.Failed, Status(s_goodSubject with { IsUp = false }, s_goodMachine with { HasSmt = true }));
        Assert.Equal(ExitCode.Unsupported, Status(s_goodSubject, s_goodMachine with { MissingCapabilities = "CAP_BPF", HasSmt = true }));
        Assert.Equal(ExitCode.Failed, Status(s_goodSubject with { IsUp = false }, s_goodMachine with { MissingCapabilities = "CAP_BPF" }));
    }

    [Theory]
    [InlineData("5.10.200", "problem")]
    [InlineData("5.11.0-rc1", "ok")]
    [InlineData("6.5.13", "ok")]
    [InlineData("10.0.0", "ok")]
    [InlineData("", "ok")]
    public void A_kernel_is_judged_by_its_version(string release, string expected) =>
        AssertFound(expected, null, s_goodSubject, s_goodMachine with { KernelRelease = release }, "kernel");

    [Fact]
    public void Rights_that_root_lacks_are_not_to_be_had_by_sudo()
    {
        Machine machine = s_goodMachine with { MissingCapabilities = "CAP_BPF", Program = "/opt/xdptop" };
        AssertFound("problem", null, s_goodSubject, machine, "rights");
        AssertFound("problem", "sudo /opt/xdptop doctor ens2f1", s_goodSubject, machine with { IsRoot = false }, "rights");
    }

    [Theory]
    [InlineData(false, false, "problem", "ip link set dev ens2f1 up")]
    [InlineData(true, false, "problem", null)]
    [InlineData(true, true, "ok", null)]
    public void A_link_has_to_be_up(bool isUp, bool isRunning, string expected, string? remedy) =>
        AssertFound(expected, remedy, s_goodSubject with { IsUp = isUp, IsRunning = isRunning }, s_goodMachine, "link");

    [Fact]
    public void What_the_kernel_does_not_tell_of_the_driver_is_no_fault()
    {
        Subject silent = new() { Name = "ens2f1", IsUp = true, IsRunning = true };
        Machine machine = new() { IsRoot = true };
        Assert.All(Examination.Of(silent, machine), finding => Assert.Equal((Result.Ok, null), (finding.Result, finding.Remedy)));
    }

    [Fact]
    public void What_the_driver_cannot_do_has_no_remedy()
    {
        AssertFound("warning", null, s_badSubject, s_goodMachine, "native-xdp");
        AssertFound("warning", null, s_badSubject, s_goodMachine, "zero-copy");
    }

    [Theory]
    [InlineData(1770, "ok", null)]
    [InlineData(1771, "problem", "xdptop ens2f1 --frame-size 4096")]
    [InlineData(3818, "problem", "xdptop ens2f1 --frame-size 4096")]
    [InlineData(3819, "problem", "ip link set dev ens2f1 mtu 1770")]
    public void Frames_have_to_fit(int mtu, string expected, string? remedy) =>
        AssertFound(expected, remedy, s_goodSubject with { Mtu = mtu }, s_goodMachine, "mtu");

    [Fact]
    public void Whose_XDP_program_it_is_says_how_to_end_it()
    {
        Subject Has(bool isOnSkbs, (string, string)? holder) => s_goodSubject with { OtherProgram = new("the XDP program 'x' (id 17)", isOnSkbs, holder) };
        AssertFound("warning", "kill 42", Has(false, ("42", "suricata")), s_goodMachine, "xdp-program");
        AssertFound("warning", "ip link set dev ens2f1 xdpdrv off", Has(false, null), s_goodMachine, "xdp-program");
        AssertFound("warning", "ip link set dev ens2f1 xdpgeneric off", Has(true, null), s_goodMachine, "xdp-program");
        AssertFound("warning", null, Has(true, null), s_goodMachine with { MissingCapabilities = "CAP_BPF" }, "xdp-program");
    }

    [Theory]
    [InlineData(true, true, "ok", null)]
    [InlineData(true, false, "warning", "ethtool -K ens2f1 gro off")]
    [InlineData(false, false, "ok", null)]
    public void GRO_is_in_the_way_of_skb_mode_alone(bool gro, bool native, string expected, string? remedy) =>
        AssertFound(expected, remedy, s_goodSubject with { Gro = gro, Xdp = new XdpFeatures(native, false) }, s_goodMachine, "gro");

    [Theory]
    [InlineData(2, 63, true, "warning", "ethtool -L ens2f1 combined 4")]
    [InlineData(2, 3, false, "warning", "ethtool -L ens2f1 rx 3")]
    [InlineData(3, 3, false, "ok", null)]
    [InlineData(16, 16, true, "ok", null)]
    public void There_are_queues_for_the_cores(int now, int most, bool combined, string expected, string? remedy) =>
        AssertFound(expected, remedy, s_goodSubject with { Queues = now, Channels = ((uint)now, (uint)most, combined) }, s_goodMachine, "queues");

    [Fact]
    public void A_key_has_to_be_symmetric()
    {
        Finding Of(RssSettings rss) => Find("rss-key", s_goodSubject with { Rss = rss }, s_goodMachine);
        RssSettings good = s_goodSubject.Rss!;
        const string Key = "6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a";
        Assert.Equal(Result.Ok, Of(good).Result);
        Assert.Equal($"ethtool -X ens2f1 hkey {Key}", Of(good with { Key = [.. Enumerable.Range(1, 40).Select(i => (byte)i)] }).Remedy);
        Assert.Equal($"ethtool -X ens2f1 hkey {Key}", Of(good with { Key = new byte[40] }).Remedy); // symmetric, but spreads nothing
        Assert.Equal($"ethtool -X ens2f1 hkey {Key} hfunc toeplitz", Of(good with { HashFunction = 4, Key = s_symmetricKey }).Remedy);
        Assert.Equal(Result.Ok, Of(good with { HashFunction = 2, Key = [] }).Result);
        Assert.Equal(Result.Ok, Of(good with { IsSymmetricByInput = true, Key = [1, 2] }).Result);
        Assert.Equal(Result.Ok, Find("rss-key", s_goodSubject with { Queues = 1, Rss = good with { Key = [1, 2] } }, s_goodMachine).Result);
    }

    [Fact]
    public void Packets_come_to_all_queues_by_addresses_and_ports()
    {
        Subject narrow = s_goodSubject with { Rss = s_goodSubject.Rss! with { Indirection = [0, 1, 0, 1] } };
        AssertFound("warning", "ethtool -X ens2f1 default", narrow, s_goodMachine, "rss-queues");
        AssertFound(
            "warning", "ethtool -N ens2f1 rx-flow-hash udp4 sdfn && ethtool -N ens2f1 rx-flow-hash udp6 sdfn",
            s_goodSubject with { KindsHashedByLess = ["udp4", "udp6"] }, s_goodMachine, "rss-fields");
    }

    [Fact]
    public void Settings_of_the_driver_have_their_commands()
    {
        AssertFound("warning", "ethtool -G ens2f1 rx 4096", s_goodSubject with { RxRing = (512, 4096) }, s_goodMachine, "rx-ring");
        AssertFound("warning", "ethtool -C ens2f1 adaptive-rx off rx-usecs 50", s_goodSubject with { Coalescing = (true, 1, 0) }, s_goodMachine, "coalescing");
        AssertFound("warning", "ethtool -K ens2f1 rx-vlan-offload off", s_goodSubject with { Offloads = (false, true) }, s_goodMachine, "rx-vlan-offload");
        AssertFound("warning", "ethtool -K ens2f1 lro off", s_goodSubject with { Offloads = (true, false) }, s_goodMachine, "lro");
    }

    [Fact]
    public void Each_queue_s_interrupt_has_a_core_while_there_are_any()
    {
        Subject Has(params string[] cores) => s_goodSubject with { Interrupts = [.. cores.Select((own, i) => new QueueInterrupt($"{30 + i}", i, own))] };
        AssertFound("ok", null, Has("0", "1", "2", "3", "0", "1"), s_goodMachine, "irq-affinity");
        AssertFound("warning", "scripts/tune-nic.sh ens2f1 apply", Has("0", "0", "1"), s_goodMachine, "irq-affinity");
        AssertFound("ok", null, Has("0", "0", "1"), s_goodMachine with { Cores = 2 }, "irq-affinity");
        Assert.Equal("core 0: IRQ 30,32; core 10: IRQ 31", Find("irq-affinity", Has("0", "10", "0"), s_goodMachine with { Cores = 2 }).Text);
    }

    [Fact]
    public void The_script_is_named_for_what_it_sets()
    {
        AssertFound("ok", null, s_goodSubject, s_goodMachine with { HasSmt = true }, "tuning");
        Finding tuning = Find("tuning", s_goodSubject with { RxRing = (512, 4096), Coalescing = (true, 1, 0) }, s_goodMachine with { Scripts = "/opt/scripts" });
        Assert.Equal("/opt/scripts/tune-nic.sh ens2f1 apply", tuning.Remedy);
        Assert.StartsWith("rx-ring, coalescing: ", tuning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_others_chose_harm_neither_terminal_nor_shell()
    {
        Subject hostile = s_badSubject with { Name = "a;reboot\u001b[2J", Driver = "x\u001b[31m\n" };
        Assert.All(Examination.Of(hostile, s_badMachine), finding =>
        {
            Assert.DoesNotContain(FindingText.Line(finding), char.IsControl);
            string json = FindingText.Json(finding);
            Assert.DoesNotContain(json, char.IsControl);
            using JsonDocument line = JsonDocument.Parse(json);
            Assert.Equal(["check", "result", "finding", "remedy"], line.RootElement.EnumerateObject().Select(member => member.Name));
            if (finding.Remedy?.Contains("reboot", StringComparison.Ordinal) == true)
                Assert.DoesNotContain("reboot", finding.Remedy.Replace("'a;reboot\u001b[2J'", "", StringComparison.Ordinal), StringComparison.Ordinal);
        });
    }

    private static string Text(Subject subject, Machine machine) =>
        string.Concat(Examination.Of(subject, machine).Select(finding => FindingText.Line(finding) + "\n"));

    private static int Status(Subject subject, Machine machine) => Examination.Status(Examination.Of(subject, machine));

    private static Finding Find(string check, Subject subject, Machine machine) => Assert.Single(Examination.Of(subject, machine), finding => finding.Check == check);

    private static void AssertFound(string result, string? remedy, Subject subject, Machine machine, string check)
    {
        Finding finding = Find(check, subject, machine);
        Assert.Equal((result, remedy), (finding.Result.ToString().ToLowerInvariant(), finding.Remedy));
    }
}
