using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using XdpTop.Memory;
using static Tmds.Linux.LibC;

namespace XdpTop.Capture;

/// <summary>
/// A window, off the managed heap, that moves over a capture file or pipe: what was read and not yet skipped. Pointers
/// into it hold until the next <see cref="Fill"/>. Owns the stream and the memory.
/// </summary>
internal sealed unsafe class CaptureBuffer : IDisposable
{
    /// <summary>No block of a capture file is larger: one that says so is damaged, or made to take memory.</summary>
    public const int MaximumLength = 256 << 20;

    private const int UsualLength = 1 << 20;
    private const string Purpose = "reading a capture file";

    private readonly Stream _stream;
    private readonly SafeFileHandle? _handle;
    private MappedMemory _memory = MappedMemory.Allocate(UsualLength, Purpose);
    private int _start;
    private int _end;

    public CaptureBuffer(Stream stream)
    {
        _stream = stream;
        _handle = (stream as FileStream)?.SafeFileHandle;
    }

    internal enum FillResult
    {
        Enough,

        /// <summary>The pipe has nothing more at the moment.</summary>
        NotYet,

        /// <summary>The file has no more, or cannot be read: <see cref="Error"/>.</summary>
        End,
    }

    /// <summary>The first octet not yet skipped.</summary>
    public byte* Pointer => _memory.Pointer + _start;

    /// <summary>Octets from <see cref="Pointer"/> on.</summary>
    public int Available => _end - _start;

    /// <summary>Where in the file <see cref="Pointer"/> is.</summary>
    public long Position { get; private set; }

    /// <summary>Why reading failed, if it did; the end of the file is no failure.</summary>
    public string? Error { get; private set; }

    public void Skip(int octets)
    {
        _start += octets;
        Position += octets;
    }

    /// <summary>Reads on, without waiting for a pipe, until so many octets are there (<see cref="MaximumLength"/> at most).</summary>
    public FillResult Fill(int octets)
    {
        MakeRoom(octets);
        while (Available < octets)
        {
            if (!Wait(0))
                return FillResult.NotYet;
            int read = Read(_memory.Span[_end..]);
            if (read == 0)
                return FillResult.End;
            _end += read;
        }
        return FillResult.Enough;
    }

    /// <summary>Waits until there may be something to read; false if the time was over before.</summary>
    public bool Wait(int milliseconds)
    {
        if (_handle is null)
            return true;
        pollfd request = new() { fd = (int)_handle.DangerousGetHandle(), events = POLLIN };
        return poll(&request, 1, milliseconds) > 0;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _memory.Dispose();
    }

    private void MakeRoom(int octets)
    {
        if (_start == 0 && octets <= (int)_memory.Length)
            return;
        MappedMemory target = _memory;
        if (octets > (int)_memory.Length)
            target = MappedMemory.Allocate((nuint)octets, Purpose);
        Buffer.MemoryCopy(Pointer, target.Pointer, (long)target.Length, Available);
        (_start, _end) = (0, Available);
        if (target == _memory)
            return;
        _memory.Dispose();
        _memory = target;
    }

    private int Read(Span<byte> room)
    {
        try
        {
            return _stream.Read(room);
        }
        catch (IOException exception)
        {
            Error = exception.Message;
            return 0;
        }
    }
}
