using System.Buffers.Binary;
using System.Runtime.InteropServices;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>
/// What makes two flows the two directions of one conversation, a Biflow (RFC 5103 section 2): each other's addresses
/// and ports, and the same of all other fields of the Flow Key. Whether packets came in or went out does not count: a
/// mirror port receives both directions, an interface in use receives one and sends the other.
/// </summary>
internal static class Biflow
{
    private const byte Icmp = 1;
    private const byte Igmp = 2;
    private const byte Tcp = 6;
    private const byte IcmpV6 = 58;

    private static readonly ulong[] s_seed = MemoryMarshal.Cast<byte, ulong>(HashSeed.Make(4 * sizeof(ulong))).ToArray();

    /// <summary>
    /// The key of the other direction; its <see cref="FlowKey.Direction"/> says nothing. False where there can be none:
    /// nothing answers from a group's or all hosts' address, and of ICMP only requests have replies.
    /// </summary>
    public static bool TryReverse(in FlowKey key, out FlowKey reverse)
    {
        reverse = key;
        if (IsMulticast(in key.Destination, key.IpVersion) || IsMulticast(in key.Source, key.IpVersion))
            return false;
        (reverse.Source, reverse.Destination) = (key.Destination, key.Source);
        switch (key.Protocol)
        {
            case Icmp or IcmpV6:
                int type = OtherType(key.Protocol, key.DestinationPort >> 8);
                reverse.DestinationPort = (ushort)((type << 8) | (key.DestinationPort & 0xff));
                return type >= 0;
            case Igmp:
                return false;
            default:
                (reverse.SourcePort, reverse.DestinationPort) = (key.DestinationPort, key.SourcePort);
                return !AreSame(in key, in reverse); // a host that talks to itself from and to one port
        }
    }

    /// <summary>Whether the keys are equal in all but <see cref="FlowKey.Direction"/>.</summary>
    public static bool AreSame(in FlowKey one, in FlowKey other)
    {
        FlowKey copy = one;
        copy.Direction = other.Direction;
        return copy.Equals(other);
    }

    /// <summary>
    /// Whether of two records of one Biflow the first is of its forward direction: the one that began first; of those
    /// that began together (packets of one batch have one time) the one that opened the conversation, if that can be seen;
    /// else the one to the lower port, as servers have it, or from the lower address.
    /// </summary>
    public static bool IsForward(in FlowRecord record, in FlowRecord reverse)
    {
        if (record.Start != reverse.Start)
            return record.Start < reverse.Start;
        if (Opens(in record) != Opens(in reverse))
            return Opens(in record);
        return record.Key.SourcePort != reverse.Key.SourcePort
            ? record.Key.SourcePort > reverse.Key.SourcePort
            : IpAddress.Compare(in record.Key.Source, in reverse.Key.Source) < 0;
    }

    /// <summary>
    /// A hash that is the same for both directions of a conversation, and for no others but by chance: who searches by it
    /// need not fear that somebody sends many that meet in one place.
    /// </summary>
    public static uint Hash(in FlowKey key, byte observationPoint)
    {
        bool hasPorts = key.Protocol is not (Icmp or IcmpV6);
        uint typeAndCode = hasPorts ? 0u : TypeAndCode(in key);
        ulong ends = HashOfEnd(in key.Source, hasPorts ? key.SourcePort : 0u)
            + HashOfEnd(in key.Destination, hasPorts ? key.DestinationPort : 0u);
        ulong others = ((ulong)key.OuterVlan << 40) | ((ulong)key.InnerVlan << 24)
            | ((ulong)key.Protocol << 16) | ((ulong)key.IpVersion << 8) | observationPoint;
        ulong hash = FoldedProduct.Of(ends ^ s_seed[2], others ^ ((ulong)typeAndCode << 48) ^ s_seed[3]);
        return (uint)(hash ^ (hash >> 32));
    }

    /// <summary>The lower one of the types of request and reply, and the code, which both have.</summary>
    private static uint TypeAndCode(in FlowKey key)
    {
        int type = key.DestinationPort >> 8, other = OtherType(key.Protocol, type);
        return ((uint)(other < 0 ? type : Math.Min(type, other)) << 8) | (key.DestinationPort & 0xffu);
    }

    private static ulong HashOfEnd(in IpAddress address, uint port)
    {
        ReadOnlySpan<byte> bytes = address.Bytes(6);
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(bytes), high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        return FoldedProduct.Of(low ^ s_seed[0], high ^ ((ulong)port << 24) ^ s_seed[1]);
    }

    /// <summary>The type of the messages that answer, or are answered by, those of this type; −1 if there is none.</summary>
    private static int OtherType(byte protocol, int type) => (protocol, type) switch
    {
        (Icmp, 8) => 0, // echo (RFC 792)
        (Icmp, 0) => 8,
        (Icmp, 13) => 14, // timestamp
        (Icmp, 14) => 13,
        (Icmp, 17) => 18, // address mask (RFC 950)
        (Icmp, 18) => 17,
        (IcmpV6, 128) => 129, // echo (RFC 4443)
        (IcmpV6, 129) => 128,
        _ => -1,
    };

    private static bool Opens(in FlowRecord record) => record.Key.Protocol switch
    {
        Tcp => (record.TcpFlags & TcpFlag.Syn) != 0 && (record.TcpFlags & TcpFlag.Ack) == 0,
        Icmp => record.Key.DestinationPort >> 8 is 8 or 13 or 17,
        IcmpV6 => record.Key.DestinationPort >> 8 is 128,
        _ => false,
    };

    /// <summary>Multicast, or IPv4's address of all hosts.</summary>
    private static bool IsMulticast(in IpAddress address, byte ipVersion)
    {
        ReadOnlySpan<byte> bytes = address.Bytes(ipVersion);
        return ipVersion == 4 ? bytes[0] >> 4 == 0xe || bytes.IndexOfAnyExcept((byte)0xff) < 0 : bytes[0] == 0xff;
    }
}
