using XdpTop.Packets;

namespace XdpTop.Tests.Capture;

public sealed class PcapFormatTests
{
    private const long Second = 1_000_000_000;
    private static readonly byte[] s_data = [.. Enumerable.Range(0, 60).Select(i => (byte)i)];
    private static readonly string s_hex = Convert.ToHexString(s_data);

    [Theory]
    [InlineData(false, 0xa1b2c3d4, 1000, 0)]
    [InlineData(true, 0xa1b2c3d4, 1000, 0)]
    [InlineData(false, 0xa1b23c4d, 1, 0)]
    [InlineData(true, 0xa1b23c4d, 1, 0)]
    [InlineData(false, 0xa1b2cd34, 1000, 8)]
    [InlineData(true, 0xa1b2cd34, 1000, 8)]
    public void Every_byte_order_and_magic_is_read(bool bigEndian, uint magic, int unit, int extra)
    {
        byte[] file = new CaptureFileBuilder(bigEndian).PcapHeader(113, magic)
            .PcapRecord(1_700_000_000, 999_999, s_data, extra: extra)
            .PcapRecord(0, 0, [], extra: extra)
            .PcapRecord(uint.MaxValue, 1, s_data[..20], length: 1514, extra: extra).ToArray();
        CaptureReader read = CaptureReader.Read(file);
        Assert.Equal(
            [
                new(LinkType.LinuxSll, s_hex, 60, 1_700_000_000 * Second + 999_999 * unit),
                new(LinkType.LinuxSll, "", 0, 0),
                new(LinkType.LinuxSll, s_hex[..40], 1514, uint.MaxValue * Second + unit),
            ],
            read.Packets);
        Assert.Null(read.Problem);
    }

    [Theory]
    [InlineData(1u, LinkType.Ethernet)]
    [InlineData(12u, LinkType.RawIp)]
    [InlineData(14u, LinkType.RawIp)]
    [InlineData(101u, LinkType.RawIp)]
    [InlineData(276u, LinkType.LinuxSll2)]
    [InlineData(0x0003_0001u, LinkType.Ethernet)]
    public void The_link_type_is_the_low_16_bits(uint value, object expected)
    {
        CaptureReader read = CaptureReader.Read(new CaptureFileBuilder().PcapHeader(value).PcapRecord(1, 1, s_data).ToArray());
        Assert.Equal((expected, 60u, (string?)null), (read.Packets[0].LinkType, read.Packets[0].WireOctets, read.Problem));
    }

    [Fact]
    public void Frames_of_an_unsupported_link_type_are_given_and_noted()
    {
        CaptureReader read = CaptureReader.Read(new CaptureFileBuilder().PcapHeader(105).PcapRecord(1, 1, s_data).ToArray());
        Assert.Equal((LinkType)105, Assert.Single(read.Packets).LinkType);
        Assert.Equal("the capture file 'x.pcap' has frames of link type 105, which cannot be read: they are counted as not IP", read.Problem);
    }

    [Fact]
    public void A_frame_check_sequence_is_no_part_of_the_frame()
    {
        byte[] file = new CaptureFileBuilder().PcapHeader(0x2400_0001)
            .PcapRecord(1, 1, s_data)
            .PcapRecord(1, 1, s_data, length: 62)
            .PcapRecord(1, 1, s_data, length: 1518)
            .PcapRecord(1, 1, s_data[..2]).ToArray();
        Assert.Equal(
            [(112, 56u), (116, 58u), (120, 1514u), (0, 0u)],
            CaptureReader.Read(file).Packets.Select(packet => (packet.Hex.Length, packet.WireOctets)));
    }

    [Fact]
    public void A_wire_length_below_the_captured_one_is_raised_to_it()
    {
        byte[] file = new CaptureFileBuilder().PcapHeader().PcapRecord(1, 1, s_data, length: 3).ToArray();
        Assert.Equal(60u, Assert.Single(CaptureReader.Read(file).Packets).WireOctets);
    }

    [Fact]
    public void A_packet_larger_than_the_snapshot_length_is_read_and_one_that_cannot_be_ends_the_file()
    {
        CaptureFileBuilder file = new CaptureFileBuilder().PcapHeader(snapLength: 96).PcapRecord(1, 1, s_data).PcapRecord(1, 1, new byte[262_144]);
        Assert.Equal(2, CaptureReader.Read(file.ToArray()).Packets.Count);
        CaptureReader read = CaptureReader.Read(file.PcapRecord(1, 1, s_data, captured: 262_145).PcapRecord(1, 1, s_data).ToArray());
        Assert.Equal(2, read.Packets.Count);
        Assert.Equal(
            "the capture file 'x.pcap' is damaged at byte 262,260, where a packet of 262145 octets is said to begin: everything before was used",
            read.Problem);
    }

    [Fact]
    public void Packets_larger_than_the_buffer_are_read_where_the_snapshot_length_allows_them()
    {
        byte[] large = new byte[5_000_000];
        new Random(1).NextBytes(large);
        byte[] file = new CaptureFileBuilder().PcapHeader(snapLength: 10_000_000)
            .PcapRecord(1, 1, s_data).PcapRecord(1, 1, large).PcapRecord(1, 1, s_data).ToArray();
        CaptureReader read = CaptureReader.Read(file);
        Assert.Equal([s_hex, Convert.ToHexString(large), s_hex], read.Packets.Select(packet => packet.Hex));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(100_000)]
    public void A_file_many_times_the_buffer_gives_the_same_in_batches_of_any_size(int batch)
    {
        Random random = new(3);
        CaptureFileBuilder file = new CaptureFileBuilder().PcapHeader();
        List<string> expected = [];
        for (int i = 0; i < 4000; i++)
        {
            byte[] data = new byte[random.Next(1515)];
            random.NextBytes(data);
            expected.Add(Convert.ToHexString(data));
            file.PcapRecord((uint)i, 0, data);
        }
        CaptureReader read = CaptureReader.Read(file.ToArray(), batch);
        Assert.Equal(expected, read.Packets.Select(packet => packet.Hex));
        Assert.Equal(Enumerable.Range(0, 4000).Select(i => i * Second), read.Packets.Select(packet => packet.Timestamp));
    }

    [Fact]
    public void A_file_cut_off_anywhere_gives_its_whole_packets_and_says_where_it_ends()
    {
        byte[] file = new CaptureFileBuilder().PcapHeader()
            .PcapRecord(1, 1, s_data).PcapRecord(2, 2, s_data[..9]).PcapRecord(3, 3, s_data[..1]).ToArray();
        int[] boundaries = [24, 24 + 76, 24 + 76 + 25, 24 + 76 + 25 + 17];
        Assert.Equal(boundaries[^1], file.Length);
        IReadOnlyList<CaptureReader.Packet> all = CaptureReader.Read(file).Packets;
        for (int length = 24; length <= file.Length; length++)
        {
            CaptureReader read = CaptureReader.Read(file[..length]);
            Assert.Equal(all.Take(boundaries.Count(boundary => boundary <= length) - 1), read.Packets);
            Assert.Equal(
                boundaries.Contains(length)
                    ? null
                    : $"the capture file 'x.pcap' is cut off at byte {length}, in the middle of a packet: everything before was used",
                read.Problem);
        }
    }
}
