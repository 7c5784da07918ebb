using System.Text;
using System.Text.RegularExpressions;
using XdpTop.Tests.Snapshots;

namespace XdpTop.Tests.Privileged;

/// <summary>What cannot be done is said in one sentence, with an exit status, and nothing is left attached.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-bad").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Each_mistake_has_its_sentence_and_exit_status()
    {
        using TestNamespace network = new("bm");
        network.Ip("link", "add", "port0", "numrxqueues", "2", "numtxqueues", "2", "type", "veth", "peer", "name", "port1");
        network.Ip("link", "add", "used0", "type", "veth", "peer", "name", "used1");
        network.Ip("address", "add", "192.0.2.1/24", "dev", "used0");
        File.WriteAllText(Path.Combine(_directory, "empty"), "");
        File.WriteAllText(Path.Combine(_directory, "text"), "no capture at all");
        File.CreateSymbolicLink(Path.Combine(_directory, "link"), Path.Combine(_directory, "text"));
        CaptureTools.Run("ln", Path.Combine(_directory, "text"), Path.Combine(_directory, "hard"));
        StringBuilder said = new();
        foreach (string arguments in (string[])
            [
                "nosuch -b", "port2 -b", "used0 -b -m redirect", "used0 -b -q 0", "lo -b -m redirect", "port0 -b --cpus 0 -t 2", "port0 -b -q 7", "port0 -b --cpus 4000", "port0 -b --bind zero-copy",
                "lo -b --take-over --attach native", "port0 -b -o DIR/no/such.jsonl", "port0 -b -o DIR", "port0", "-r DIR/none -b",
                "-r DIR -b", "-r DIR/empty -b", "-r DIR/text -b", "-r DIR/text -o DIR/text", "-r DIR/link -o DIR/text", "-r DIR/hard -o DIR/text",
            ])
        {
            (int exitCode, string output, string errors) = network.Run(arguments.Replace("DIR", _directory, StringComparison.Ordinal).Split(' '));
            Assert.Equal("", output);
            said.AppendLine($"xdptop {arguments}\n  {exitCode}: {errors.Replace(_directory, "DIR", StringComparison.Ordinal).TrimEnd()}");
        }
        AssertNothingIsAttached(network);
        // Which links a new namespace has depends on the kernel's modules.
        await Verifier.Verify(Regex.Replace(said.ToString(), "there are: .*\\)", "there are: …)"));
    }

    [Fact]
    public void Lacking_rights_are_named()
    {
        using ProgramRun run = ProgramRun.StartOther(
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", ProgramRun.Program, "lo", "-b");
        Assert.Equal(77, run.WaitForEnd());
        Assert.Equal("xdptop: capturing needs rights that this process lacks (CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF): run it with sudo\n", run.Errors);
    }

    [Fact]
    public void Another_XDP_program_is_named_and_left_alone()
    {
        using TestNamespace network = new("bx");
        network.Ip("link", "add", "port0", "type", "veth", "peer", "name", "port1");
        using ProgramRun first = network.Start("port0", "-b", "-d", "0.1");
        first.WaitUntilItMeters();
        (int exitCode, _, string errors) = network.Run("port0", "-b", "-m", "redirect");
        Assert.Equal(1, exitCode);
        Assert.Matches(
            "^xdptop: attaching an XDP program to port0 failed: Device or resource busy \\(errno 16\\); "
                + "the XDP program 'xdptop_redirect' \\(id [0-9]+\\) is attached there and is not replaced: ", errors);
        Assert.Contains("prog/xdp", network.Ip("-d", "link", "show", "port0"), StringComparison.Ordinal);

        // Unless it is to redirect by all means, it looks on, and says so.
        (exitCode, string output, errors) = network.Run("port0", "-b", "-d", "0.1", "-n", "1");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("xdptop: port0 is tapped, its packets are not redirected: attaching an XDP program to port0 failed: ", errors, StringComparison.Ordinal);
        // The link is down, which is said before it.
        Assert.Matches("^xdptop  port0 .*no redi", output);
        first.Signal(ProgramRun.SigInt);
        Assert.Equal(0, first.WaitForEnd());
    }

    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("192.0.2.9", false)]
    public void Whoever_would_cut_off_the_own_session_is_told_so(string local, bool expected)
    {
        using TestNamespace network = new("bs");
        network.Ip("link", "add", "port0", "type", "veth", "peer", "name", "port1");
        network.Ip("address", "add", "192.0.2.1/24", "dev", "port0");
        using ProgramRun run = ProgramRun.StartOther(
            "ip", "netns", "exec", network.Name, "env", $"SSH_CONNECTION=198.51.100.7 50000 {local} 22",
            "sh", "-c", $"env -u SSH_CONNECTION {ProgramRun.ShellName} port0 -b -m redirect; exit $?");
        Assert.Equal(1, run.WaitForEnd());
        Assert.Equal(expected, run.Errors.Contains("this SSH session, which comes in by it", StringComparison.Ordinal));
        Assert.Contains("which uses it (address 192.0.2.1)", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interface_that_is_down_is_waited_for()
    {
        using TestNamespace network = new("bd");
        network.Ip("link", "add", "port0", "type", "veth", "peer", "name", "port1");
        using ProgramRun run = network.Start("port0", "-b", "-d", "0.1");
        run.WaitForOutput("down: waiting");
        network.Ip("link", "set", "port0", "up");
        run.WaitForOutput("no carrier: waiting");
        network.Ip("link", "set", "port1", "up"); // the kernel's own IPv6 packets come by themselves
        run.WaitForOutput("icmp6");
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
    }

    [Fact]
    public void A_collector_whose_name_has_no_address_stops_nothing()
    {
        using TestNamespace network = new("bc");
        using ProgramRun run = network.Start(
            "--demo", "--demo-rate", "10000", "-b", "-d", "0.1", "--idle-timeout", "0.1", "-e", "udp://collector.invalid:4739");
        run.WaitForOutput("Export on → udp://collector.invalid:4739  no address for the collector name 'collector.invalid' (trying again)");
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        Assert.Matches("xdptop: [1-9][0-9]* flow records \\([0-9]+ packets, [0-9]+ octets\\) did not reach the collector udp://collector.invalid:4739\n$", run.Errors);
        Assert.Matches("[1-9][0-9]* packets received", run.Errors);
    }

    [Fact]
    public void A_full_disk_is_told_of_and_metering_goes_on()
    {
        using TestNamespace network = new("bf");
        using ProgramRun run = network.Start("--demo", "--demo-rate", "10000", "-b", "-d", "0.1", "--idle-timeout", "0.1", "-o", "/dev/full");
        run.WaitForOutput("writing to '/dev/full' failed: No space left on device");
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(1, run.WaitForEnd());
        Assert.Matches("xdptop: writing to '/dev/full' failed: No space left on device.*; [1-9][0-9]* records are not in it\n$", run.Errors);
        Assert.Empty(network.Links);
    }

    [Fact]
    public void The_loopback_interface_can_be_taken_over_and_is_given_back()
    {
        using TestNamespace network = new("bl");
        Assert.True(LoopbackDelivers(network));
        using ProgramRun run = network.Start("lo", "--take-over", "-b", "--json", "-d", "0.1");
        run.WaitUntilItMeters();
        Assert.False(LoopbackDelivers(network));
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        Assert.Equal(new FlowSum(1, 1, 20 + 8 + 6), Assert.Single(FlowFiles.OfJson(run.Output)).Value);
        Assert.True(LoopbackDelivers(network));
    }

    [Fact]
    public void A_terminal_that_is_too_small_is_told_the_size_needed()
    {
        using TestNamespace network = new("bt");
        using Tmux terminal = new("bt", 40, 8, network);
        terminal.Enter($"{ProgramRun.ShellName} --demo 2>{_directory}/said; echo \"status $?\"");
        terminal.WaitFor("status 1");
        Assert.Equal(
            "xdptop: the terminal has 40 columns and 8 rows, the screen needs 60 and 10: make it larger, or use --batch\n",
            File.ReadAllText($"{_directory}/said"));
        Assert.Empty(network.Links);
    }

    /// <summary>Whether a datagram to 127.0.0.1 arrives.</summary>
    private static bool LoopbackDelivers(TestNamespace network) =>
        CaptureTools.Run(
            "ip", "netns", "exec", network.Name, "/usr/bin/python3", "-c",
            """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("127.0.0.1", 0))
            s.settimeout(0.5)
            s.sendto(b"hello!", s.getsockname())
            try: print(s.recv(9).decode())
            except socket.timeout: print("lost")
            """).Trim() == "hello!";

    private static void AssertNothingIsAttached(TestNamespace network) =>
        Assert.DoesNotContain("prog/xdp", network.Ip("-d", "link"), StringComparison.Ordinal);
}
