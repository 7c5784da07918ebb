using System.Text.Json;
using System.Text.RegularExpressions;

namespace XdpTop.Tests.Privileged;

/// <summary>The screen in a real terminal (tmux), with the demo's traffic: every key that the help names.</summary>
public sealed class ScreenTests
{
    [Theory]
    [InlineData(80, 24, "sa")]
    [InlineData(120, 40, "sb")]
    [InlineData(200, 60, "sc")]
    public void Every_key_of_the_help_does_what_it_is_for(int columns, int rows, string suffix)
    {
        using TestNamespace network = new(suffix);
        using Tmux terminal = Start(network, suffix, columns, rows);

        // Sorting: the mark moves from column to column and back, and turns around.
        terminal.WaitFor("▼bit/s");
        terminal.Keys("s");
        terminal.WaitFor("▼pkt/s");
        terminal.Keys("<");
        terminal.WaitFor("▼bit/s");
        terminal.Keys(">");
        terminal.WaitFor("▼pkt/s");
        terminal.Keys("<");
        terminal.WaitFor("▼bit/s");
        terminal.Keys("S");
        terminal.WaitFor("▲bit/s");
        terminal.Keys("I");
        terminal.WaitFor("▼bit/s");

        // Units, and rates or totals.
        foreach (string heading in (ReadOnlySpan<string>)["▼B/s", "▼pkt/s", "▼bit/s"])
        {
            terminal.Keys("u");
            terminal.WaitFor(heading);
        }
        terminal.Keys("T");
        terminal.WaitFor("▼Bits");
        terminal.Keys("T");
        terminal.WaitFor("▼bit/s");

        // Frozen, and not; more and less often; ended flows; the cursor's ways; counters.
        terminal.Keys("o");
        terminal.WaitFor("FROZEN");
        terminal.Keys("o");
        terminal.WaitFor(screen => !screen.Contains("FROZEN", StringComparison.Ordinal), "thawed order");
        foreach ((string key, string message) in (ReadOnlySpan<(string, string)>)[
            ("-", "A refresh every 0.5 seconds."), ("+", "A refresh every 0.2 seconds."), ("t", "ended stay for"), ("t", "ended go at"),
            ("F", "stays at its place"), ("F", "follows its row"), ("r", "Counters are at 0."), ("c", "to the clipboard"), ("Escape", "q Quit")])
        {
            terminal.Keys(key);
            terminal.WaitFor(message);
        }

        // The filter narrows as it is typed, stays with Enter, and goes with Esc.
        terminal.Keys("/");
        terminal.WaitFor("Filter:");
        terminal.Type("udp");
        terminal.WaitFor(_ => Rows(terminal).Length > 3 && Rows(terminal).All(row => row.Contains(" udp ", StringComparison.Ordinal)), "udp alone");
        Assert.Contains(" match", terminal.Screen, StringComparison.Ordinal);
        terminal.Keys("Enter");
        terminal.WaitFor("Filter: udp  q Quit");
        terminal.Keys("Escape");
        terminal.WaitFor(_ => Rows(terminal).Any(row => row.Contains(" tcp ", StringComparison.Ordinal)), "tcp");

        // Pause: the screen stands still, then goes on.
        terminal.Keys("Space");
        terminal.WaitFor("PAUSED");
        string still = terminal.Screen;
        Thread.Sleep(500);
        Assert.Equal(still, terminal.Screen);
        terminal.Keys("Space");
        terminal.WaitFor(screen => screen != still && !screen.Contains("PAUSED", StringComparison.Ordinal), "new rows");

        // The views.
        foreach ((string key, string sign) in (ReadOnlySpan<(string, string)>)[
            ("Tab", "↑bit/s"), ("3", "Service"), ("5", "10 minutes"), ("6", "Collector"), ("BTab", "10 minutes"), ("2", "↑bit/s")])
        {
            terminal.Keys(key);
            terminal.WaitFor(sign);
        }
        terminal.WaitFor(screen => Regex.IsMatch(screen, @"^[0-9a-f.:…]+ +[0-9.]+[kM] +<?[0-9]+ ", RegexOptions.Multiline), "hosts");
        terminal.Keys("j", "Enter");
        terminal.WaitFor("Host: ");
        terminal.WaitFor("▼bit/s");
        terminal.Keys("Enter");
        terminal.WaitFor("first packet");
        terminal.Keys("Escape");
        terminal.WaitFor("Source");
        terminal.Keys("Escape");
        terminal.WaitFor("↑bit/s");
        foreach ((string there, string back) in (ReadOnlySpan<(string, string)>)[("4", "1")])
        {
            terminal.Keys(there);
            terminal.WaitFor(screen => screen.Contains("ring full", StringComparison.Ordinal)
                && Queues(screen).SequenceEqual(Enumerable.Range(0, Math.Min(2, Environment.ProcessorCount))), "queues with their sockets");
            terminal.Keys(back);
            terminal.WaitFor("▼bit/s");
        }

        // The help, and out of it.
        foreach ((string there, string back) in (ReadOnlySpan<(string, string)>)[("?", "?"), ("h", "Escape"), ("F1", "F1")])
        {
            terminal.Keys(there);
            terminal.WaitFor("Keys of this view");
            terminal.Keys(back);
            terminal.WaitFor("▼bit/s");
        }

        // The menu. (Escape and a key that comes at once would be one key, with Alt.)
        foreach (string key in (ReadOnlySpan<string>)["F9", "F6", "e"])
        {
            terminal.Keys(key);
            terminal.WaitFor(IsMenuOpen, "the menu");
            terminal.Keys("Escape");
            terminal.WaitFor(screen => !IsMenuOpen(screen), "closed menu");
        }

        // Export: E asks for a collector first; what is none is refused.
        terminal.Keys("E");
        terminal.WaitFor("New collector:");
        terminal.Type("x:y");
        terminal.Keys("Enter");
        terminal.WaitFor("the collector's port 'y' is not a n");
        terminal.Keys("Escape");
        terminal.WaitFor("q Quit");
        terminal.Keys("C");
        terminal.WaitFor("New collector: udp://");
        terminal.Type("127.0.0.1:9");
        terminal.Keys("Enter");
        terminal.WaitFor("Export on → udp://127.0.0.1:9");
        terminal.Keys("E");
        terminal.WaitFor("Export off → udp://127.0.0.1:9");

        // The cursor's keys scroll: the last row is another than the first.
        terminal.Keys("Space");
        terminal.WaitFor("PAUSED");
        string first = Rows(terminal)[0];
        terminal.Keys("Down", "NPage", "Up", "PPage", "End");
        terminal.WaitFor(_ => Rows(terminal)[0] != first, "last rows");
        terminal.Keys("Home");
        terminal.WaitFor(_ => Rows(terminal)[0] == first, "first rows");

        // The table as a file.
        terminal.Keys("w");
        terminal.WaitFor("File: xdptop-flows.csv");
        terminal.Keys("C-u");
        string file = Path.Combine(Path.GetTempPath(), $"xdptop-screen-{suffix}-{Environment.ProcessId}.json");
        try
        {
            terminal.Type(file);
            terminal.Keys("Enter");
            terminal.WaitFor("rows written to");
            using JsonDocument written = JsonDocument.Parse(File.ReadAllText(file));
            Assert.True(written.RootElement.GetArrayLength() > 10);
        }
        finally
        {
            File.Delete(file);
        }
        terminal.Keys("F10");
        terminal.WaitFor("status 0");
        Assert.Equal("cursor 1 alternate 0 mouse 0 keypad 0", terminal.Modes);
    }

    [Fact]
    public void It_can_be_made_smaller_than_a_flow_and_large_again()
    {
        using TestNamespace network = new("sr");
        using Tmux terminal = Start(network, "sr", 120, 40);
        terminal.Resize(20, 5);
        terminal.WaitFor("The terminal is too");
        terminal.Keys("4");
        terminal.Resize(200, 60);
        terminal.WaitFor("ring full");
        terminal.Keys("1");
        terminal.Resize(80, 24);
        terminal.WaitFor(_ => Rows(terminal).Length > 10, "rows");
        Assert.All(terminal.Lines, line => Assert.True(line.Length <= 80));
        terminal.Resize(20, 5);
        terminal.WaitFor("The terminal is too");
        terminal.Keys("q");
        terminal.WaitFor("status 0");
    }

    [Fact]
    public void Records_that_ended_while_export_was_off_are_sent_when_it_is_on_again()
    {
        using Nfcapd collector = new();
        using KnownTraffic traffic = new("so");
        using Tmux terminal = new("so", 120, 30);
        terminal.Enter($"{ProgramRun.ShellName} {traffic.Interface} -d 0.2 --idle-timeout 0.5 -e {collector.Url} 2>/dev/null; echo \"status $?\"");
        terminal.WaitFor("Export on →");
        terminal.Keys("E");
        terminal.WaitFor("Export off →");
        traffic.Send();
        terminal.WaitFor(screen => screen.Contains(" 0 live flows", StringComparison.Ordinal)
            && Regex.IsMatch(screen, "Metered [1-9].* Sent 0 +Waiting [1-9]", RegexOptions.Singleline), "waiting records");
        terminal.Keys("E");
        terminal.WaitFor(screen => Regex.IsMatch(screen, "Sent [1-9].* Waiting 0 "), "sent records");
        terminal.Keys("q");
        terminal.WaitFor("status 0");
        // On a busy machine a flow may have ended and begun again.
        Assert.Equal<IEnumerable<KeyValuePair<string, FlowSum>>>(
            traffic.Expected, collector.Flows().Select(flow => KeyValuePair.Create(flow.Key, flow.Value with { Records = 1 })));
    }

    [Fact]
    public void Ctrl_C_ends_it_from_the_prompt_and_from_the_menu()
    {
        using TestNamespace network = new("sx");
        using Tmux terminal = Start(network, "sx", 80, 24);
        terminal.Keys("/");
        terminal.WaitFor("Filter:");
        terminal.Keys("C-c");
        terminal.WaitFor("status 0");
        terminal.Keys("C-l");
        terminal.Enter($"clear; {Command}");
        terminal.WaitFor("▼bit/s");
        terminal.Keys("F9");
        terminal.WaitFor(IsMenuOpen, "the menu");
        terminal.Keys("C-c");
        terminal.WaitFor("status 0");
    }

    [Theory]
    [InlineData("key", "sz")]
    [InlineData("signal", "sy")]
    public void Stopped_it_gives_the_terminal_back_and_goes_on_where_it_was(string how, string suffix)
    {
        using TestNamespace network = new(suffix);
        using Tmux terminal = new(suffix, 80, 24, network);
        string before = terminal.Shell("stty -g");
        terminal.Enter($"{ProgramRun.ShellName} --demo --demo-rate 20000 -d 0.2 2>/dev/null");
        terminal.WaitFor("▼bit/s");
        terminal.Keys("u");
        terminal.WaitFor("▼B/s");
        if (how == "key")
            terminal.Keys("C-z");
        else
            CaptureTools.Run("kill", "-TSTP", $"{terminal.Child}");
        terminal.WaitFor(screen => screen.TrimEnd().EndsWith(Tmux.Prompt, StringComparison.Ordinal), "the shell");
        Assert.True(ProgramRun.Until(() => terminal.Modes == "cursor 1 alternate 0 mouse 0 keypad 0"), terminal.Modes);
        Assert.Equal(before, terminal.Shell("stty -g"));
        terminal.Enter("fg");
        terminal.WaitFor("▼B/s");
        terminal.Keys("2");
        terminal.WaitFor("↑B/s");
        terminal.Keys("q");
        terminal.WaitFor(screen => screen.TrimEnd().EndsWith(Tmux.Prompt, StringComparison.Ordinal), "the shell");
        Assert.Equal(before, terminal.Shell("stty -g"));
    }

    private static string Command => $"{ProgramRun.ShellName} --demo --demo-rate 20000 -d 0.2 2>/dev/null; echo \"status $?\"";

    private static Tmux Start(TestNamespace network, string suffix, int columns, int rows)
    {
        Tmux terminal = new(suffix, columns, rows, network);
        terminal.Enter(Command);
        terminal.WaitFor(_ => Rows(terminal).Length > 3, "flows");
        return terminal;
    }

    private static bool IsMenuOpen(string screen) =>
        new[] { "Copy the row", "Packets per second", "Add a collector…" }.Any(item => screen.Contains(item, StringComparison.Ordinal));

    /// <summary>The lines of flows.</summary>
    private static string[] Rows(Tmux terminal) =>
        [.. terminal.Lines.SkipWhile(line => !line.Contains("bit/s", StringComparison.Ordinal) || !line.StartsWith("Source", StringComparison.Ordinal))
            .Skip(1).TakeWhile(line => line.Length > 0 && !line.Contains("q Quit", StringComparison.Ordinal) && !line.StartsWith("Filter:", StringComparison.Ordinal))];

    /// <summary>Numbers of the queues shown.</summary>
    private static IEnumerable<int> Queues(string screen) =>
        screen.Split('\n').Where(line => line.StartsWith("xdptop-demo0 ", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
}
