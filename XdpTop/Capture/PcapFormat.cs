namespace XdpTop.Capture;

/// <summary>
/// The pcap format (draft-ietf-opsawg-pcap), in either byte order, with micro- or nanoseconds, and the variant with longer
/// record headers that some old Linux systems wrote.
/// </summary>
internal sealed unsafe class PcapFormat : CaptureFormat
{
    public const int FileHeaderLength = 24;

    private const uint Microseconds = 0xa1b2c3d4;
    private const uint Nanoseconds = 0xa1b23c4d;
    private const uint Modified = 0xa1b2cd34;

    private const int SnapLengthOffset = 16;
    private const int LinkTypeOffset = 20;
    private const uint FcsLengthPresent = 0x0400_0000;
    private const int FcsLengthShift = 28;

    private const int FractionOffset = 4;
    private const int CapturedOffset = 8;
    private const int LengthOffset = 12;
    private const int RecordHeaderLength = 16;
    private const int ModifiedRecordHeaderLength = 24;

    private readonly int _headerLength;
    private readonly long _fractionUnit;
    private readonly uint _fcsLength;
    private readonly uint _longest;

    /// <summary>The buffer has the file's header.</summary>
    public PcapFormat(CaptureBuffer buffer, string name) : base(buffer, name)
    {
        byte* header = buffer.Pointer;
        uint magic = Read32(header);
        Swapped = !IsMagic(magic);
        magic = Read32(header);
        _headerLength = magic == Modified ? ModifiedRecordHeaderLength : RecordHeaderLength;
        _fractionUnit = magic == Nanoseconds ? 1 : 1000;
        _longest = Math.Clamp(Read32(header + SnapLengthOffset), MaximumPacketLength, CaptureBuffer.MaximumLength / 2);
        uint linkType = Read32(header + LinkTypeOffset);
        if ((linkType & FcsLengthPresent) != 0)
            _fcsLength = (linkType >> FcsLengthShift) * sizeof(ushort);
        LinkType = LinkTypeOf((ushort)linkType);
        NoteLinkType();
        buffer.Skip(FileHeaderLength);
    }

    public static bool IsMagic(uint magic) => magic is Microseconds or Nanoseconds or Modified;

    protected override string Unit => "packet";

    public override int Receive(Span<Frame> frames)
    {
        int count = 0;
        while (count < frames.Length && !Ended && Has(_headerLength, count))
        {
            uint captured = Read32(Buffer.Pointer + CapturedOffset);
            if (captured > _longest)
            {
                EndAsDamaged($"a packet of {captured} octets is said to begin");
                break;
            }
            int recordLength = _headerLength + (int)captured;
            if (!Has(recordLength, count))
                break;
            byte* record = Buffer.Pointer;
            long timestamp = Read32(record) * 1_000_000_000L + Read32(record + FractionOffset) * _fractionUnit;
            Lend(ref frames[count++], record + _headerLength, captured, Read32(record + LengthOffset), _fcsLength, timestamp);
            Buffer.Skip(recordLength);
        }
        return count;
    }
}
