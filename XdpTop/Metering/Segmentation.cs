using XdpTop.Capture;
using XdpTop.Packets;

namespace XdpTop.Metering;

/// <summary>
/// What a frame that the kernel has put together (GRO), or is still to cut up (TSO, USO), is on the wire: so many packets
/// with all headers each, of which all but the last are of one length.
/// </summary>
internal static class Segmentation
{
    // On the last segment alone, as the kernel's tcp_gso_segment() has it.
    private const ushort FinAndPush = 0x001 | 0x008;

    /// <summary>
    /// Makes of a packet as long as it stands in the frame the packets on the wire: those of full length, in
    /// <paramref name="packet"/>, and the one after them, <paramref name="last"/>. Gives how many they are together;
    /// 1 if it was one already, and then there is no last one.
    /// </summary>
    public static uint Split(in FrameOffload offload, ref ParsedPacket packet, ref ParsedPacket last)
    {
        uint frame = packet.FrameOctets;
        // Of a tunnel the parser knows the outer headers only; what goes before the inner payload is then at least what
        // full segments leave, and less than that with one segment less.
        uint headers = frame - packet.PayloadOctets;
        uint most = offload.SegmentOctets;
        uint segments = offload.Segments;
        if (segments == 0)
            segments = (packet.PayloadOctets + most - 1) / most;
        if (segments <= 1 || segments > frame)
            return 1;
        if ((segments - 1) * (ulong)most >= frame)
            most = (packet.PayloadOctets + segments - 1) / segments; // of different lengths (SCTP): the mean of them
        if (offload.HeaderOctets != 0)
            headers = offload.HeaderOctets;
        else if (headers + segments * (ulong)most < frame)
            headers = frame - segments * most;
        ulong before = headers + (segments - 1) * (ulong)most;
        if (before >= frame)
            return 1; // what the kernel says does not go together
        uint rest = frame - (uint)before;

        last = packet;
        SetLength(ref last, headers + rest);
        SetLength(ref packet, headers + most);
        packet.TcpFlags &= unchecked((ushort)~FinAndPush);
        return segments;
    }

    private static void SetLength(ref ParsedPacket packet, uint frameOctets)
    {
        uint link = packet.FrameOctets - packet.IpOctets;
        uint headers = packet.IpOctets - packet.PayloadOctets;
        packet.FrameOctets = frameOctets;
        packet.IpOctets = frameOctets - Math.Min(link, frameOctets);
        packet.PayloadOctets = packet.IpOctets - Math.Min(headers, packet.IpOctets);
    }
}
