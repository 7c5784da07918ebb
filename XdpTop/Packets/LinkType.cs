namespace XdpTop.Packets;

/// <summary>
/// What a frame begins with. The values are those of pcap files (LINKTYPE_*, https://www.tcpdump.org/linktypes.html).
/// </summary>
internal enum LinkType : ushort
{
    /// <summary>BSD loopback: the address family as 4 bytes in the byte order of the machine that captured.</summary>
    Null = 0,

    Ethernet = 1,

    /// <summary>No link layer: an IPv4 or IPv6 header, told apart by its version.</summary>
    RawIp = 101,

    /// <summary>OpenBSD loopback: the address family as 4 bytes in network order.</summary>
    Loop = 108,

    /// <summary>Linux "cooked" captures of the pseudo-interface "any": 16 bytes, the EtherType last.</summary>
    LinuxSll = 113,

    IPv4 = 228,

    IPv6 = 229,

    /// <summary>Linux "cooked" captures, version 2: 20 bytes, the EtherType first.</summary>
    LinuxSll2 = 276,
}
