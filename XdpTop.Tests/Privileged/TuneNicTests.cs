namespace XdpTop.Tests.Privileged;

/// <summary>scripts/tune-nic.sh changes what it says, and brings back exactly what was there.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class TuneNicTests
{
    private const string SymmetricKey =
        "6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a:6d:5a";

    [Theory]
    [InlineData(8, "0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7")] // fewer queues, and more again
    [InlineData(2, "0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1")] // more, and fewer again
    [InlineData(4, "0 0 0 0 1 1 1 1 1 1 2 2 3 3 3 3")] // a table of weights
    [InlineData(6, "0 0 0 0 0 0 0 0 2 2 2 2 2 2 2 2")] // and with queues that get nothing
    public void What_apply_changes_restore_brings_back(int queues, string table)
    {
        using FakeNic nic = new(queues, table: table);
        string before = nic.Settings;
        Assert.Equal((0, ""), Status(nic.Tune("apply", "--workers", "4", "--cpus", "1,3")));
        Assert.Equal(("4096", "4096", "4"), (nic.Read("nic/ring-rx"), nic.Read("nic/ring-tx"), nic.Read("nic/channels")));
        Assert.Equal(("off", "50"), (nic.Read("nic/adaptive-rx"), nic.Read("nic/rx-usecs")));
        Assert.Equal(("off", "off"), (nic.Read("nic/rx-vlan-offload"), nic.Read("nic/tx-vlan-offload")));
        Assert.Equal("0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3", nic.Read("nic/table"));
        Assert.Equal((SymmetricKey, "sdfn"), (nic.Read("nic/key"), nic.Read("nic/hash-udp6")));
        // 33 is not a queue's.
        Assert.Equal(["1", "3", "1", "0-3"], Enumerable.Range(30, 4).Select(irq => nic.Read($"proc/irq/{irq}/smp_affinity_list")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(nic.StateFile!));

        Assert.Equal((0, ""), Status(nic.Tune("restore")));
        Assert.Equal(before, nic.Settings);
        Assert.Null(nic.StateFile);
        (int exitCode, _, string errors) = nic.Tune("restore");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("tune-nic.sh: there is nothing to restore: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Applying_twice_keeps_what_was_there_first()
    {
        using FakeNic nic = new();
        string before = nic.Settings;
        nic.Tune("apply", "--workers", "2");
        string saved = File.ReadAllText(nic.StateFile!);
        (int exitCode, _, string errors) = nic.Tune("apply", "--workers", "3");
        Assert.Equal(0, exitCode);
        Assert.Contains("keeping", errors, StringComparison.Ordinal);
        Assert.Equal((saved, "3"), (File.ReadAllText(nic.StateFile!), nic.Read("nic/channels")));
        int changes = nic.Changes.Length;
        nic.Tune("apply", "--workers", "3");
        Assert.Equal(changes, nic.Changes.Length); // nothing to do any more
        Assert.Equal(0, nic.Tune("restore").ExitCode);
        Assert.Equal(before, nic.Settings);
    }

    [Theory]
    [InlineData("-L")] // early in apply, late in restore
    [InlineData("-N")]
    [InlineData("-K")]
    public void Killed_in_the_middle_it_can_still_be_restored(string option)
    {
        using FakeNic nic = new();
        string before = nic.Settings;
        nic.Write("nic.deadly", option);
        Assert.Equal(128 + 9, nic.Tune("apply", "--workers", "4").ExitCode);
        nic.Write("nic.deadly", "");
        Assert.Equal(0, nic.Tune("apply", "--workers", "4").ExitCode);
        nic.Write("nic.deadly", option);
        Assert.Equal(128 + 9, nic.Tune("restore").ExitCode);
        nic.Write("nic.deadly", "");
        Assert.Equal(0, nic.Tune("restore").ExitCode);
        Assert.Equal((before, null), (nic.Settings, nic.StateFile));
    }

    [Fact]
    public void What_was_kept_of_an_interface_that_has_gone_is_not_given_to_another()
    {
        using FakeNic nic = new();
        nic.Tune("apply");
        nic.Write("sys/class/net/nic0/address", "02:00:00:00:00:08");
        string settings = nic.Settings;
        (int exitCode, _, string errors) = nic.Tune("restore");
        Assert.Equal((1, settings), (exitCode, nic.Settings));
        Assert.Contains("the address of nic0 was '02:00:00:00:00:07' when ", errors, StringComparison.Ordinal);
        (exitCode, _, errors) = nic.Tune("apply", "--workers", "2");
        Assert.Equal(0, exitCode);
        Assert.Contains("it is of an interface with another address, which has gone", errors, StringComparison.Ordinal);
        Assert.Equal(0, nic.Tune("restore").ExitCode);
        Assert.Equal(settings, nic.Settings);
    }

    [Fact]
    public void A_table_that_ethtool_could_not_restore_stays()
    {
        const string Mixed = "0 1 1 0 0 1 2 3 0 1 2 3 0 1 2 3";
        using FakeNic nic = new(4, table: Mixed);
        string before = nic.Settings;
        (int exitCode, _, string errors) = nic.Tune("apply", "--workers", "2");
        Assert.Equal((3, "tune-nic.sh: passed over: queues: ethtool could not restore the RSS table that is in force\n"), (exitCode, errors));
        Assert.Equal((Mixed, "4", "4096"), (nic.Read("nic/table"), nic.Read("nic/channels"), nic.Read("nic/ring-rx")));
        Assert.Equal(0, nic.Tune("restore").ExitCode);
        Assert.Equal(before, nic.Settings);
    }

    [Fact]
    public void A_daemon_that_would_move_the_interrupts_is_named()
    {
        using FakeNic nic = new();
        nic.Write("proc/123/comm", "irqbalance");
        Assert.Contains("give it --banirq=30 --banirq=31 --banirq=32\n", nic.Tune("apply").Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "apply", "--dry-run")]
    [InlineData(0, "show")]
    [InlineData(77, "apply")]
    [InlineData(77, "restore")]
    [InlineData(77, "restore", "--dry-run")]
    public void Without_rights_it_shows_and_says_what_it_would_do(int expected, params string[] arguments)
    {
        using FakeNic nic = new();
        nic.Tune("apply", "--workers", "2");
        File.SetUnixFileMode(nic.Root, (UnixFileMode)0b111_101_101);
        (int exitCode, _, string errors) = nic.TuneBy(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], arguments);
        Assert.Equal((expected, expected == 0 ? "" : "tune-nic.sh: changing an interface, and reading what it was before, needs root: run it with sudo\n"), (exitCode, errors));
    }

    [Fact]
    public void Restore_undoes_last_what_apply_did_first()
    {
        using FakeNic nic = new();
        nic.Tune("apply", "--workers", "4");
        string[] Options() => [.. nic.Changes.Select(line => string.Join(' ', line.Split(' ')[..2]))];
        string[] applied = Options();
        nic.Tune("restore");
        Assert.Equal(
            ["-X equal", "-L combined", "-X default", "-G rx", "-X hkey", "-N rx-flow-hash", "-N rx-flow-hash", "-C adaptive-rx", "-C rx-usecs", "-K rx-vlan-offload", "-K tx-vlan-offload"],
            applied);
        Assert.Equal(
            ["-K rx-vlan-offload", "-K tx-vlan-offload", "-C rx-usecs", "-C adaptive-rx", "-N rx-flow-hash", "-N rx-flow-hash", "-X hkey", "-G rx", "-L combined"],
            Options()[applied.Length..]);
    }

    [Fact]
    public void Show_and_a_dry_run_change_nothing()
    {
        using FakeNic nic = new();
        string before = nic.Settings;
        (int exitCode, string output, string errors) = nic.Tune("apply", "--dry-run", "--workers", "4");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("would run: ethtool -L nic0 combined 4\n", output, StringComparison.Ordinal);
        Assert.Contains("would run: echo 2 > /proc/irq/32/smp_affinity_list\n", output, StringComparison.Ordinal);
        Assert.All(output.TrimEnd().Split('\n'), line => Assert.StartsWith("would run: ", line, StringComparison.Ordinal));
        (exitCode, output, errors) = nic.Tune("show");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("ring-rx 512\n", output, StringComparison.Ordinal);
        Assert.Equal((before, null), (nic.Settings, nic.StateFile));

        nic.Tune("apply");
        string applied = nic.Settings;
        Assert.Contains("would run: ethtool -G nic0 rx 512 tx 1024\n", nic.Tune("restore", "--dry-run").Output, StringComparison.Ordinal);
        Assert.Equal(applied, nic.Settings);
        Assert.NotNull(nic.StateFile);
    }

    [Theory]
    [InlineData("-g", "rings")]
    [InlineData("-l", "queues")]
    [InlineData("-x", "symmetric RSS")]
    [InlineData("-n", "RSS over ports of tcp4 udp4 tcp6 udp6")]
    [InlineData("-c", "coalescing")]
    [InlineData("-k", "rx-vlan-offload")]
    public void What_the_driver_cannot_do_is_said_and_passed_over(string option, string what)
    {
        using FakeNic nic = new();
        nic.Write("nic/unsupported", $"{option}\n{option.ToUpperInvariant()}");
        string before = nic.Settings;
        (int exitCode, _, string errors) = nic.Tune("apply", "--workers", "4");
        Assert.Equal(3, exitCode);
        Assert.Contains($"tune-nic.sh: passed over: {what}: ", errors, StringComparison.Ordinal);
        Assert.True(nic.Changes.Length > 4);
        Assert.Equal(0, nic.Tune("restore").ExitCode);
        Assert.Equal(before, nic.Settings);
    }

    [Theory]
    [InlineData("unsupported", 3, "passed over: ethtool -G nic0 rx 4096 tx 4096: the driver cannot do it (netlink error: Operation not supported)")]
    [InlineData("busy", 1, "'ethtool -G nic0 rx 4096 tx 4096' failed: netlink error: Device or resource busy; the driver does not do it now, as when the interface is in use")]
    public void A_refusal_is_said_and_the_rest_is_done(string why, int expected, string sentence)
    {
        using FakeNic nic = new();
        nic.Write($"nic/{why}", "-G");
        (int exitCode, _, string errors) = nic.Tune("apply", "--workers", "4");
        Assert.Equal((expected, $"tune-nic.sh: {sentence}\n"), (exitCode, errors));
        Assert.Equal(("4", "off"), (nic.Read("nic/channels"), nic.Read("nic/adaptive-rx")));
    }

    [Fact]
    public void A_driver_that_keeps_its_key_may_hash_symmetrically()
    {
        using FakeNic nic = new();
        nic.Write("nic/fixed-key", "");
        nic.Write("nic/xfrm", "none");
        string before = nic.Settings;
        Assert.Equal(0, nic.Tune("apply").ExitCode);
        Assert.Equal("symmetric-xor", nic.Read("nic/xfrm"));
        Assert.Equal(0, nic.Tune("restore").ExitCode);
        Assert.Equal(before, nic.Settings);
    }

    [Theory]
    [InlineData("ring-rx $(touch x)")]
    [InlineData("ring-rx")]
    [InlineData("nonsense 1")]
    [InlineData("irq-0/../x 1")]
    public void A_state_file_that_makes_no_sense_changes_nothing(string line)
    {
        using FakeNic nic = new();
        nic.Tune("apply");
        string applied = nic.Settings;
        File.AppendAllText(nic.StateFile!, line + "\n");
        (int exitCode, _, string errors) = nic.Tune("restore");
        Assert.Equal(1, exitCode);
        Assert.Contains("is damaged, nothing was changed", errors, StringComparison.Ordinal);
        Assert.Equal(applied, nic.Settings);
    }

    [Fact]
    public void A_state_file_that_others_could_write_is_not_trusted()
    {
        using FakeNic nic = new();
        nic.Tune("apply");
        File.SetUnixFileMode(nic.StateFile!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        (int exitCode, _, string errors) = nic.Tune("restore");
        Assert.Equal(1, exitCode);
        Assert.Contains("is not trusted", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", "is not apply, restore or show")]
    [InlineData("apply --workers 0", "is no number for --workers")]
    [InlineData("apply --cpus 3-1", "is no list for --cpus")]
    [InlineData("apply --cpus", "--cpus needs a value")]
    [InlineData("apply --fast", "there is no option '--fast'")]
    public void Nonsense_gets_a_sentence_and_exit_status_2(string arguments, string expected)
    {
        using FakeNic nic = new();
        (int exitCode, _, string errors) = nic.Tune(arguments.Split(' '));
        Assert.Equal(2, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_veth_is_tuned_as_far_as_it_can_be()
    {
        using TestNamespace network = new("tn");
        string name = TestNetwork.Name("tv");
        network.Ip("link", "add", name, "numrxqueues", "4", "numtxqueues", "4", "type", "veth", "peer", "name", "port1", "numrxqueues", "4", "numtxqueues", "4");
        (int ExitCode, string Output, string Errors) Tune(params string[] arguments)
        {
            using ProgramRun run = ProgramRun.StartOther(["ip", "netns", "exec", network.Name, FakeNic.Script("tune-nic.sh"), name, .. arguments]);
            return (run.WaitForEnd(), run.Output, run.Errors);
        }

        string before = Tune("show").Output;
        Assert.Contains("channels-rx 4\n", before, StringComparison.Ordinal);
        (int exitCode, string output, string errors) = Tune("apply", "--workers", "2");
        Assert.Equal(3, exitCode);
        Assert.Contains("passed over: rings: ", errors, StringComparison.Ordinal);
        Assert.Equal($"ethtool -L {name} rx 2\nethtool -K {name} rx-vlan-offload off\nethtool -K {name} tx-vlan-offload off\n", output);
        Assert.Contains("channels-rx 2\n", Tune("show").Output, StringComparison.Ordinal);
        network.Ip("link", "set", name, "name", name += "r"); // it is the same interface under another name
        Assert.Equal(0, Tune("restore").ExitCode);
        Assert.Equal(before, Tune("show").Output);
        (exitCode, _, errors) = Tune("restore");
        Assert.Equal(1, exitCode);
        Assert.Contains("there is nothing to restore", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_script_is_clean()
    {
        OtherProgram.Run("shellcheck", "-x", FakeNic.Script("tune-nic.sh"));
        OtherProgram.Run("shellcheck", Path.Combine(AppContext.BaseDirectory, "Privileged", "Resources", "ethtool"));
    }

    private static (int, string) Status((int ExitCode, string Output, string Errors) run) => (run.ExitCode, run.Errors);
}
