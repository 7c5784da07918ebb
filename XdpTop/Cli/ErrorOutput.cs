using System.Text;
using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>Sentences for the user on standard error. Any thread.</summary>
internal static class ErrorOutput
{
    private const int Descriptor = 2;
    private const int Patience = 1000; // ms

    private static readonly Lock s_writing = new();
    private static bool s_isStalled;

    /// <summary>Writes one whole line. Tests read it here, in the place of the descriptor.</summary>
    internal static Action<string> WriteLine { get; set; } = WriteToDescriptor;

    /// <summary>
    /// Writes one line. If nobody can read it, as when the terminal has gone, that is all right; who does not read is waited for
    /// a second, and then no more until there is room again.
    /// </summary>
    public static void Say(string sentence) => WriteLine($"xdptop: {SafeText.Clean(sentence)}\n");

    private static void WriteToDescriptor(string text)
    {
        byte[] line = Encoding.UTF8.GetBytes(text);
        lock (s_writing)
        {
            long givesUpAt = s_isStalled ? 0 : Environment.TickCount64 + Patience;
            try
            {
                s_isStalled = !FileDescriptor.WriteAll(Descriptor, line, () => Environment.TickCount64 >= givesUpAt);
            }
            catch (IOException)
            {
            }
        }
    }
}
