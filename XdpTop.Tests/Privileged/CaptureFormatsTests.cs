using System.Globalization;
using XdpTop.Capture;
using XdpTop.Packets;
using XdpTop.Tests.Capture;
using XdpTop.Tests.Captures;

namespace XdpTop.Tests.Privileged;

/// <summary>The reader of capture files against files that Wireshark's programs wrote, and what tshark reads in them.</summary>
public sealed class CaptureFormatsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-captures").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("pcap")]
    [InlineData("nsecpcap")]
    [InlineData("modpcap")]
    [InlineData("pcapng")]
    public void A_file_in_each_format_is_read_as_tshark_reads_it(string format)
    {
        string converted = PathOf(format);
        CaptureTools.Run("editcap", "-F", format, Write("nasty", NastyCapture.ToPcap(NastyCapture.Make(2, 3000))), converted);
        Compare(converted, 3000);
    }

    [Fact]
    public void A_merged_file_with_two_link_types_is_read_as_tshark_reads_it()
    {
        IReadOnlyList<CapturedPacket> packets = NastyCapture.Make(3, 300);
        CaptureFileBuilder cooked = new CaptureFileBuilder(bigEndian: true).PcapHeader(113);
        foreach (CapturedPacket packet in packets)
            cooked.PcapRecord((uint)(packet.Timestamp / 1_000_000_000), 500_000, [.. new byte[16], .. packet.Bytes]);
        string merged = PathOf("merged");
        CaptureTools.Run("mergecap", "-w", merged, Write("ethernet", NastyCapture.ToPcap(packets)), Write("cooked", cooked.ToArray()));
        CaptureReader read = Compare(merged, 600);
        Assert.Equal(packets.Count, read.Packets.Count(packet => packet.LinkType == LinkType.LinuxSll));
    }

    private static CaptureReader Compare(string path, int atLeast)
    {
        using PcapSource source = PcapSource.Open(path);
        CaptureReader read = CaptureReader.Read(source);
        Assert.Null(read.Problem);
        Assert.True(read.Packets.Count >= atLeast);
        var fields = CaptureTools.Fields(path, "frame.time_epoch", "frame.len", "frame.cap_len");
        Assert.Equal(
            fields.Select(packet => (Nanoseconds(packet["frame.time_epoch"]), packet["frame.len"], packet["frame.cap_len"])),
            read.Packets.Select(packet => (packet.Timestamp, $"{packet.WireOctets}", $"{packet.Hex.Length / 2}")));
        return read;
    }

    private static long Nanoseconds(string epoch) => (long)(decimal.Parse(epoch, CultureInfo.InvariantCulture) * 1_000_000_000m);

    private string PathOf(string name) => Path.Combine(_directory, name);

    private string Write(string name, byte[] file)
    {
        File.WriteAllBytes(PathOf(name), file);
        return PathOf(name);
    }
}
