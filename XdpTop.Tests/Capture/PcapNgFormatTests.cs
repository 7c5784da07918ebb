using XdpTop.Capture;
using XdpTop.Packets;

namespace XdpTop.Tests.Capture;

public sealed class PcapNgFormatTests
{
    private static readonly byte[] s_data = [.. Enumerable.Range(0, 61).Select(i => (byte)i)];
    private static readonly string s_hex = Convert.ToHexString(s_data);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_packet_blocks_of_both_byte_orders_are_read_and_others_are_skipped(bool bigEndian)
    {
        byte[] file = new CaptureFileBuilder(bigEndian).Section().Interface(snapLength: 61).Interface(resolution: 9)
            .Enhanced(0, 1_700_000_000_123_456, s_data)
            .Block(5, body => body.Add(new byte[16]))
            .Enhanced(1, 1_700_000_000_123_456_789, s_data[..3], length: 1514, flags: 1)
            .Block(0x80000bad, body => body.Add(new byte[64]))
            .Block(4, _ => { })
            .Simple(s_data, length: 9000)
            .Simple(s_data[..5])
            .Obsolete(1, 7, s_data).ToArray();
        CaptureReader read = CaptureReader.Read(file);
        Assert.Equal(
            [
                new(LinkType.Ethernet, s_hex, 61, 1_700_000_000_123_456_000),
                new(LinkType.Ethernet, s_hex[..6], 1514, 1_700_000_000_123_456_789),
                new(LinkType.Ethernet, s_hex, 9000, 1_700_000_000_123_456_789),
                new(LinkType.Ethernet, s_hex[..10], 5, 1_700_000_000_123_456_789),
                new(LinkType.Ethernet, s_hex, 61, 7),
            ],
            read.Packets);
        Assert.Null(read.Problem);
    }

    [Fact]
    public void Sections_follow_one_another_each_with_its_interfaces_and_byte_order()
    {
        byte[] file =
        [
            .. new CaptureFileBuilder().Section().Interface(1).Enhanced(0, 1, s_data).ToArray(),
            .. new CaptureFileBuilder(true).Section().Interface(113).Interface(101).Enhanced(1, 2, s_data).ToArray(),
            .. new CaptureFileBuilder().Section().Enhanced(0, 3, s_data).ToArray(),
        ];
        CaptureReader read = CaptureReader.Read(file);
        Assert.Equal([LinkType.Ethernet, LinkType.RawIp], read.Packets.Select(packet => packet.LinkType));
        Assert.Contains("a packet of an interface that was not described (number 0) begins", read.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    public void A_batch_has_one_link_type(int batch)
    {
        CaptureFileBuilder file = new CaptureFileBuilder().Section().Interface(1).Interface(276).Interface(12).Interface(147);
        uint[] sources = [0, 0, 1, 1, 1, 0, 2, 0, 1, 2, 3, 3, 0];
        foreach (uint source in sources)
            file.Enhanced(source, source, s_data);
        LinkType[] linkTypes = [LinkType.Ethernet, LinkType.LinuxSll2, LinkType.RawIp, (LinkType)147];
        CaptureReader read = CaptureReader.Read(file.ToArray(), batch);
        Assert.Equal(sources.Select(source => linkTypes[source]), read.Packets.Select(packet => packet.LinkType));
        Assert.Equal(sources.Select(source => source * 1000L), read.Packets.Select(packet => packet.Timestamp));
        Assert.Contains("link type 147", read.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 5ul, 0L, 5_000L)]
    [InlineData(0, 5ul, 0L, 5_000_000_000L)]
    [InlineData(9, 5ul, 0L, 5L)]
    [InlineData(12, 5_999ul, 0L, 5L)]
    [InlineData(28, 18_446_744_073_709_551_615ul, 0L, 1L)]
    [InlineData(29, 18_446_744_073_709_551_615ul, 0L, 0L)]
    [InlineData(127, 18_446_744_073_709_551_615ul, 0L, 0L)]
    [InlineData(0x80 | 10, 1025ul, 0L, 1_000_976_562L)]
    [InlineData(0x80 | 32, (1ul << 32) + (1ul << 31), 0L, 1_500_000_000L)]
    [InlineData(0x80 | 63, 1ul << 63, 0L, 1_000_000_000L)]
    [InlineData(0x80 | 127, ulong.MaxValue, 0L, 0L)]
    [InlineData(0x80, 3ul, 0L, 3_000_000_000L)]
    [InlineData(6, 5ul, 7L, 7_000_005_000L)]
    [InlineData(6, 9_000_000ul, -7L, 2_000_000_000L)]
    [InlineData(6, 5ul, -7L, 0L)]
    [InlineData(6, 5ul, long.MinValue, 0L)]
    [InlineData(6, 5ul, long.MaxValue, CaptureFormat.LatestTimestamp)]
    [InlineData(0, ulong.MaxValue, 0L, CaptureFormat.LatestTimestamp)]
    [InlineData(0, ulong.MaxValue, -1L, CaptureFormat.LatestTimestamp)]
    [InlineData(6, ulong.MaxValue, 0L, CaptureFormat.LatestTimestamp)]
    [InlineData(9, ulong.MaxValue, 0L, CaptureFormat.LatestTimestamp)]
    public void Timestamps_of_every_resolution_and_offset_are_nanoseconds(int resolution, ulong ticks, long offset, long expected)
    {
        foreach (bool bigEndian in new[] { false, true })
        {
            byte[] file = new CaptureFileBuilder(bigEndian).Section()
                .Interface(resolution: (byte)resolution, offset: offset == 0 ? null : offset).Enhanced(0, ticks, s_data).ToArray();
            Assert.Equal(expected, Assert.Single(CaptureReader.Read(file).Packets).Timestamp);
        }
    }

    [Fact]
    public void A_frame_check_sequence_is_no_part_of_the_frame()
    {
        byte[] file = new CaptureFileBuilder().Section().Interface(fcsLength: 4).Interface(fcsLength: 32).Interface()
            .Enhanced(0, 1, s_data).Enhanced(1, 1, s_data, length: 63)
            .Enhanced(2, 1, s_data, flags: 4 << 5).Enhanced(2, 1, s_data, flags: 1).Enhanced(0, 1, s_data, flags: 2 << 5).ToArray();
        Assert.Equal(
            [(57, 57u), (59, 59u), (57, 57u), (61, 61u), (59, 59u)],
            CaptureReader.Read(file).Packets.Select(packet => (packet.Hex.Length / 2, packet.WireOctets)));
    }

    [Fact]
    public void A_block_longer_than_the_buffer_is_skipped()
    {
        byte[] file = new CaptureFileBuilder().Section().Interface().Enhanced(0, 1, s_data)
            .Block(0x0000_000a, body => body.Add(new byte[6_000_000])).Enhanced(0, 2, s_data).ToArray();
        Assert.Equal(2, CaptureReader.Read(file).Packets.Count);
    }

    [Fact]
    public void A_file_cut_off_anywhere_gives_its_whole_packets()
    {
        CaptureFileBuilder builder = new CaptureFileBuilder(true).Section().Interface(resolution: 9);
        List<int> ends = [];
        HashSet<int> boundaries = [28, builder.ToArray().Length];
        for (int i = 0; i < 3; i++)
        {
            builder.Enhanced(0, (ulong)i, s_data[..(20 + i)], flags: 1);
            ends.Add(builder.ToArray().Length);
        }
        byte[] file = builder.ToArray();
        IReadOnlyList<CaptureReader.Packet> all = CaptureReader.Read(file).Packets;
        for (int length = 4; length <= file.Length; length++)
        {
            CaptureReader read = CaptureReader.Read(file[..length]);
            Assert.Equal(all.Take(ends.Count(end => end <= length)), read.Packets);
            string cutOff = $"the capture file 'x.pcap' is cut off at byte {length}, in the middle of a block: everything before was used";
            Assert.Equal(boundaries.Contains(length) || ends.Contains(length) ? null : cutOff, read.Problem);
        }
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "zero length", "a block of 0 octets is said to begin" },
        { "short length", "a block of 11 octets is said to begin" },
        { "huge length", "a block of 4294967295 octets is said to begin" },
        { "trailer", "a block does not end as it begins" },
        { "captured", "a packet is longer than its block" },
        { "short packet", "a packet block is too short" },
        { "short simple packet", "a packet block is too short" },
        { "short interface", "an interface description is too short" },
        { "short section", "a section header is too short" },
        { "byte order", "a section has no byte order" },
        { "version", "a section of the unknown version 2 begins" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_block_ends_the_file_and_what_is_before_it_is_used(string damage, string what)
    {
        CaptureFileBuilder file = new CaptureFileBuilder().Section().Interface().Enhanced(0, 1, s_data);
        int position = file.ToArray().Length;
        _ = damage switch
        {
            "zero length" => file.Block(6, body => body.Add(new byte[40]), length: 0),
            "short length" => file.Block(6, body => body.Add(new byte[40]), length: 11),
            "huge length" => file.Block(6, body => body.Add(new byte[40]), length: uint.MaxValue),
            "trailer" => file.Block(6, body => body.Add(new byte[40]), trailer: 40),
            "captured" => file.Enhanced(0, 1, s_data, captured: uint.MaxValue),
            "short packet" => file.Block(6, body => body.Add(new byte[16])),
            "short simple packet" => file.Block(3, _ => { }),
            "short interface" => file.Block(1, body => body.Add(new byte[4])),
            "short section" => file.Block(0x0a0d0d0a, body => body.Add32(0x1a2b3c4d)),
            "byte order" => file.Block(0x0a0d0d0a, body => body.Add(new byte[16])),
            _ => file.Section(major: 2),
        };
        CaptureReader read = CaptureReader.Read(file.Enhanced(0, 1, s_data).ToArray());
        Assert.Equal(s_hex, Assert.Single(read.Packets).Hex);
        Assert.Equal($"the capture file 'x.pcap' is damaged at byte {position}, where {what}: everything before was used", read.Problem);
    }
}
