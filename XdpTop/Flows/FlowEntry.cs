using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>
/// A flow in the cache: two cache lines, the first of which holds what finding the flow and the scan for flows that are
/// due take. IPv6 addresses have only their last words here, which tell most flows apart, and the rest in an
/// <see cref="AddressPool"/>. <see cref="Version"/> 0 is a free slot.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct FlowEntry
{
    public const int Size = 128;

    /// <summary>Odd while the entry is being written: a reader's copy counts only if it saw the same even number before and after.</summary>
    [FieldOffset(0)] public uint Sequence;
    [FieldOffset(4)] public byte MinimumTtl;
    [FieldOffset(5)] public byte MaximumTtl;
    [FieldOffset(6)] public byte ClassOfService;

    [FieldOffset(7)] public FlowState State;

    /// <summary>The source address's last (IPv4: only) four bytes, network byte order.</summary>
    [FieldOffset(8)] public uint Source;

    /// <summary>Of the destination address, likewise.</summary>
    [FieldOffset(12)] public uint Destination;

    /// <summary>A free slot: the next one, or −1.</summary>
    [FieldOffset(12)] public int NextFree;

    // The key's last 12 bytes, laid out as in FlowKey.
    [FieldOffset(16)] public ulong PortsAndVlans;
    [FieldOffset(24)] public uint ProtocolToDirection;
    [FieldOffset(25)] public byte Version;

    /// <summary>IPv6: where the rest of the addresses is in the pool.</summary>
    [FieldOffset(28)] public uint AddressIndex;
    [FieldOffset(32)] public ulong Packets;
    [FieldOffset(40)] public ulong Octets;

    /// <summary>Time of the first packet, nanoseconds since 1970.</summary>
    [FieldOffset(48)] public long Start;

    /// <summary>Time of the last packet, nanoseconds since 1970.</summary>
    [FieldOffset(56)] public long End;

    [FieldOffset(64)] public ulong Layer2Octets;
    [FieldOffset(72)] public ulong PayloadOctets;
    [FieldOffset(80)] public ulong TcpOptions;

    /// <summary>All packets' <see cref="ParsedPacket.Seen"/>, ORed.</summary>
    [FieldOffset(88)] public ulong Seen;
    [FieldOffset(88)] public ushort TcpFlags;
    [FieldOffset(90)] public byte FragmentFlags;
    [FieldOffset(92)] public uint IpOptions;
    [FieldOffset(96)] public ushort MinimumLength;
    [FieldOffset(98)] public ushort MaximumLength;

    /// <summary>The length histogram but for its last bin, which is what is left of <see cref="Packets"/>.</summary>
    [FieldOffset(100)] public LengthCounts LengthCounts;

    public readonly bool IsClosing => (State & FlowState.Closing) != 0;

    /// <summary>Forgets what the record has counted, but not when its packets came.</summary>
    public void ClearCounts()
    {
        Packets = Octets = Layer2Octets = PayloadOctets = 0;
        LengthCounts = default;
    }

    /// <summary>Whether the entry is of this key; for IPv6, only whether it may be: the pool has to be asked, too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Matches(ref readonly FlowKey key)
    {
        ref byte bytes = ref Bytes(in key);
        int lastWord = LastWord(key.IpVersion);
        return PortsAndVlans == Read<ulong>(ref bytes, FlowKey.PortsOffset)
            && ProtocolToDirection == Read<uint>(ref bytes, FlowKey.ProtocolOffset)
            && Source == Read<uint>(ref bytes, lastWord)
            && Destination == Read<uint>(ref bytes, IpAddress.Length + lastWord);
    }

    /// <summary>Writes the key, as far as it stands here.</summary>
    public void SetKey(ref readonly FlowKey key)
    {
        ref byte bytes = ref Bytes(in key);
        int lastWord = LastWord(key.IpVersion);
        PortsAndVlans = Read<ulong>(ref bytes, FlowKey.PortsOffset);
        ProtocolToDirection = Read<uint>(ref bytes, FlowKey.ProtocolOffset);
        Source = Read<uint>(ref bytes, lastWord);
        Destination = Read<uint>(ref bytes, IpAddress.Length + lastWord);
    }

    /// <summary>Writes what stands here of the key into one that is all zeros.</summary>
    public readonly void CopyKeyTo(ref FlowKey key)
    {
        ref byte bytes = ref Bytes(in key);
        int lastWord = LastWord(Version);
        Write(ref bytes, FlowKey.PortsOffset, PortsAndVlans);
        Write(ref bytes, FlowKey.ProtocolOffset, ProtocolToDirection);
        Write(ref bytes, lastWord, Source);
        Write(ref bytes, IpAddress.Length + lastWord, Destination);
    }

    /// <summary>After the first of several packets that differ in nothing: counts the others.</summary>
    public void Repeat(ref readonly ParsedPacket packet, uint repeats)
    {
        Packets += repeats;
        Octets += packet.IpOctets * (ulong)repeats;
        PayloadOctets += packet.PayloadOctets * (ulong)repeats;
        Layer2Octets += packet.FrameOctets * (ulong)repeats;
        int bin = LengthHistogram.BinOf(packet.IpOctets);
        if (bin < LengthCounts.Bins)
            LengthCounts[bin] += repeats;
    }

    /// <summary>Packets by length. A bin of the histogram stays at its largest number when there are more.</summary>
    public readonly void CopyLengthsTo(ref LengthHistogram histogram)
    {
        ulong rest = Packets;
        for (int bin = 0; bin < LengthCounts.Bins; bin++)
        {
            histogram[bin] = LengthCounts[bin];
            rest -= LengthCounts[bin];
        }
        histogram[LengthCounts.Bins] = (uint)Math.Min(rest, uint.MaxValue);
    }

    // Where the word of an address is that stands in the entry.
    private static int LastWord(byte ipVersion) => ipVersion == 4 ? 0 : IpAddress.Length - sizeof(uint);

    private static ref byte Bytes(ref readonly FlowKey key) => ref Unsafe.As<FlowKey, byte>(ref Unsafe.AsRef(in key));

    private static T Read<T>(ref byte bytes, int offset)
        where T : unmanaged => Unsafe.ReadUnaligned<T>(ref Unsafe.AddByteOffset(ref bytes, offset));

    private static void Write<T>(ref byte bytes, int offset, T value)
        where T : unmanaged => Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref bytes, offset), value);
}

/// <summary>What has happened to a flow in the cache.</summary>
[Flags]
internal enum FlowState : byte
{
    None = 0,

    /// <summary>TCP's FIN or RST was seen.</summary>
    Closing = 1,

    /// <summary>Records before this one have been reported: <see cref="EarlierRecords"/>.</summary>
    HasEarlier = 2,

    /// <summary>All records have been reported at their active time-out, and no packet has come since to begin another.</summary>
    Reported = 4,
}

/// <summary>The bins of a <see cref="LengthHistogram"/> but for the last.</summary>
[InlineArray(Bins)]
internal struct LengthCounts
{
    public const int Bins = LengthHistogram.Bins - 1;

    private uint _first;
}
