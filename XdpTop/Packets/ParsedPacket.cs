using System.Numerics;
using System.Runtime.InteropServices;

namespace XdpTop.Packets;

/// <summary>
/// What <see cref="PacketParser"/> reads from one frame: the flow key's fields first, laid out as
/// <see cref="Flows.FlowKey"/> lays them out, then what the flow cache adds up. Plain data, written once per packet
/// by the worker that owns the batch and read by the same.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct ParsedPacket
{
    public const int Size = 96;

    /// <summary>Set in a VLAN field when the frame has that tag; the low 12 bits are the VLAN id, which may be 0.</summary>
    public const ushort VlanPresent = 0x1000;

    /// <summary>Of a VLAN field: the VLAN id.</summary>
    public const ushort VlanIdMask = 0x0fff;

    [FieldOffset(0)] public IpAddress Source;
    [FieldOffset(16)] public IpAddress Destination;

    // These lie over the fields at their places, to write them at once: the Flow Key is soon read in words, and a read
    // of what several writes have left would have to wait for them.
    [FieldOffset(32)] public uint Ports;
    [FieldOffset(36)] public uint Vlans;
    [FieldOffset(40)] public uint ProtocolToDirection;
    [FieldOffset(44)] public uint TtlToFragment;

    /// <summary>Host byte order; 0 for protocols without ports and for fragments whose first was not seen.</summary>
    [FieldOffset(32)] public ushort SourcePort;

    /// <summary>Host byte order; ICMP, ICMPv6 and IGMP: type · 256 + code.</summary>
    [FieldOffset(34)] public ushort DestinationPort;

    /// <summary>First tag from the outside: <see cref="VlanPresent"/> | id, or 0 when untagged.</summary>
    [FieldOffset(36)] public ushort OuterVlan;

    /// <summary>Second tag from the outside; further ones are skipped.</summary>
    [FieldOffset(38)] public ushort InnerVlan;

    /// <summary>The transport protocol: IPv4's protocol field, or the last next header of IPv6's chain.</summary>
    [FieldOffset(40)] public byte Protocol;

    /// <summary>4 or 6.</summary>
    [FieldOffset(41)] public byte IpVersion;

    /// <summary>RFC 5102 flowDirection: 0 ingress, 1 egress.</summary>
    [FieldOffset(42)] public byte Direction;

    [FieldOffset(43)] private readonly byte _reserved;

    /// <summary>TTL or hop limit.</summary>
    [FieldOffset(44)] public byte Ttl;

    /// <summary>IPv4 ToS or IPv6 traffic class, whole (DSCP and ECN): ipClassOfService (5).</summary>
    [FieldOffset(45)] public byte ClassOfService;

    /// <summary>What part of a fragmented packet this is.</summary>
    [FieldOffset(46)] public FragmentPart Fragment;

    /// <summary>
    /// All of the following that a Flow Record has as the OR of all its packets, in one word: <see cref="TcpFlags"/>,
    /// <see cref="FragmentFlags"/> and <see cref="IpOptions"/>.
    /// </summary>
    [FieldOffset(48)] public ulong Seen;

    /// <summary>tcpControlBits (6): the low 12 bits of TCP's bytes 12 and 13, without the data offset's four.</summary>
    [FieldOffset(48)] public ushort TcpFlags;

    /// <summary>fragmentFlags (197): IPv4's three flag bits in place (0x80 reserved, 0x40 DF, 0x20 MF); IPv6: MF only.</summary>
    [FieldOffset(50)] public byte FragmentFlags;

    /// <summary>ipv4Options (208) or ipv6ExtensionHeaders (64), as their Information Elements lay the bits out.</summary>
    [FieldOffset(52)] public uint IpOptions;

    /// <summary>IPv4's 16-bit or IPv6's 32-bit identification of a fragmented packet; 0 where there are no fragments.</summary>
    [FieldOffset(56)] public uint FragmentId;

    /// <summary>Bytes of the IP packet by its own length field: header and payload, without the link layer's padding.</summary>
    [FieldOffset(60)] public uint IpOctets;

    /// <summary>tcpOptions (209).</summary>
    [FieldOffset(64)] public ulong TcpOptions;

    /// <summary>Bytes of the frame on the wire, from the link layer's header to the end of the padding; no FCS.</summary>
    [FieldOffset(72)] public uint FrameOctets;

    /// <summary>Bytes after the transport header, by the IP packet's own length; protocols without ports: after the IP headers.</summary>
    [FieldOffset(76)] public uint PayloadOctets;

    /// <summary>When the frame was received: nanoseconds since 1970-01-01 UTC. Set by the worker, not by the parser.</summary>
    [FieldOffset(80)] public long Timestamp;

    /// <summary>Hash of the Flow Key. Set by the flow cache when it is told of the packet.</summary>
    [FieldOffset(88)] public uint Hash;

    /// <summary>Bytes of the frame before the IP header.</summary>
    [FieldOffset(92)] public uint IpOffset;

    /// <summary>Sets protocol and IP version; the direction is ingress.</summary>
    public void SetProtocol(byte ipVersion, byte protocol) => ProtocolToDirection = (uint)ipVersion << 8 | protocol;

    /// <summary>Sets the direction, after protocol and IP version.</summary>
    public void SetDirection(byte direction) => ProtocolToDirection |= (uint)direction << 16;

    /// <summary>Sets both ports.</summary>
    /// <param name="ports">The first four octets of a transport header, read in network byte order.</param>
    public void SetPorts(uint ports) => Ports = BitOperations.RotateLeft(ports, 16);
}

/// <summary>Where in a fragmented IP packet a frame stands.</summary>
internal enum FragmentPart : byte
{
    /// <summary>Not a fragment.</summary>
    None = 0,

    /// <summary>Offset 0 and more to come: holds the transport header.</summary>
    First = 1,

    /// <summary>Offset above 0: has no transport header; its ports are those of the first fragment.</summary>
    Later = 2,
}
