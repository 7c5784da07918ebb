using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>
/// What was captured of a packet's payload, in the memory of the frame that it is in: to be used no longer than that is
/// lent, and only with frames that do not move, as those off the managed heap.
/// </summary>
internal readonly unsafe struct PacketPayload
{
    private readonly byte* _data;
    private readonly int _length;

    private PacketPayload(ReadOnlySpan<byte> payload)
    {
        _data = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(payload));
        _length = payload.Length;
    }

    public ReadOnlySpan<byte> Bytes => new(_data, _length);

    /// <summary>
    /// The octets that <see cref="ParsedPacket.PayloadOctets"/> counts, so far as they are among those captured.
    /// </summary>
    /// <param name="frame">What was captured of the frame that the packet was read from.</param>
    public static PacketPayload Of(ReadOnlySpan<byte> frame, ref readonly ParsedPacket packet)
    {
        uint end = packet.IpOffset + packet.IpOctets;
        uint start = end - packet.PayloadOctets;
        return start < (uint)frame.Length ? new(frame[(int)start..(int)Math.Min(end, (uint)frame.Length)]) : default;
    }
}
