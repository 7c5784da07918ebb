using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace XdpTop.Capture;

/// <summary>
/// One received frame, lent by an <see cref="IFrameSource"/> from <see cref="IFrameSource.Receive"/> to
/// <see cref="IFrameSource.Release"/>: its bytes are the source's memory and must not be read after that.
/// </summary>
internal unsafe struct Frame
{
    private byte* _data;
    private int _capturedOctets;

    /// <summary>
    /// Length in octets, without FCS, on the wire (what was captured may be less), or, where it stands for many frames, of
    /// the one that the kernel has made of them.
    /// </summary>
    public uint WireOctets;

    /// <summary>When it was received: nanoseconds since 1970-01-01 UTC.</summary>
    public long Timestamp;

    /// <summary>Direction, and how many frames on the wire this one stands for.</summary>
    public FrameOffload Offload;

    /// <summary>What was captured of the frame.</summary>
    public readonly ReadOnlySpan<byte> Bytes => new(_data, _capturedOctets);

    /// <summary>Asks the processor to fetch the frame's beginning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch()
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(_data);
    }

    /// <summary>For frame sources: an incoming frame as it was on the wire. <paramref name="data"/> stays the source's.</summary>
    public void Set(byte* data, int capturedOctets, uint wireOctets, long timestamp)
    {
        _data = data;
        _capturedOctets = capturedOctets;
        WireOctets = wireOctets;
        Timestamp = timestamp;
        Offload = default;
    }
}

/// <summary>
/// What the kernel knows of a frame beside its bytes. One that it is still to cut up (TSO, USO) or has put together (GRO)
/// is many frames on the wire, each with all headers and an equal part of the payload, but for the last, which has the rest.
/// </summary>
/// <param name="Segments">Frames on the wire; 0 for one, or where the kernel has not said though there is <paramref name="SegmentOctets"/>.</param>
/// <param name="SegmentOctets">Payload of each but the last, after the innermost header that each has; 0 for a frame that is one.</param>
/// <param name="HeaderOctets">All headers that each has; 0 where the kernel has not said.</param>
/// <param name="Direction">flowDirection (61): 0 ingress, 1 egress.</param>
internal readonly record struct FrameOffload(ushort Segments, ushort SegmentOctets, ushort HeaderOctets, byte Direction)
{
    /// <summary>Whether the frame may stand for many.</summary>
    public bool IsMany => SegmentOctets != 0;

    /// <summary>Whether it is an incoming frame as it was on the wire.</summary>
    public bool IsPlain => (SegmentOctets | Direction) == 0;
}
