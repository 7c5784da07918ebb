using Microsoft.Win32.SafeHandles;
using XdpTop.Native;
using XdpTop.Ui;

namespace XdpTop.Cli;

/// <summary>The terminal that standard input and output are.</summary>
/// <param name="quit">
/// Cancelled when the terminal has hung up: SIGHUP may be ignored, or go to others. When the program ends, a terminal that takes no
/// output is waited for no more.
/// </param>
internal sealed class ControllingTerminal(CancellationTokenSource quit) : ITerminal
{
    private const int StandardInput = 0;
    private const string Terminal = "/dev/tty";
    private const int StandardOutput = 1;

    private readonly SafeFileHandle _keyboard = OpenKeyboard();
    private readonly Func<bool> _givesUp = () => quit.IsCancellationRequested;

    public bool WaitForInput(TimeSpan patience)
    {
        bool isThere = FileDescriptor.WaitForInput((int)_keyboard.DangerousGetHandle(), patience, out bool hasGone);
        if (hasGone)
            quit.Cancel();
        return isThere;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            FileDescriptor.WriteAll(StandardOutput, bytes, _givesUp);
        }
        catch (IOException)
        {
            // The terminal has gone, which the next look for input finds.
        }
    }

    public void StopProcess() => JobControl.Stop();

    /// <summary>Where a capture comes by standard input, keys come from the terminal itself, as Terminal.Gui has them.</summary>
    private static SafeFileHandle OpenKeyboard()
    {
        try
        {
            if (Console.IsInputRedirected)
                return File.OpenHandle(Terminal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then there are no keys to wait for.
        }
        return new SafeFileHandle(StandardInput, ownsHandle: false);
    }

    /// <summary>Why a terminal of this kind, as TERM names it, cannot have the screen; null if it can.</summary>
    public static string? ProblemOf(string? kind) => kind is null or "" or "dumb"
        ? "the screen needs a terminal that can be written to at any place, and TERM names none: set it, or use --batch" : null;
}
