using XdpTop.Memory;

namespace XdpTop.Capture;

/// <summary>
/// UMEM: the memory that the kernel receives frames into, in chunks of equal size. Owned by the socket that it is
/// registered with, and freed after it.
/// </summary>
internal sealed unsafe class Umem : IDisposable
{
    private readonly MappedMemory _memory;

    public Umem(int frames, int frameSize)
    {
        Frames = frames;
        FrameSize = frameSize;
        _memory = MappedMemory.Allocate((nuint)frames * (nuint)frameSize, "the frames of an AF_XDP socket", fromPool: true);
    }

    public int Frames { get; }

    /// <summary>Octets of a chunk; a power of two.</summary>
    public int FrameSize { get; }

    public byte* Pointer => _memory.Pointer;

    public ulong Length => _memory.Length;

    /// <summary>Octets in huge pages: the kernel then has fewer of them to look up for each frame.</summary>
    public ulong ReadHugeOctets() => _memory.ReadHugeOctets();

    public void Dispose() => _memory.Dispose();
}
