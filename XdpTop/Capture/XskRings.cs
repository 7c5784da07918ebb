using static XdpTop.Native.IfXdp;

namespace XdpTop.Capture;

/// <summary>
/// The way of a UMEM's chunks: by the fill ring to the kernel, back by the RX ring with a frame in each, lent to the worker,
/// and into the fill ring again. Each chunk is in one of these places at any time. The rings' memory is someone else's.
/// </summary>
/// <param name="umem">The first chunk; stays the caller's.</param>
/// <param name="frameSize">Octets of a chunk, a power of two.</param>
/// <param name="multiBuffer">Whether a frame may take several chunks.</param>
internal sealed unsafe class XskRings(RingMemory fill, RingMemory rx, byte* umem, int frameSize, bool multiBuffer)
{
    private readonly FillRing _fillRing = new(fill);
    private readonly RxRing _rxRing = new(rx);
    private readonly ulong _chunkMask = ~((ulong)frameSize - 1);
    private int _lent; // descriptors

    /// <summary>Frames, or parts of them, that wait in the RX ring. Any thread may ask.</summary>
    public int Fill => _rxRing.Fill;

    public int Size => _rxRing.Size;

    /// <summary>Whether the driver sleeps until it is woken by a system call on the socket.</summary>
    public bool NeedsWakeup => _fillRing.NeedsWakeup;

    /// <summary>At the beginning: gives all chunks to the kernel.</summary>
    public void Supply(int frames)
    {
        for (int frame = 0; frame < frames; frame++)
            _fillRing.Add((ulong)frame * (ulong)frameSize);
        _fillRing.Submit();
    }

    /// <summary>See <see cref="IFrameSource.Receive"/>.</summary>
    public int Receive(Span<Frame> frames)
    {
        if (multiBuffer)
            return ReceiveMultiBuffer(frames);
        int count = _rxRing.Available(frames.Length);
        if (count == 0)
            return 0;
        long now = CaptureClock.Now;
        for (int i = 0; i < count; i++)
        {
            ref readonly xdp_desc descriptor = ref _rxRing.Peek(i);
            frames[i].Set(umem + descriptor.addr, (int)descriptor.len, descriptor.len, now);
        }
        _lent = count;
        return count;
    }

    /// <summary>See <see cref="IFrameSource.Release"/>.</summary>
    public void Release()
    {
        for (int i = 0; i < _lent; i++)
            _fillRing.Add(_rxRing.Peek(i).addr & _chunkMask);
        _rxRing.Release(_lent);
        _fillRing.Submit();
        _lent = 0;
    }

    /// <summary>
    /// Each frame has the octets of its first chunk, where its headers are, and the length of all. One of which the kernel
    /// has not given all chunks yet is left until it has.
    /// </summary>
    private int ReceiveMultiBuffer(Span<Frame> frames)
    {
        int available = _rxRing.Available(int.MaxValue);
        if (available == 0)
            return 0;
        long now = CaptureClock.Now;
        int count = 0;
        _lent = 0;
        uint octets = 0;
        for (int i = 0; i < available && count < frames.Length; i++)
        {
            ref readonly xdp_desc descriptor = ref _rxRing.Peek(i);
            octets += descriptor.len;
            if ((descriptor.options & XDP_PKT_CONTD) != 0)
                continue;
            ref readonly xdp_desc first = ref _rxRing.Peek(_lent);
            frames[count++].Set(umem + first.addr, (int)first.len, octets, now);
            octets = 0;
            _lent = i + 1;
        }
        return count;
    }
}
