using XdpTop.Memory;
using XdpTop.Packets;

namespace XdpTop.Capture;

/// <summary>
/// The frames of a capture file, held in memory and lent in rounds. They come with the time of now: their own would go
/// back with each round.
/// </summary>
internal sealed unsafe class ReplaySource : RoundSource
{
    private readonly MappedMemory _memory;
    private readonly StoredFrame[] _frames;
    private LinkType _linkType;

    private ReplaySource(MappedMemory memory, StoredFrame[] frames, int rounds)
        : base(frames.Length, rounds)
    {
        _memory = memory;
        _frames = frames;
        _linkType = frames[0].LinkType;
    }

    public override LinkType LinkType => _linkType;

    /// <summary>Reads the whole file.</summary>
    /// <exception cref="CaptureException">It cannot be read, is no capture file, has no frames, or is too large.</exception>
    public static ReplaySource Read(string path, int rounds)
    {
        List<StoredFrame> frames = [];
        // More than all frames' bytes; what is not used is not touched.
        long length = path == PcapSource.StandardInput || !File.Exists(path) ? 0 : new FileInfo(path).Length;
        using PcapSource source = PcapSource.Open(path);
        if (length == 0)
            throw new CaptureException($"'{path}' cannot be held in memory: give a regular file");
        MappedMemory memory = MappedMemory.Allocate((nuint)length, "a capture in memory");
        Frame[] batch = new Frame[64];
        long used = 0;
        while (!source.Ended)
        {
            foreach (ref readonly Frame frame in batch.AsSpan(0, source.Receive(batch)))
            {
                frame.Bytes.CopyTo(new Span<byte>(memory.Pointer + used, frame.Bytes.Length));
                frames.Add(new StoredFrame(used, frame.Bytes.Length, frame.WireOctets, source.LinkType));
                used += frame.Bytes.Length;
            }
        }
        if (frames.Count > 0)
            return new ReplaySource(memory, [.. frames], rounds);
        memory.Dispose();
        throw new CaptureException($"'{path}' has no packets to meter{(source.Problem is { } problem ? $": {problem}" : "")}");
    }

    public override void Dispose() => _memory.Dispose();

    protected override int Lend(Span<Frame> frames, long first, long now)
    {
        int at = (int)(first % Packets);
        _linkType = _frames[at].LinkType;
        int count = 0;
        // A batch has one link type.
        while (count < frames.Length && _frames[at + count].LinkType == _linkType)
        {
            ref readonly StoredFrame frame = ref _frames[at + count];
            frames[count++].Set(_memory.Pointer + frame.Offset, frame.CapturedOctets, frame.WireOctets, now);
        }
        return count;
    }

    private readonly record struct StoredFrame(long Offset, int CapturedOctets, uint WireOctets, LinkType LinkType);
}
