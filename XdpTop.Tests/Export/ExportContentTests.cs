using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Tests.Ipfix;

namespace XdpTop.Tests.Export;

/// <summary>What collectors are told besides flows, as a decoder reads it.</summary>
public sealed class ExportContentTests
{
    private const uint Domain = 77;
    private static readonly ObservationPoint[] s_points = [new("eth9", 9) { Description = "uplink" }, new("größe", 12)];

    [Fact]
    public void Own_elements_have_their_type_semantics_units_range_and_name()
    {
        DecodedRecord[] types = Options(new ExportOptions { Records = RecordKind.WithByteDistribution }, 303);
        // RFC 5610: octetArray 0, unsigned64 4, float64 10; deltaCounter 3, quantity 1; bits 1, octets 2, packets 3.
        Assert.Equal(
            ["32473 1 4 3 2 0 0 payloadOctets", "32473 2 0 0 3 0 0 packetLengthHistogram",
             "32473 4 10 1 1 0 8 payloadEntropy", "32473 3 0 0 2 0 0 payloadByteDistribution"],
            types.Select(Text));
        Assert.Equal(
            ["1 payloadOctets", "2 packetLengthHistogram", "16385 reversePayloadOctets", "16386 reversePacketLengthHistogram"],
            Options(new ExportOptions { Records = RecordKind.Biflow }, 303).Select(record => $"{record.Number(303)} {record.Text(341)}"));
        Assert.Empty(Options(new ExportOptions { Fields = TemplateTests.Parse("standard") }, 303));

        static string Text(DecodedRecord record) =>
            $"{string.Join(' ', ((int[])[346, 303, 339, 344, 345, 342, 343]).Select(id => record.Number(id)))} {record.Text(341)}";
    }

    [Fact]
    public void Interfaces_have_their_names() =>
        Assert.Equal(
            ["9 eth9 uplink", "12 größe "],
            Options(new ExportOptions(), 82).Select(record => $"{record.Number(10)} {record.Text(82)} {record.Text(83)}"));

    [Fact]
    public void A_description_that_is_too_long_ends_with_a_whole_character()
    {
        string told = Assert.Single(Options([new("eth0", 1) { Description = "x" + new string('ß', 200) }])).Text(83);
        Assert.Equal("x" + new string('ß', 99), told); // 199 octets of 200
        static DecodedRecord[] Options(ObservationPoint[] points)
        {
            ExportContent content = new(new ExportOptions(), points);
            return [.. Decode(content, []).Where(record => record.Fields.ContainsKey((0, 83)))];
        }
    }

    [Fact]
    public void All_collectors_and_files_are_told_the_same_start()
    {
        DateTimeOffset start = DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_123);
        ExportContent content = new(new ExportOptions { StartTime = start }, s_points);
        DecodedRecord statistics = Decode(content, content.Statistics(default)).Single(record => record.Fields.ContainsKey((0, 160)));
        Assert.Equal(1_767_225_600_123ul, statistics.Number(160));
    }

    [Fact]
    public void Of_each_template_the_fields_of_the_flow_key_are_told()
    {
        DecodedRecord[] keys = Options(new ExportOptions { Fields = TemplateTests.Parse("minimal") }, 173);
        Assert.Equal(
            [(256ul, 0b11111ul), (257, 0b11111), (258, 0b1111), (259, 0b1111), (260, 0b111)],
            keys.Select(record => (record.Number(145), record.Number(173))));
    }

    [Fact]
    public void Sampling_is_told_where_there_is_any()
    {
        Assert.Empty(Options(new ExportOptions(), 304));
        DecodedRecord systematic = Assert.Single(Options(new ExportOptions { Sampling = new PacketSampling(100, IsRandom: false) }, 304));
        Assert.Equal((1ul, 1ul, 99ul), (systematic.Number(304), systematic.Number(305), systematic.Number(306)));
        DecodedRecord random = Assert.Single(Options(new ExportOptions { Sampling = new PacketSampling(8, IsRandom: true) }, 304));
        Assert.Equal((4ul, 0.125), (random.Number(304), BitConverter.UInt64BitsToDouble(random.Number(311))));
        Assert.Equal(random.Number(302), systematic.Number(302));
    }

    [Fact]
    public void The_interval_is_told_also_to_those_who_know_of_no_selector()
    {
        Assert.Empty(Options(new ExportOptions(), 34));
        foreach (bool isRandom in (bool[])[false, true])
        {
            DecodedRecord told = Assert.Single(Options(new ExportOptions { ObservationDomainId = Domain, Sampling = new PacketSampling(10, isRandom) }, 34));
            Assert.Equal((Domain, 10ul), (told.Number(149), told.Number(34)));
        }
    }

    [Fact]
    public void Statistics_say_what_was_exported_not_sent_ignored_dropped_and_sampled()
    {
        ExportOptions options = new()
        {
            ObservationDomainId = Domain,
            Sampling = new PacketSampling(10, IsRandom: false),
            Metering = () => new MeteringStatistics
            {
                IgnoredPackets = 1, IgnoredOctets = 2, DroppedPackets = 3, ObservedPackets = 40, SelectedPackets = 4, RecordsDropped = new Tally(5, 100, 1000),
            },
        };
        ExportContent content = new(options, s_points);
        DecodedRecord[] records = Decode(content, content.Statistics(new ExportStatistics
        {
            Messages = 6, FlowRecords = 7, Octets = 8, NotSentFlows = 9, NotSentPackets = 10, NotSentOctets = 11,
        }));
        ulong[] Values(int of, params int[] ids) => [.. ids.Select(id => records.Single(r => r.Fields.ContainsKey((0, of))).Number(id))];
        Assert.Equal([Domain, 6, 7, 8], Values(41, 149, 41, 42, 40));
        Assert.Equal([Domain, 1, 2, 3], Values(164, 149, 164, 165, 135));
        Assert.Equal([Domain, 14, 110, 1011], Values(166, 149, 166, 167, 168));
        Assert.Equal([40, 4], Values(318, 318, 319));
    }

    /// <summary>Announced records by Options Templates that have this element.</summary>
    private static DecodedRecord[] Options(ExportOptions options, int element)
    {
        ExportContent content = new(options, s_points);
        return [.. Decode(content, []).Where(record => record.Fields.ContainsKey((0, element)))];
    }

    private static DecodedRecord[] Decode(ExportContent content, IReadOnlyList<EncodedRecord> more)
    {
        MessageWriter writer = new(new byte[65535], Domain, content.Templates);
        Assert.All(content.Announcements.Concat(more), record => Assert.True(writer.TryAdd(record)));
        DecodedMessage message = new IpfixDecoder().Decode(writer.Complete(DateTimeOffset.UnixEpoch).ToArray());
        writer.Next();
        Assert.Equal(message.DataRecords, writer.SequenceNumber);
        return [.. message.Options];
    }
}
