using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using XdpTop.Packets;

namespace XdpTop.Capture;

/// <summary>
/// Frames from a pcap or pcapng file or pipe, as fast as it can be read. Frames are lent out of the reading buffer, with
/// no copy and no call per packet. A file that breaks off or makes no sense ends where it does: <see cref="Problem"/>.
/// </summary>
internal sealed class PcapSource : IFrameSource
{
    /// <summary>The path that means standard input.</summary>
    public const string StandardInput = "-";

    private const int MagicLength = 4;
    private const ushort GzipMagic = 0x1f8b;
    private const uint ZstdMagic = 0x28b52ffd;

    private readonly CaptureFormat _format;
    private long _now;

    private PcapSource(CaptureFormat format)
    {
        _format = format;
    }

    public LinkType LinkType => _format.LinkType;

    public bool Ended => _format.Ended;

    /// <summary>The latest time stamp so far. Any thread may ask.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>To be read after the end.</summary>
    public SecondCounts Seconds { get; } = new();

    /// <summary>
    /// What is wrong with the file, for the user, as sentences without the full stop; null if nothing was found yet. Set
    /// by the worker before <see cref="Ended"/>.
    /// </summary>
    public string? Problem => _format.Problem;

    /// <summary>Opens a file, a named pipe, or for <see cref="StandardInput"/> the standard input.</summary>
    /// <exception cref="CaptureException">It cannot be read, or is not a capture file.</exception>
    public static PcapSource Open(string path)
    {
        FileStream stream;
        try
        {
            // No buffer: CaptureBuffer is one. Whoever writes the file may go on doing so.
            stream = path == StandardInput
                ? new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0)
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string cause = Directory.Exists(path) ? "it is a directory" : exception.Message.TrimEnd('.');
            throw new CaptureException($"opening the capture file '{path}' failed: {cause}; check its name and rights", exception);
        }
        return Open(stream, path == StandardInput ? "standard input" : path);
    }

    /// <param name="stream">Will be the source's, and is disposed of if this fails.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="CaptureException">It cannot be read, or is not a capture file.</exception>
    public static PcapSource Open(Stream stream, string name)
    {
        CaptureBuffer buffer = new(stream);
        try
        {
            return new PcapSource(FindFormat(buffer, name));
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    public int Receive(Span<Frame> frames)
    {
        int count = _format.Receive(frames);
        if (count == 0)
            return 0;
        Seconds.Add(frames[..count]);
        Volatile.Write(ref _now, Math.Max(_now, frames[count - 1].Timestamp));
        return count;
    }

    /// <summary>Nothing to give back: the buffer is moved on by the next <see cref="Receive"/>.</summary>
    public void Release()
    {
    }

    public void Wait(int milliseconds)
    {
        if (!Ended)
            _format.Buffer.Wait(milliseconds);
    }

    public void Dispose() => _format.Dispose();

    private static CaptureFormat FindFormat(CaptureBuffer buffer, string name)
    {
        if (!ReadWaiting(buffer, MagicLength))
            throw NotACapture(buffer, name, buffer.Available == 0 ? "it is empty" : "it is too short");
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(Start(buffer));
        if (magic == PcapNgFormat.SectionHeader)
            return new PcapNgFormat(buffer, name);
        if (PcapFormat.IsMagic(magic) || PcapFormat.IsMagic(BinaryPrimitives.ReverseEndianness(magic)))
        {
            return ReadWaiting(buffer, PcapFormat.FileHeaderLength)
                ? new PcapFormat(buffer, name)
                : throw NotACapture(buffer, name, "its header is cut off");
        }
        bool compressed = magic >> 16 == GzipMagic || magic == ZstdMagic;
        throw NotACapture(buffer, name, compressed
            ? "it is compressed and has to be unpacked first, as in 'zcat FILE | xdptop --read -'"
            : "it is neither pcap nor pcapng");
    }

    private static unsafe ReadOnlySpan<byte> Start(CaptureBuffer buffer) => new(buffer.Pointer, MagicLength);

    private static bool ReadWaiting(CaptureBuffer buffer, int octets)
    {
        CaptureBuffer.FillResult result;
        while ((result = buffer.Fill(octets)) == CaptureBuffer.FillResult.NotYet)
            buffer.Wait(Timeout.Infinite);
        return result == CaptureBuffer.FillResult.Enough;
    }

    private static CaptureException NotACapture(CaptureBuffer buffer, string name, string cause) =>
        new($"reading '{name}' as a capture file failed: {buffer.Error ?? cause}");
}
