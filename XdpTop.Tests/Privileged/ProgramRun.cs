using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>
/// One run of the published program (the environment's XDPTOP_PROGRAM; without it, the one that was built beside the
/// tests), as a user would run it. Killed by <see cref="Dispose"/> if it still runs.
/// </summary>
internal sealed class ProgramRun : IDisposable
{
    public const int SigHup = 1;
    public const int SigInt = 2;
    public const int SigTerm = 15;

    /// <summary>Long enough for a machine that is busy with other things: only a failing test waits for so long.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly string _command;

    private ProgramRun(string[] command)
    {
        _command = string.Join(' ', command);
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The program's path.</summary>
    public static string Program { get; } =
        Environment.GetEnvironmentVariable("XDPTOP_PROGRAM") is { Length: > 0 } path ? path : Path.Combine(AppContext.BaseDirectory, "xdptop");

    /// <summary>The program as a word for a shell.</summary>
    public static string ShellName => $"'{Program}'";

    public int Id => _process.Id;

    public Stream Input => _process.StandardInput.BaseStream;

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    public static ProgramRun Start(params string[] arguments) => new([Program, .. arguments]);

    /// <summary>Another program that runs xdptop by exec, or any other: its process id and exit status are those seen here.</summary>
    public static ProgramRun StartOther(params string[] command) => new(command);

    /// <summary>Runs it to its end; gives its exit status and what it printed.</summary>
    public static (int ExitCode, string Output, string Errors) Run(params string[] arguments)
    {
        using ProgramRun run = Start(arguments);
        return (run.WaitForEnd(), run.Output, run.Errors);
    }

    public void WaitForOutput(string text) => WaitFor(() => Output.Contains(text, StringComparison.Ordinal), text);

    public void WaitForErrors(string text) => WaitFor(() => Errors.Contains(text, StringComparison.Ordinal), text);

    /// <summary>Waits until it has looked at its interfaces twice: then it meters. For --batch.</summary>
    public void WaitUntilItMeters() => WaitFor(() => Output.Length > 0, "any output");

    public void Signal(int signal) => Assert.Equal(0, Tmds.Linux.LibC.kill(_process.Id, signal));

    /// <summary>Waits for the end, and gives the exit status. No run may end with a stack trace.</summary>
    public int WaitForEnd()
    {
        Assert.True(_process.WaitForExit(s_patience), $"'{_command}' has not ended.\n{Tail(Output)}\n{Errors}");
        _process.WaitForExit(); // until all output has been read
        AssertNoStackTrace(Output);
        AssertNoStackTrace(Errors);
        return _process.ExitCode;
    }

    /// <summary>Waits for a condition to become true.</summary>
    public void WaitFor(Func<bool> condition, string what) =>
        Assert.True(Until(() => condition() || _process.HasExited) && condition(), $"'{_command}': no {what}\n{Tail(Output)}\n{Errors}");

    /// <summary>Whether it comes true within the patience of tests.</summary>
    public static bool Until(Func<bool> condition)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > s_patience)
                return false;
            Thread.Sleep(20);
        }
        return true;
    }

    public static void AssertNoStackTrace(string text)
    {
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
    }

    /// <summary>The last line of --json.</summary>
    public JsonElement Summary()
    {
        using JsonDocument line = JsonDocument.Parse(Output.TrimEnd().Split('\n')[^1]);
        Assert.Equal("summary", line.RootElement.GetProperty("type").GetString());
        return line.RootElement.Clone();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Tail(string text) => text[Math.Max(0, text.Length - 2000)..];

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.Append(line).Append('\n');
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
