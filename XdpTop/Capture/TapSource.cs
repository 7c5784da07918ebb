using System.Runtime.InteropServices;
using Tmds.Linux;
using XdpTop.Packets;
using static Tmds.Linux.LibC;

namespace XdpTop.Capture;

/// <summary>
/// What bpf/tap.bpf.c copies of an interface's packets, for one worker: its ring buffers, one for each CPU, read in
/// turn. Frames are lent out of the rings, without a copy. Owns the rings.
/// </summary>
internal sealed unsafe class TapSource : IFrameSource
{
    /// <summary>Milliseconds that more records may gather in, once the first has come: they cost fewer wake-ups then.</summary>
    private const int Gathering = 1;

    private readonly TapRing[] _rings;
    private readonly RingBuffer[] _buffers;
    private readonly pollfd[] _polled;
    private readonly uint* _needsWakeup;
    private readonly bool _spins;
    private int _next;

    /// <param name="rings">One at least; will be this source's.</param>
    /// <param name="needsWakeup">Where the program looks whether to wake the worker. The caller's, for longer than this lives.</param>
    /// <param name="spins">Whether the worker never sleeps, and so is never woken.</param>
    public TapSource(TapRing[] rings, LinkType linkType, uint* needsWakeup, bool spins)
    {
        _rings = rings;
        _buffers = [.. rings.Select(ring => ring.Buffer)];
        _polled = [.. rings.Select(ring => new pollfd { fd = ring.FileDescriptor, events = POLLIN })];
        _needsWakeup = needsWakeup;
        _spins = spins;
        LinkType = linkType;
    }

    public LinkType LinkType { get; }

    public bool Ended => false;

    public long Now => CaptureClock.Now;

    /// <summary>Records that wait in the rings. Any thread may ask.</summary>
    public int RingFill => (int)(Sum(buffer => buffer.Fill) / TapRecord.RingOctets);

    /// <summary>Records that the rings have room for.</summary>
    public int RingSize => (int)(Sum(buffer => buffer.Size) / TapRecord.RingOctets);

    public int Receive(Span<Frame> frames)
    {
        int count = 0;
        long now = CaptureClock.Now;
        for (int i = 0; i < _buffers.Length && count < frames.Length; i++)
        {
            count += Receive(_buffers[_next], frames[count..], now);
            _next = _next + 1 < _buffers.Length ? _next + 1 : 0; // after one that fills the batch it is the next one's turn
        }
        return count;
    }

    public void Release()
    {
        foreach (RingBuffer buffer in _buffers)
            buffer.Release();
    }

    public void Wait(int milliseconds)
    {
        if (_spins)
        {
            Thread.SpinWait(1);
            return;
        }
        Volatile.Write(ref *_needsWakeup, 1);
        // poll looks at all rings once more before it blocks, so that of what comes now nothing is missed but what a
        // CPU had no sight of the flag for: that waits for the next packet, or until the time is over.
        Interlocked.MemoryBarrier();
        int ready;
        fixed (pollfd* polled = _polled)
            ready = poll(polled, (uint)_polled.Length, milliseconds);
        Volatile.Write(ref *_needsWakeup, 0);
        if (ready > 0)
            _ = poll(null, 0, Gathering);
    }

    public void Dispose()
    {
        foreach (TapRing ring in _rings)
            ring.Dispose();
    }

    private static int Receive(RingBuffer buffer, Span<Frame> frames, long now)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            TapRecord* record = (TapRecord*)buffer.Next();
            if (record == null)
                return i;
            frames[i].Set((byte*)(record + 1), record->Captured, record->Octets, now);
            frames[i].Offload = new FrameOffload(record->Segments, record->SegmentOctets, record->HeaderOctets, (byte)record->Direction);
        }
        return frames.Length;
    }

    private ulong Sum(Func<RingBuffer, ulong> octets) => _buffers.Aggregate(0UL, (sum, buffer) => sum + octets(buffer));
}

/// <summary>struct record of bpf/tap.bpf.c, without the packet's octets, which follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TapRecord
{
    /// <summary>Octets of the packet that there is room for.</summary>
    public const int MostCaptured = 128;

    /// <summary>What a record takes in the ring.</summary>
    public const int RingOctets = 8 + 16 + MostCaptured;

    public uint Octets;
    public ushort Segments;
    public ushort SegmentOctets;
    public ushort HeaderOctets;
    public ushort Captured;
    public uint Direction;
}
