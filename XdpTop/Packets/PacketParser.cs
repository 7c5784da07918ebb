namespace XdpTop.Packets;

/// <summary>Reads the flow key and what a Flow Record needs from a frame. Pure; never throws, never allocates.</summary>
internal static class PacketParser
{
    /// <summary>
    /// Reads one frame. <paramref name="frame"/> is what was captured of it, <paramref name="frameOctets"/> its length
    /// on the wire (at least as long). Unless the result is <see cref="ParseResult.Metered"/>,
    /// <paramref name="packet"/> holds nothing of use.
    /// </summary>
    public static ParseResult Parse(LinkType linkType, ReadOnlySpan<byte> frame, uint frameOctets, ref ParsedPacket packet)
    {
        throw new NotImplementedException();
    }
}
