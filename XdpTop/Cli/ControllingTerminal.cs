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
}
