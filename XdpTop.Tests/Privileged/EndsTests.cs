using XdpTop.Capture;

namespace XdpTop.Tests.Privileged;

/// <summary>However the program ends, it leaves nothing behind: no link, no XDP program, a terminal as it was.</summary>
public sealed class EndsTests
{
    [Theory]
    [InlineData(ProgramRun.SigInt, "ei")]
    [InlineData(ProgramRun.SigTerm, "et")]
    [InlineData(ProgramRun.SigHup, "eh")]
    [InlineData(0, "eq")] // the key q
    public void By_a_signal_or_key_the_terminal_is_as_before_and_the_demo_gone(int signal, string suffix)
    {
        using TestNamespace network = new(suffix);
        using Tmux terminal = new(suffix, 80, 24, network);
        string before = terminal.Shell("stty -g"), modes = terminal.Modes;
        terminal.Enter($"{ProgramRun.ShellName} --demo --demo-rate 20000 2>/dev/null; echo \"status $?\"");
        terminal.WaitFor("live flows");
        Assert.Contains(Demo.Interface, network.Links);
        Assert.NotEqual(modes, terminal.Modes);
        if (signal == 0)
            terminal.Keys("q");
        else
            Assert.Equal(0, Tmds.Linux.LibC.kill(terminal.Child, signal));
        terminal.WaitFor($"status 0\n{Tmux.Prompt}");
        Assert.Equal(modes, terminal.Modes);
        Assert.Equal(before, terminal.Shell("stty -g"));
        Assert.Empty(network.Links);
    }

    [Fact]
    public void When_the_terminal_goes_the_program_ends()
    {
        using TestNamespace network = new("ew");
        using (Tmux terminal = new("ew", 80, 24, network))
        {
            terminal.Enter($"{ProgramRun.ShellName} --demo --demo-rate 20000");
            terminal.WaitFor("live flows");
        }
        // The links go when the program takes itself apart.
        Assert.True(ProgramRun.Until(() => !network.Links.Contains(Demo.Interface)), "the demo's links are still there");
    }

    [Fact]
    public void Killed_it_leaves_no_XDP_program_and_the_next_run_removes_the_links()
    {
        using TestNamespace network = new("ek");
        using (ProgramRun killed = network.Start("--demo", "--demo-rate", "20000", "-b", "-d", "0.2"))
        {
            killed.WaitUntilItMeters();
            Assert.Contains("prog/xdp", network.Ip("-d", "link", "show", Demo.Interface), StringComparison.Ordinal);
        }
        // The kernel detaches a moment after the process has gone.
        Assert.True(ProgramRun.Until(() => !network.Ip("-d", "link").Contains("xdp ", StringComparison.Ordinal)));
        Assert.DoesNotContain("prog/xdp", network.Ip("-d", "link"), StringComparison.Ordinal);
        Assert.Contains(Demo.Interface, network.Links);

        (int exitCode, string output, _) = network.Run("--demo", "--demo-rate", "20000", "-b", "-d", "0.2", "-n", "2");
        Assert.Equal(0, exitCode);
        Assert.Equal(2, output.Split("live flows").Length - 1);
        Assert.Empty(network.Links);
    }

    [Theory]
    [InlineData("--demo -b -d 0.1", "ea")]
    [InlineData("--demo -b --json -d 0.1", "eb")]
    public void When_nobody_reads_its_output_any_more_it_ends(string arguments, string suffix)
    {
        using TestNamespace network = new(suffix);
        using ProgramRun run = ProgramRun.StartOther(
            "ip", "netns", "exec", network.Name, "bash", "-c", $"{ProgramRun.ShellName} {arguments} | head -n 1; exit ${{PIPESTATUS[0]}}");
        Assert.Equal(0, run.WaitForEnd());
        Assert.Single(run.Output.TrimEnd().Split('\n'));
        Assert.DoesNotContain("failed", run.Errors, StringComparison.Ordinal);
        Assert.Empty(network.Links);
    }

    [Fact]
    public void When_nobody_reads_its_output_any_more_it_goes_on_writing_a_file()
    {
        string file = Path.GetTempFileName();
        try
        {
            using TestNamespace network = new("er");
            using ProgramRun run = ProgramRun.StartOther(
                "ip", "netns", "exec", network.Name, "bash", "-c",
                $"{ProgramRun.ShellName} --demo --demo-rate 20000 -b -d 0.1 -n 60 -o {file} | head -n 1; exit ${{PIPESTATUS[0]}}");
            run.WaitForErrors("nobody reads standard output any more: metering, export and files go on");
            long before = new FileInfo(file).Length;
            Assert.Equal(0, run.WaitForEnd());
            Assert.True(new FileInfo(file).Length > before, "nothing more was written");
            Assert.DoesNotContain("failed", run.Errors, StringComparison.Ordinal);
            Assert.Empty(network.Links);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void When_nobody_reads_its_output_any_more_it_goes_on_exporting()
    {
        const int Flows = 20_000;
        string capture = Path.GetTempFileName();
        try
        {
            KnownMix.Write(capture, Flows);
            using Nfcapd collector = new();
            using ProgramRun run = ProgramRun.StartOther(
                "bash", "-c", $"{ProgramRun.ShellName} -r {capture} -b --json -e {collector.Url} | head -n 1; exit ${{PIPESTATUS[0]}}");
            Assert.Equal(0, run.WaitForEnd());
            Assert.Equal(Flows, collector.Flows().Values.Sum(flow => flow.Records));
        }
        finally
        {
            File.Delete(capture);
        }
    }

    [Fact]
    public void Records_that_nobody_reads_on_standard_output_are_counted_and_said()
    {
        string capture = Path.GetTempFileName();
        try
        {
            KnownMix.Write(capture, 100_000);
            using ProgramRun run = ProgramRun.StartOther(
                "bash", "-c", $"{ProgramRun.ShellName} -r {capture} -o - | head -n 1; exit ${{PIPESTATUS[0]}}");
            Assert.Equal(1, run.WaitForEnd());
            Assert.Single(run.Output.TrimEnd().Split('\n'));
            Assert.Matches("xdptop: writing to standard output failed: nobody reads it any more; [1-9][0-9]* records are not in it\n$", run.Errors);
        }
        finally
        {
            File.Delete(capture);
        }
    }

    [Theory]
    [InlineData(ProgramRun.SigTerm, "ep", 1, "")]
    [InlineData(ProgramRun.SigInt, "ej", 1, "")]
    [InlineData(ProgramRun.SigTerm, "eo", 5, "-e tcp://127.0.0.1:9")] // where nobody listens either: both are waited for at once
    public void A_reader_that_does_not_read_cannot_hold_it(int signal, string suffix, int drain, string export)
    {
        // A pipe with room for 4 KiB, which is full after some lines, as the demo always has flows to tell of.
        using TestNamespace network = new(suffix);
        string status = CaptureTools.Run("ip", "netns", "exec", network.Name, "python3", "-c", $"""
            import array, fcntl, os, subprocess, termios, time
            r, w = os.pipe()
            fcntl.fcntl(w, 1031, 4096)
            program = subprocess.Popen([{ProgramRun.ShellName}, '--demo', '--demo-rate', '20000', '-b', '--json', '-d', '0.1', '--drain', '{drain}'] + '{export}'.split(), stdout=w, stderr=subprocess.DEVNULL)
            waiting, before, full = array.array('i', [0]), 0, 0
            while full < 10 and program.poll() is None: # readings between which nothing more went in
                time.sleep(0.1)
                before = waiting[0]
                fcntl.ioctl(r, termios.FIONREAD, waiting)
                full = full + 1 if 0 < waiting[0] == before else 0
            program.send_signal({signal})
            try:
                print(program.wait(timeout={(export.Length > 0 ? 9 : 20)}))
            finally:
                program.kill()
            """);
        Assert.Equal("0", status.Trim());
        Assert.Empty(network.Links);
    }

    [Fact]
    public void A_reader_that_does_not_read_standard_error_cannot_hold_it()
    {
        using TestFile capture = new(), output = new();
        KnownMix.Write(capture.Path, 1000);
        // Both in one pipe, which is full from the start.
        string status = CaptureTools.Run("python3", "-c", $"""
            import os, subprocess
            r, w = os.pipe()
            os.set_blocking(w, False)
            try:
                while os.write(w, bytes(4096)): pass
            except BlockingIOError:
                pass
            os.set_blocking(w, True)
            program = subprocess.Popen([{ProgramRun.ShellName}, '-r', '{capture.Path}', '-o', '{output.Path}'], stdout=w, stderr=w)
            try:
                print(program.wait(timeout=20))
            finally:
                program.kill()
            """);
        Assert.Equal("0", status.Trim());
        Assert.NotEmpty(File.ReadAllLines(output.Path));
    }

    [Theory]
    [InlineData("")] // nobody opens it
    [InlineData("exec 3<>$FIFO; ")] // who has opened it does not read
    public void A_FIFO_that_nobody_reads_is_waited_for_until_a_signal_comes(string reader)
    {
        using TestFile capture = new(), fifo = new();
        KnownMix.Write(capture.Path, 1000);
        File.Delete(fifo.Path);
        CaptureTools.Run("mkfifo", fifo.Path);
        using ProgramRun run = ProgramRun.StartOther(
            "bash", "-c", $"FIFO={fifo.Path}; {reader}exec {ProgramRun.ShellName} -r {capture.Path} -o $FIFO --drain 1");
        run.WaitForErrors("memory set aside");
        Thread.Sleep(1000); // it has long read the capture
        run.Signal(ProgramRun.SigTerm);
        Assert.Equal(1, run.WaitForEnd());
        Assert.Matches($"xdptop: writing to '{fifo.Path}' failed: nobody reads it; [1-9][0-9]* records are not in it\n$", run.Errors);
    }

    [Fact]
    public void A_FIFO_that_is_read_late_and_slowly_gets_all()
    {
        using TestFile capture = new(), fifo = new();
        KnownMix.Write(capture.Path, 20_000);
        (int exitCode, string lines, _) = ProgramRun.Run("-r", capture.Path, "-o", "-");
        Assert.Equal(0, exitCode);
        File.Delete(fifo.Path);
        CaptureTools.Run("mkfifo", fifo.Path);
        using ProgramRun run = ProgramRun.StartOther(
            "bash", "-c", $"{{ sleep 0.5; exec <{fifo.Path}; sleep 0.5; cat; }} & {ProgramRun.ShellName} -r {capture.Path} -o {fifo.Path}; STATUS=$?; wait; exit $STATUS");
        Assert.Equal(0, run.WaitForEnd());
        Assert.Equal(lines.Split('\n').Order(), run.Output.Split('\n').Order());
    }

    [Fact]
    public void A_file_that_grows_longer_than_it_may_is_an_error_like_a_full_disk()
    {
        using TestFile capture = new(), output = new();
        KnownMix.Write(capture.Path, 20_000);
        using ProgramRun run = ProgramRun.StartOther(
            "bash", "-c", $"ulimit -f 2000; exec {ProgramRun.ShellName} -r {capture.Path} -o {output.Path}");
        Assert.Equal(1, run.WaitForEnd());
        Assert.Matches($"xdptop: writing to '{output.Path}' failed: File too large; [1-9][0-9]* records are not in it\n$", run.Errors);
        Assert.EndsWith("}\n", File.ReadAllText(output.Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData(">&- 2>&-")]
    [InlineData("<&- >&- 2>&-")]
    public void It_runs_with_standard_descriptors_closed(string closed)
    {
        using TestFile capture = new(), output = new();
        KnownMix.Write(capture.Path, 1000);
        using ProgramRun run = ProgramRun.StartOther(
            "bash", "-c", $"exec {ProgramRun.ShellName} -r {capture.Path} -o {output.Path} {closed}");
        Assert.Equal(0, run.WaitForEnd());
        Assert.All(File.ReadAllLines(output.Path), line => Assert.StartsWith("{\"type\":\"flow\"", line, StringComparison.Ordinal));
    }

    [Fact]
    public void When_its_output_cannot_be_written_it_says_so_and_ends()
    {
        using TestNamespace network = new("ef");
        using ProgramRun run = ProgramRun.StartOther(
            "ip", "netns", "exec", network.Name, "sh", "-c", $"exec {ProgramRun.ShellName} --demo -b -d 0.1 >/dev/full");
        Assert.Equal(1, run.WaitForEnd());
        Assert.Contains("xdptop: writing to standard output failed: No space left on device (errno 28)", run.Errors, StringComparison.Ordinal);
        Assert.Empty(network.Links);
    }

    [Fact]
    public void An_output_that_is_there_survives_an_option_that_is_wrong()
    {
        using TestFile capture = new(), kept = new();
        KnownMix.Write(capture.Path, 10);
        File.WriteAllText(kept.Path, "keep this");
        (int exitCode, _, string errors) = ProgramRun.Run(
            "-r", capture.Path, "-o", kept.Path, "-e", "tls://127.0.0.1", "--export-ca", "/nonexistent.pem");
        Assert.Equal(1, exitCode);
        Assert.Contains("of --export-ca cannot be used", errors, StringComparison.Ordinal);
        Assert.Equal("keep this", File.ReadAllText(kept.Path));
    }

    [Fact]
    public void When_it_cannot_begin_the_demo_is_gone()
    {
        using TestNamespace network = new("en");
        (int exitCode, _, string errors) = network.Run("--demo", "-b", "-o", "/nonexistent/flows.jsonl");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("xdptop: the output '/nonexistent/flows.jsonl' cannot be created: ", errors, StringComparison.Ordinal);
        Assert.Empty(network.Links);
    }

    private sealed class TestFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
