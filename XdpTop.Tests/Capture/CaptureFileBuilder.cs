using System.Buffers.Binary;

namespace XdpTop.Tests.Capture;

/// <summary>Makes pcap and pcapng files as byte arrays, in either byte order, sound or not as the caller says.</summary>
internal sealed class CaptureFileBuilder(bool bigEndian = false)
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public CaptureFileBuilder PcapHeader(uint linkType = 1, uint magic = 0xa1b2c3d4, uint snapLength = 65535) =>
        Add32(magic).Add16(2).Add16(4).Add32(0).Add32(0).Add32(snapLength).Add32(linkType);

    /// <param name="extra">What the modified format adds to the record's header.</param>
    public CaptureFileBuilder PcapRecord(
        uint seconds, uint fraction, byte[] data, uint? length = null, uint? captured = null, int extra = 0) =>
        Add32(seconds).Add32(fraction).Add32(captured ?? (uint)data.Length).Add32(length ?? (uint)data.Length)
            .Add(new byte[extra]).Add(data);

    public CaptureFileBuilder Section(ushort major = 1) =>
        Block(0x0a0d0d0a, body => body.Add32(0x1a2b3c4d).Add16(major).Add16(0).Add32(uint.MaxValue).Add32(uint.MaxValue));

    public CaptureFileBuilder Interface(
        ushort linkType = 1, uint snapLength = 0, byte? resolution = null, long? offset = null, byte? fcsLength = null) =>
        Block(1, body =>
        {
            body.Add16(linkType).Add16(0).Add32(snapLength).Option(2, "eth"u8.ToArray());
            if (resolution is { } r)
                body.Option(9, [r]);
            if (fcsLength is { } f)
                body.Option(13, [f]);
            if (offset is { } o)
                body.Option(14, new CaptureFileBuilder(bigEndian).Add32((uint)(bigEndian ? o >> 32 : o)).Add32((uint)(bigEndian ? o : o >> 32)).ToArray());
            body.Option(0, []);
        });

    public CaptureFileBuilder Enhanced(
        uint source, ulong ticks, byte[] data, uint? length = null, uint? captured = null, uint? flags = null) =>
        Block(6, body =>
        {
            body.Add32(source).Add32((uint)(ticks >> 32)).Add32((uint)ticks).Add32(captured ?? (uint)data.Length)
                .Add32(length ?? (uint)data.Length).Add(data).Pad();
            if (flags is { } f)
                body.Option(1, "a comment"u8.ToArray()).Option(2, new CaptureFileBuilder(bigEndian).Add32(f).ToArray()).Option(0, []);
        });

    public CaptureFileBuilder Obsolete(ushort source, ulong ticks, byte[] data) =>
        Block(2, body => body.Add16(source).Add16(0).Add32((uint)(ticks >> 32)).Add32((uint)ticks)
            .Add32((uint)data.Length).Add32((uint)data.Length).Add(data).Pad());

    public CaptureFileBuilder Simple(byte[] data, uint? length = null) =>
        Block(3, body => body.Add32(length ?? (uint)data.Length).Add(data).Pad());

    /// <param name="length">At the beginning and at the end, where it is not to be the right one.</param>
    public CaptureFileBuilder Block(uint type, Action<CaptureFileBuilder> write, uint? length = null, uint? trailer = null)
    {
        CaptureFileBuilder body = new(bigEndian);
        write(body);
        uint total = length ?? (uint)body._bytes.Count + 12;
        return Add32(type).Add32(total).Add(body.ToArray()).Add32(trailer ?? total);
    }

    public CaptureFileBuilder Option(ushort code, byte[] value) => Add16(code).Add16((ushort)value.Length).Add(value).Pad();

    public CaptureFileBuilder Pad() => Add(new byte[-_bytes.Count & 3]);

    public CaptureFileBuilder Add(byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public CaptureFileBuilder Add16(ushort value) =>
        Add(BitConverter.GetBytes(bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value));

    public CaptureFileBuilder Add32(uint value) =>
        Add(BitConverter.GetBytes(bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value));
}
