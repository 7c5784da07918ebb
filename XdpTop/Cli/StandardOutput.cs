using XdpTop.Export;
using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>
/// Standard output as a stream. In contrast to the console's own, which falls silent when nobody reads any more, it
/// tells of that, once and for all: <see cref="ReaderHasGone"/>. Any thread may write; what is written in one call stays together.
/// </summary>
internal sealed class StandardOutput : WriteOnlyStream
{
    private const int Descriptor = 1;

    private readonly Lock _writing = new();
    private volatile bool _readerHasGone;
    private readonly Func<bool> _givesUp;
    private long _givesUpAt = long.MaxValue; // of Environment.TickCount64

    public StandardOutput() => _givesUp = GivesUp;

    /// <summary>
    /// Whoever read it has ended, as in "xdptop -b | head", or has not read on in time: no error; what is written from then
    /// on goes nowhere.
    /// </summary>
    public bool ReaderHasGone => _readerHasGone;

    public override bool CanStall { get; } = FileDescriptor.CanStall(Descriptor);

    /// <summary>Whether that time has come.</summary>
    public bool GivesUp() => Environment.TickCount64 >= Volatile.Read(ref _givesUpAt);

    /// <summary>The program ends: from so long after this on, a reader that does not read is waited for no more. Any thread.</summary>
    public void ExpectEnd(TimeSpan patience) => Volatile.Write(ref _givesUpAt, Environment.TickCount64 + (long)patience.TotalMilliseconds);

    /// <exception cref="IOException">It cannot be written, as on a full disk.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_writing)
        {
            if (!_readerHasGone && !FileDescriptor.WriteAll(Descriptor, buffer, CanStall ? _givesUp : null))
                _readerHasGone = true;
        }
    }
}
