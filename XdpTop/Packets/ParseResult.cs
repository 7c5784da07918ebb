namespace XdpTop.Packets;

/// <summary>What became of a frame. Every frame that is received gets exactly one of these, and is counted by it.</summary>
internal enum ParseResult : byte
{
    /// <summary>The frame holds an IP packet with a whole flow key: it is metered.</summary>
    Metered = 0,

    /// <summary>Not IPv4 or IPv6: ARP, LLDP, STP …</summary>
    NotIp = 1,

    /// <summary>A header contradicts itself, or says that the packet is longer than the frame was on the wire.</summary>
    Malformed = 2,

    /// <summary>The frame was cut short by the capture, before the end of the flow key.</summary>
    Truncated = 3,
}
