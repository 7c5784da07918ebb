using XdpTop.Native;
using XdpTop.Ui;

namespace XdpTop.Cli;

/// <summary>The terminal that standard input and output are.</summary>
/// <param name="cancellation">When the program ends, a terminal that takes no output is waited for no more.</param>
internal sealed class ControllingTerminal(CancellationToken cancellation) : ITerminal
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;

    private readonly Func<bool> _givesUp = () => cancellation.IsCancellationRequested;

    public bool WaitForInput(TimeSpan patience) => FileDescriptor.WaitForInput(StandardInput, patience);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            FileDescriptor.WriteAll(StandardOutput, bytes, _givesUp);
        }
        catch (IOException)
        {
            // The terminal has gone, of which SIGHUP tells.
        }
    }

    public void StopProcess() => JobControl.Stop();

    /// <summary>Why a terminal of this kind, as TERM names it, cannot have the screen; null if it can.</summary>
    public static string? ProblemOf(string? kind) => kind is null or "" or "dumb"
        ? "the screen needs a terminal that can be written to at any place, and TERM names none: set it, or use --batch" : null;
}
