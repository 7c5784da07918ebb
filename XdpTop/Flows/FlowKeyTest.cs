using System.Runtime.InteropServices;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>What of a Flow Key a <see cref="FlowKeyTest"/> looks at.</summary>
internal enum FlowKeyField : byte
{
    SourceAddress,
    DestinationAddress,
    SourcePort,
    DestinationPort,
    Protocol,
    IpVersion,

    /// <summary>The outer VLAN id or the inner one.</summary>
    Vlan,
}

/// <summary>One question about a Flow Key: whether an address is in a network, or a number in a range. Plain data.</summary>
internal readonly struct FlowKeyTest
{
    private readonly FlowKeyField _field;
    private readonly byte _ipVersion;
    private readonly ushort _low;
    private readonly ushort _high;
    private readonly Halves _mask;
    private readonly Halves _network;

    private FlowKeyTest(FlowKeyField field, ushort low, ushort high)
    {
        _field = field;
        _low = low;
        _high = high;
    }

    private FlowKeyTest(FlowKeyField field, byte ipVersion, Halves mask, Halves network)
    {
        _field = field;
        _ipVersion = ipVersion;
        _mask = mask;
        _network = network;
    }

    /// <summary>Whether a number is from <paramref name="low"/> to <paramref name="high"/>. Ports: only of protocols that have some.</summary>
    public static FlowKeyTest InRange(FlowKeyField field, ushort low, ushort high) => new(field, low, high);

    /// <summary>Whether an address begins with the same bits as another.</summary>
    /// <param name="prefixLength">How many: up to 32 for IPv4, to 128 for IPv6.</param>
    public static FlowKeyTest InNetwork(FlowKeyField field, byte ipVersion, in IpAddress network, int prefixLength)
    {
        Span<byte> bytes = stackalloc byte[IpAddress.Length];
        bytes[..(prefixLength / 8)].Fill(0xff);
        if (prefixLength % 8 != 0)
            bytes[prefixLength / 8] = (byte)(0xff00 >> (prefixLength % 8));
        Halves mask = Halves.Of(IpAddress.FromBytes(bytes));
        return new(field, ipVersion, mask, Halves.Of(in network) & mask);
    }

    public bool Holds(ref readonly FlowKey key) => _field switch
    {
        FlowKeyField.SourceAddress => key.IpVersion == _ipVersion && (Halves.Of(in key.Source) & _mask) == _network,
        FlowKeyField.DestinationAddress => key.IpVersion == _ipVersion && (Halves.Of(in key.Destination) & _mask) == _network,
        FlowKeyField.SourcePort => IpProtocol.HasPorts(key.Protocol) && IsInRange(key.SourcePort),
        FlowKeyField.DestinationPort => IpProtocol.HasPorts(key.Protocol) && IsInRange(key.DestinationPort),
        FlowKeyField.Protocol => IsInRange(key.Protocol),
        FlowKeyField.IpVersion => IsInRange(key.IpVersion),
        _ => IsVlanInRange(key.OuterVlan) || IsVlanInRange(key.InnerVlan),
    };

    private bool IsInRange(int number) => number >= _low && number <= _high;

    private bool IsVlanInRange(ushort vlan) =>
        (vlan & ParsedPacket.VlanPresent) != 0 && IsInRange(vlan & ParsedPacket.VlanIdMask);

    /// <summary>An address as two words, as they lie in memory.</summary>
    private readonly record struct Halves(ulong First, ulong Second)
    {
        public static Halves Of(in IpAddress address) => MemoryMarshal.Read<Halves>(address.Bytes(6));

        public static Halves operator &(Halves a, Halves b) => new(a.First & b.First, a.Second & b.Second);
    }
}
