using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>
/// Standard output as a stream. In contrast to the console's own, which falls silent when nobody reads any more, it
/// tells of that, once and for all: <see cref="ReaderHasGone"/>. Any thread may write; what is written in one call stays together.
/// </summary>
internal sealed class StandardOutput : Stream
{
    private const int Descriptor = 1;

    private readonly Lock _writing = new();
    private volatile bool _readerHasGone;
    private readonly Func<bool> _givesUp;
    private long _givesUpAt = long.MaxValue; // of Environment.TickCount64

    public StandardOutput() => _givesUp = () => Environment.TickCount64 >= Volatile.Read(ref _givesUpAt);

    /// <summary>
    /// Whoever read it has ended, as in "xdptop -b | head", or has not read on in time: no error; what is written from then
    /// on goes nowhere.
    /// </summary>
    public bool ReaderHasGone => _readerHasGone;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The program ends: from so long after this on, a reader that does not read is waited for no more. Any thread.</summary>
    public void ExpectEnd(TimeSpan patience) => Volatile.Write(ref _givesUpAt, Environment.TickCount64 + (long)patience.TotalMilliseconds);

    /// <exception cref="IOException">It cannot be written, as on a full disk.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_writing)
        {
            if (!_readerHasGone && !FileDescriptor.WriteAll(Descriptor, buffer, _givesUp))
                _readerHasGone = true;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
