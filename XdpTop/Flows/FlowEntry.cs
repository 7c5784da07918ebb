using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>
/// A flow in the cache: two cache lines, the first of which holds what finding the flow takes and what every packet
/// changes. IPv6 addresses stand in an <see cref="AddressPool"/>; here are four bytes of them, which tell most flows apart,
/// and where they are. <see cref="Version"/> 0 is a free slot.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct FlowEntry
{
    public const int Size = 128;

    private const int LastWordOfAddress = IpAddress.Length - sizeof(uint);

    /// <summary>Odd while the entry is being written: a reader's copy counts only if it saw the same even number before and after.</summary>
    [FieldOffset(0)] public uint Sequence;
    [FieldOffset(4)] public byte MinimumTtl;
    [FieldOffset(5)] public byte MaximumTtl;
    [FieldOffset(6)] public ushort TcpFlags;

    /// <summary>IPv4: the source address, network byte order. IPv6: a mix of both addresses' last four bytes.</summary>
    [FieldOffset(8)] public uint Source;

    /// <summary>IPv4: the destination address, network byte order.</summary>
    [FieldOffset(12)] public uint Destination;

    /// <summary>IPv6: where the addresses are in the pool.</summary>
    [FieldOffset(12)] public uint AddressIndex;

    /// <summary>A free slot: the next one, or −1.</summary>
    [FieldOffset(12)] public int NextFree;

    // The key's last 12 bytes, laid out as in FlowKey.
    [FieldOffset(16)] public ulong PortsAndVlans;
    [FieldOffset(24)] public uint ProtocolToDirection;
    [FieldOffset(25)] public byte Version;

    [FieldOffset(28)] public byte ClassOfService;
    [FieldOffset(29)] public byte FragmentFlags;

    /// <summary>TCP's FIN or RST was seen.</summary>
    [FieldOffset(30)] public bool Closing;
    [FieldOffset(32)] public ulong Packets;
    [FieldOffset(40)] public ulong Octets;

    /// <summary>Time of the first packet, nanoseconds since 1970. Here, since the scan for flows that are due reads it.</summary>
    [FieldOffset(48)] public long Start;

    /// <summary>Time of the last packet, nanoseconds since 1970.</summary>
    [FieldOffset(56)] public long End;

    [FieldOffset(64)] public ulong Layer2Octets;
    [FieldOffset(72)] public ulong PayloadOctets;
    [FieldOffset(80)] public ulong TcpOptions;
    [FieldOffset(88)] public uint IpOptions;
    [FieldOffset(92)] public ushort MinimumLength;
    [FieldOffset(94)] public ushort MaximumLength;
    [FieldOffset(96)] public LengthHistogram LengthHistogram;

    /// <summary>Whether the entry is of this key; for IPv6, only whether it may be: the pool's addresses have to be compared too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Matches(ref readonly FlowKey key)
    {
        ref byte bytes = ref Unsafe.As<FlowKey, byte>(ref Unsafe.AsRef(in key));
        if (PortsAndVlans != Read<ulong>(ref bytes, 32) || ProtocolToDirection != Read<uint>(ref bytes, 40))
            return false;
        return key.IpVersion == 4
            ? Source == Read<uint>(ref bytes, 0) && Destination == Read<uint>(ref bytes, IpAddress.Length)
            : Source == MixOfAddresses(ref bytes);
    }

    /// <summary>Writes the key but for IPv6's <see cref="AddressIndex"/>.</summary>
    public void SetKey(ref readonly FlowKey key)
    {
        ref byte bytes = ref Unsafe.As<FlowKey, byte>(ref Unsafe.AsRef(in key));
        PortsAndVlans = Read<ulong>(ref bytes, 32);
        ProtocolToDirection = Read<uint>(ref bytes, 40);
        Source = key.IpVersion == 4 ? Read<uint>(ref bytes, 0) : MixOfAddresses(ref bytes);
        Destination = Read<uint>(ref bytes, IpAddress.Length);
    }

    /// <summary>Writes the key but for IPv6 addresses, which the entry does not hold.</summary>
    public readonly void CopyKeyTo(ref FlowKey key)
    {
        ref byte bytes = ref Unsafe.As<FlowKey, byte>(ref key);
        Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref bytes, 32), PortsAndVlans);
        Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref bytes, 40), ProtocolToDirection);
        if (Version == 4)
        {
            key.Source = default;
            key.Destination = default;
            Unsafe.WriteUnaligned(ref bytes, Source);
            Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref bytes, IpAddress.Length), Destination);
        }
    }

    /// <summary>After the first of several packets that differ in nothing: counts the others.</summary>
    public void Repeat(ref readonly ParsedPacket packet)
    {
        ulong repeats = packet.Repeats;
        Packets += repeats;
        Octets += packet.IpOctets * repeats;
        PayloadOctets += packet.PayloadOctets * repeats;
        Layer2Octets += packet.FrameOctets * repeats;
        ref uint bin = ref LengthHistogram[LengthHistogram.BinOf(packet.IpOctets)];
        bin = (uint)Math.Min(bin + repeats, uint.MaxValue);
    }

    private static uint MixOfAddresses(ref byte bytes) =>
        Read<uint>(ref bytes, LastWordOfAddress)
        ^ BitOperations.RotateLeft(Read<uint>(ref bytes, IpAddress.Length + LastWordOfAddress), 16);

    private static T Read<T>(ref byte bytes, int offset)
        where T : unmanaged => Unsafe.ReadUnaligned<T>(ref Unsafe.AddByteOffset(ref bytes, offset));
}
