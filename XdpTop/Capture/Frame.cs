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

    /// <summary>Length on the wire in octets, without FCS; what was captured may be less.</summary>
    public uint WireOctets;

    /// <summary>When it was received: nanoseconds since 1970-01-01 UTC.</summary>
    public long Timestamp;

    /// <summary>What was captured of the frame.</summary>
    public readonly ReadOnlySpan<byte> Bytes => new(_data, _capturedOctets);

    /// <summary>Asks the processor to fetch the frame's beginning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch()
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(_data);
    }

    /// <summary>For frame sources. <paramref name="data"/> stays the source's.</summary>
    public void Set(byte* data, int capturedOctets, uint wireOctets, long timestamp)
    {
        _data = data;
        _capturedOctets = capturedOctets;
        WireOctets = wireOctets;
        Timestamp = timestamp;
    }
}
