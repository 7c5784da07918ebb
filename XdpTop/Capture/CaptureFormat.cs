using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using XdpTop.Packets;

namespace XdpTop.Capture;

/// <summary>One file format of captures: finds the packets in a <see cref="CaptureBuffer"/>, which it owns.</summary>
internal abstract unsafe class CaptureFormat(CaptureBuffer buffer, string name) : IDisposable
{
    /// <summary>Times are kept below this, in the year 2116, so that sums of times do not overflow.</summary>
    public const long LatestTimestamp = long.MaxValue / 2;

    /// <summary>Libpcap's own limit: packets are no longer, whatever snapshot length was asked for.</summary>
    protected const int MaximumPacketLength = 256 << 10;

    // LINKTYPE_RAW is 101 everywhere, but some programs write the DLT_RAW of their system.
    private const ushort DltRaw = 12;
    private const ushort DltRawOpenBsd = 14;

    private bool _unsupported;

    public LinkType LinkType { get; protected set; } = LinkType.Ethernet;

    public bool Ended { get; private set; }

    /// <inheritdoc cref="PcapSource.Problem"/>
    public string? Problem { get; private set; }

    public CaptureBuffer Buffer { get; } = buffer;

    /// <summary>What the file is a row of.</summary>
    protected abstract string Unit { get; }

    /// <summary>The byte order of the file, or of this section of it, is not this machine's.</summary>
    protected bool Swapped { get; set; }

    /// <summary>Lends frames that point into the buffer: until the next call.</summary>
    public abstract int Receive(Span<Frame> frames);

    public void Dispose() => Buffer.Dispose();

    protected ushort Read16(byte* from)
    {
        ushort value = Unsafe.ReadUnaligned<ushort>(from);
        return Swapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    protected uint Read32(byte* from)
    {
        uint value = Unsafe.ReadUnaligned<uint>(from);
        return Swapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    protected ulong Read64(byte* from)
    {
        ulong value = Unsafe.ReadUnaligned<ulong>(from);
        return Swapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    /// <summary>
    /// Whether so many octets are there, or can be had without moving those that <paramref name="lent"/> frames point to.
    /// </summary>
    protected bool Has(int octets, int lent) => Buffer.Available >= octets || (lent == 0 && !Ended && ReadOn(octets));

    protected static LinkType LinkTypeOf(ushort value) => value is DltRaw or DltRawOpenBsd ? LinkType.RawIp : (LinkType)value;

    /// <summary>Notes the first link type whose frames the parser can only count.</summary>
    protected void NoteLinkType()
    {
        if (_unsupported || Enum.IsDefined(LinkType))
            return;
        _unsupported = true;
        Note($"the capture file '{name}' has frames of link type {(ushort)LinkType}, which cannot be read: they are counted as not IP");
    }

    /// <summary>The file makes no sense from here on. Nothing after this is used.</summary>
    protected void EndAsDamaged(string what) => End($"is damaged at {Place(Buffer.Position)}, where {what}");

    /// <param name="lengthWithFcs">On the wire.</param>
    protected static void Lend(ref Frame frame, byte* data, uint captured, uint lengthWithFcs, uint fcsLength, long timestamp)
    {
        uint length = Math.Max(captured, lengthWithFcs);
        length -= Math.Min(length, fcsLength);
        frame.Set(data, (int)Math.Min(captured, length), length, timestamp);
    }

    private bool ReadOn(int octets)
    {
        switch (Buffer.Fill(octets))
        {
            case CaptureBuffer.FillResult.Enough:
                return true;
            case CaptureBuffer.FillResult.NotYet:
                return false;
            default:
                if (Buffer.Error is { } error)
                    End($"could not be read beyond {Place(Buffer.Position + Buffer.Available)} ({error})");
                else if (Buffer.Available > 0)
                    End($"is cut off at {Place(Buffer.Position + Buffer.Available)}, in the middle of a {Unit}");
                Ended = true;
                return false;
        }
    }

    private void End(string what)
    {
        Ended = true;
        Note($"the capture file '{name}' {what}: everything before was used");
    }

    private void Note(string problem) => Problem = Problem is null ? problem : $"{Problem}; {problem}";

    private static string Place(long position) => string.Create(CultureInfo.InvariantCulture, $"byte {position:N0}");
}
