using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>
/// The Flow Key (RFC 7011 section 2): what packets of one flow have in common. The fields mean what they mean in
/// <see cref="ParsedPacket"/>, whose first bytes are a Flow Key.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct FlowKey : IEquatable<FlowKey>
{
    public const int Size = 44;

    /// <summary>Of the ports, after the addresses.</summary>
    public const int PortsOffset = 2 * IpAddress.Length;

    /// <summary>Of the VLANs.</summary>
    public const int VlansOffset = PortsOffset + sizeof(uint);

    /// <summary>Of the last four bytes: protocol, IP version, direction and one that is 0.</summary>
    public const int ProtocolOffset = VlansOffset + sizeof(uint);

    [FieldOffset(0)] public IpAddress Source;
    [FieldOffset(16)] public IpAddress Destination;
    [FieldOffset(32)] public ushort SourcePort;
    [FieldOffset(34)] public ushort DestinationPort;
    [FieldOffset(36)] public ushort OuterVlan;
    [FieldOffset(38)] public ushort InnerVlan;
    [FieldOffset(40)] public byte Protocol;
    [FieldOffset(41)] public byte IpVersion;
    [FieldOffset(42)] public byte Direction;
    [FieldOffset(43)] private readonly byte _reserved;

    /// <summary>The packet's Flow Key, in place.</summary>
    public static ref readonly FlowKey Of(ref readonly ParsedPacket packet) =>
        ref Unsafe.As<ParsedPacket, FlowKey>(ref Unsafe.AsRef(in packet));

    public readonly bool Equals(FlowKey other) => Bytes(in this).SequenceEqual(Bytes(in other));

    public override readonly bool Equals(object? obj) => obj is FlowKey other && Equals(other);

    public override readonly int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes(in this));
        return hash.ToHashCode();
    }

    private static ReadOnlySpan<byte> Bytes(ref readonly FlowKey key) =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in key, 1));
}
