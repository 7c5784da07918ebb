using XdpTop.Packets;

namespace XdpTop.Capture;

/// <summary>
/// The pcapng format (draft-ietf-opsawg-pcapng): sections in either byte order, with several interfaces; enhanced, simple
/// and obsolete packet blocks. All other blocks are skipped.
/// </summary>
internal sealed unsafe class PcapNgFormat(CaptureBuffer buffer, string name) : CaptureFormat(buffer, name)
{
    public const uint SectionHeader = 0x0a0d0d0a;

    private const uint InterfaceDescription = 1;
    private const uint ObsoletePacket = 2;
    private const uint SimplePacket = 3;
    private const uint EnhancedPacket = 6;

    // Every block: type, total length, what is in it, and the total length again.
    private const int LengthOffset = 4;
    private const int BodyOffset = 8;
    private const int TrailerLength = 4;
    private const int MinimumBlockLength = BodyOffset + TrailerLength;

    private const uint ByteOrderMagic = 0x1a2b3c4d;
    private const int SectionBodyLength = 16;
    private const int SectionMajorOffset = BodyOffset + 4;
    private const ushort KnownMajor = 1;

    private const int SnapLengthOffset = BodyOffset + 4;
    private const int InterfaceOptionsOffset = BodyOffset + 8;

    private const int TimestampHighOffset = BodyOffset + 4;
    private const int TimestampLowOffset = BodyOffset + 8;
    private const int CapturedOffset = BodyOffset + 12;
    private const int WireLengthOffset = BodyOffset + 16;
    private const int PacketDataOffset = BodyOffset + 20;
    private const int SimplePacketDataOffset = BodyOffset + 4;

    private const int OptionHeaderLength = 4;
    private const ushort EndOfOptions = 0;
    private const ushort TimestampResolution = 9;
    private const ushort FcsLength = 13;
    private const ushort TimestampOffset = 14;
    private const ushort PacketFlags = 2;
    private const int FlagsFcsShift = 5;
    private const uint FlagsFcsMask = 0xf;

    private readonly List<Interface> _interfaces = [];
    private long _lastTimestamp;

    protected override string Unit => "block";

    public override int Receive(Span<Frame> frames)
    {
        int count = 0;
        while (count < frames.Length && !Ended && NextBlock(count, out uint type, out int length))
        {
            if (type == SectionHeader)
                ReadSection(length);
            else if (type == InterfaceDescription)
                ReadInterface(length);
            else if (type is EnhancedPacket or ObsoletePacket or SimplePacket)
            {
                if (FindInterface(type, length) is not { } source)
                    break;
                if (source.LinkType != LinkType)
                {
                    if (count > 0)
                        break; // a batch has one link type: the block is for the next
                    LinkType = source.LinkType;
                    NoteLinkType();
                }
                if (!ReadPacket(type, length, source, ref frames[count]))
                    break;
                count++;
            }
            if (!Ended)
                Buffer.Skip(length);
        }
        return count;
    }

    /// <summary>Gets a whole block into the buffer, and checks what says how long it is.</summary>
    private bool NextBlock(int lent, out uint type, out int length)
    {
        (type, length) = (0, 0);
        if (!Has(MinimumBlockLength, lent))
            return false;
        type = Read32(Buffer.Pointer);
        if (type == SectionHeader && !FindByteOrder())
            return false;
        uint total = Read32(Buffer.Pointer + LengthOffset);
        if (total is < MinimumBlockLength or > CaptureBuffer.MaximumLength - sizeof(uint))
        {
            EndAsDamaged($"a block of {total} octets is said to begin");
            return false;
        }
        length = (int)((total + 3) & ~3u); // some programs forget to count the padding
        if (!Has(length, lent))
            return false;
        if (Read32(Buffer.Pointer + length - TrailerLength) == total)
            return true;
        EndAsDamaged("a block does not end as it begins");
        return false;
    }

    private bool FindByteOrder()
    {
        Swapped = false;
        if (Read32(Buffer.Pointer + BodyOffset) == ByteOrderMagic)
            return true;
        Swapped = true;
        if (Read32(Buffer.Pointer + BodyOffset) == ByteOrderMagic)
            return true;
        EndAsDamaged("a section has no byte order");
        return false;
    }

    private void ReadSection(int length)
    {
        _interfaces.Clear();
        if (length < MinimumBlockLength + SectionBodyLength)
            EndAsDamaged("a section header is too short");
        else if (Read16(Buffer.Pointer + SectionMajorOffset) is var major && major != KnownMajor)
            EndAsDamaged($"a section of the unknown version {major} begins");
    }

    private void ReadInterface(int length)
    {
        if (length < InterfaceOptionsOffset + TrailerLength)
        {
            EndAsDamaged("an interface description is too short");
            return;
        }
        byte* block = Buffer.Pointer;
        Interface added = new()
        {
            LinkType = LinkTypeOf(Read16(block + BodyOffset)),
            SnapLength = Read32(block + SnapLengthOffset),
            Clock = new PcapNgClock(),
        };
        byte* options = block + InterfaceOptionsOffset;
        byte* end = block + length - TrailerLength;
        byte* resolution = FindOption(options, end, TimestampResolution, 1);
        if (resolution != null)
            added.Clock = new PcapNgClock(*resolution);
        byte* offset = FindOption(options, end, TimestampOffset, sizeof(ulong));
        if (offset != null)
            added.Clock.OffsetSeconds = (long)Read64(offset);
        byte* fcs = FindOption(options, end, FcsLength, 1);
        if (fcs != null)
            added.FcsLength = *fcs >= 8 ? *fcs / 8u : *fcs; // bits, says the draft; octets, say some programs
        _interfaces.Add(added);
    }

    private Interface? FindInterface(uint type, int length)
    {
        int header = type == SimplePacket ? SimplePacketDataOffset : PacketDataOffset;
        if (length < header + TrailerLength)
        {
            EndAsDamaged("a packet block is too short");
            return null;
        }
        uint index = type switch
        {
            EnhancedPacket => Read32(Buffer.Pointer + BodyOffset),
            ObsoletePacket => Read16(Buffer.Pointer + BodyOffset),
            _ => 0,
        };
        if (index < _interfaces.Count)
            return _interfaces[(int)index];
        EndAsDamaged($"a packet of an interface that was not described (number {index}) begins");
        return null;
    }

    private bool ReadPacket(uint type, int length, Interface source, ref Frame frame)
    {
        byte* block = Buffer.Pointer;
        uint room = (uint)(length - TrailerLength);
        if (type == SimplePacket)
        {
            // It does not say how much was captured: all, but for the snapshot length.
            uint wire = Read32(block + BodyOffset);
            uint most = source.SnapLength == 0 ? uint.MaxValue : source.SnapLength;
            uint stored = Math.Min(Math.Min(wire, most), room - SimplePacketDataOffset);
            Lend(ref frame, block + SimplePacketDataOffset, stored, wire, source.FcsLength, _lastTimestamp);
            return true;
        }
        uint captured = Read32(block + CapturedOffset);
        if (captured > room - PacketDataOffset)
        {
            EndAsDamaged("a packet is longer than its block");
            return false;
        }
        ulong ticks = ((ulong)Read32(block + TimestampHighOffset) << 32) | Read32(block + TimestampLowOffset);
        _lastTimestamp = source.Clock.ToTimestamp(ticks);
        byte* data = block + PacketDataOffset;
        byte* options = data + ((captured + 3) & ~3u);
        uint fcsLength = source.FcsLength;
        byte* flags = FindOption(options, block + room, PacketFlags, sizeof(uint));
        if (flags != null && ((Read32(flags) >> FlagsFcsShift) & FlagsFcsMask) is var fcs and not 0)
            fcsLength = fcs;
        Lend(ref frame, data, captured, Read32(block + WireLengthOffset), fcsLength, _lastTimestamp);
        return true;
    }

    /// <summary>The value of the option with this code and length, or null.</summary>
    private byte* FindOption(byte* options, byte* end, ushort code, int valueLength)
    {
        while (end - options >= OptionHeaderLength)
        {
            ushort found = Read16(options);
            int length = Read16(options + sizeof(ushort));
            options += OptionHeaderLength;
            if (found == EndOfOptions || length > end - options)
                return null;
            if (found == code && length == valueLength)
                return options;
            options += Math.Min((length + 3) & ~3, end - options);
        }
        return null;
    }

    private sealed class Interface
    {
        public LinkType LinkType;
        public uint SnapLength;
        public uint FcsLength;
        public PcapNgClock Clock;
    }
}
