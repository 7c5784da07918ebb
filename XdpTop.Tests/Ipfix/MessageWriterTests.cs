using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Tests.Export;

namespace XdpTop.Tests.Ipfix;

public sealed class MessageWriterTests
{
    private const uint Pen = 32473;
    private static readonly FlowTemplates s_templates = new(FieldSelection.Default, RecordKind.Plain);
    private static readonly DateTimeOffset s_exportTime = new(2026, 5, 6, 7, 8, 9, TimeSpan.Zero);

    [Fact]
    public void A_decoder_finds_in_the_messages_what_was_in_the_records()
    {
        FlowRecord[] records = TestRecords.Random(2000, seed: 1);
        IpfixDecoder decoder = new();
        DecodedRecord[] decoded = [.. Write(records, 1420).SelectMany(m => decoder.Decode(m).Records)];
        Assert.Equal(records.Length, decoded.Length);
        for (int i = 0; i < records.Length; i++)
            AssertEqual(in records[i], IndexOf(in records[i]), decoded[i]);
    }

    [Theory]
    [InlineData(464)]
    [InlineData(1232)]
    [InlineData(1420)]
    [InlineData(65535)]
    public void No_message_is_longer_than_allowed_and_none_could_have_held_one_record_more(int maximumLength)
    {
        FlowRecord[] records = TestRecords.Random(3000, seed: maximumLength);
        IpfixDecoder decoder = new();
        DecodedMessage[] messages = [.. Write(records, maximumLength).Select(decoder.Decode)];
        Assert.All(messages, message => Assert.InRange(message.Length, 17, maximumLength));
        int longestRecord = s_templates.All.Max(template => template.RecordLength) + 4;
        Assert.All(messages[..^1], message => Assert.True(message.Length + longestRecord > maximumLength));
        Assert.Equal(records.Length, messages.Sum(message => message.Records.Count));
    }

    [Fact]
    public void The_sequence_number_counts_the_data_records_of_the_messages_before()
    {
        IpfixDecoder decoder = new();
        uint expected = 0;
        foreach (byte[] bytes in Write(TestRecords.Random(1000, seed: 2), 1000))
        {
            DecodedMessage message = decoder.Decode(bytes);
            Assert.Equal(expected, message.SequenceNumber);
            Assert.Equal(s_exportTime.ToUnixTimeSeconds(), message.ExportTime);
            Assert.Equal(99u, message.ObservationDomainId);
            expected += message.DataRecords;
        }
        Assert.Equal(1000u, expected);
    }

    [Fact]
    public void Completing_a_message_twice_gives_the_same_and_a_record_can_still_be_added()
    {
        MessageWriter writer = NewWriter(2000);
        FlowRecord record = TestRecords.Tcp();
        Assert.True(writer.TryAddRecord(in record, 1));
        byte[] first = writer.Complete(s_exportTime).ToArray();
        Assert.Equal(first, writer.Complete(s_exportTime).ToArray());
        Assert.True(writer.TryAddRecord(in record, 1));
        Assert.Equal(2, new IpfixDecoder().Decode(writer.Complete(s_exportTime).ToArray()).Records.Count);
    }

    [Fact]
    public void Each_options_template_has_a_set_of_its_own()
    {
        MessageWriter writer = new(new byte[1000], 99, s_templates);
        Assert.True(writer.TryAdd(OptionsTemplates.FlowKeys.Record));
        Assert.True(writer.TryAdd(OptionsTemplates.Exported.Record));
        byte[] message = writer.Complete(s_exportTime).ToArray();
        // Set 3 of 4 + 6 + 2 * 4 octets, then another one.
        Assert.Equal((3ul, 18ul), (IpfixDecoder.Number(message, 16, 2), IpfixDecoder.Number(message, 18, 2)));
        Assert.Equal((3ul, 26ul), (IpfixDecoder.Number(message, 34, 2), IpfixDecoder.Number(message, 36, 2)));
        Assert.Equal(16 + 18 + 26, message.Length);
    }

    [Theory]
    [InlineData(0L, 0x83AA7E8000000000UL)] // 1970 is 2,208,988,800 s after 1900
    [InlineData(1_500_000_000L, 0x83AA7E8180000000UL)]
    [InlineData(-1_000_000_000L, 0x83AA7E7F00000000UL)]
    [InlineData(2_085_978_496_000_000_000L, 0UL)] // the era's end, in February 2036
    public void Nanoseconds_become_NTP_timestamps(long nanoseconds, ulong ntp) =>
        Assert.Equal(ntp, Timestamps.ToNtp(nanoseconds));

    [Fact]
    public void An_NTP_timestamp_gives_back_the_nanosecond_whether_rounded_or_cut()
    {
        Random random = new(3);
        for (int i = 0; i < 10_000; i++)
        {
            long nanoseconds = i == 0 ? 999_999_999 : random.NextInt64(1_000_000_000);
            ulong fraction = Timestamps.ToNtp(nanoseconds) & uint.MaxValue;
            Assert.Equal(nanoseconds, (long)((UInt128)fraction * 1_000_000_000 >> 32));
            Assert.Equal(nanoseconds, (long)Math.Round(fraction * 1e9 / 4294967296.0));
        }
    }

    internal static uint IndexOf(in FlowRecord record) => 10u + record.ObservationPoint;

    internal static void AssertEqual(in FlowRecord record, uint interfaceIndex, DecodedRecord decoded)
    {
        FlowKey key = record.Key;
        bool isIPv4 = key.IpVersion == 4;
        int id = TemplateIdOf(in record);
        Assert.Equal(id, decoded.TemplateId);
        bool isIcmp = (id & 2) != 0, isIgmp = (id & 4) != 0;
        Assert.Equal(key.Source.Bytes(key.IpVersion).ToArray(), decoded.Bytes(isIPv4 ? 8 : 27));
        Assert.Equal(key.Destination.Bytes(key.IpVersion).ToArray(), decoded.Bytes(isIPv4 ? 12 : 28));
        Assert.Equal(record.IpOptions, decoded.Number(isIPv4 ? 208 : 64));
        // Ports, or ICMP's type and code, or IGMP's type, and never two of them; TCP's fields with ports alone.
        Assert.Equal(isIcmp, decoded.Fields.ContainsKey((0, isIPv4 ? 32 : 139)));
        Assert.Equal(isIgmp, decoded.Fields.ContainsKey((0, 33)));
        Assert.All([7, 11, 6, 209], element => Assert.Equal(!isIcmp && !isIgmp, decoded.Fields.ContainsKey((0, element))));
        Assert.All([58, 245], element => Assert.Equal(key.OuterVlan != 0, decoded.Fields.ContainsKey((0, element))));
        if (isIcmp)
            Assert.Equal(key.DestinationPort, decoded.Number(isIPv4 ? 32 : 139));
        else if (isIgmp)
            Assert.Equal(key.DestinationPort / 256u, decoded.Number(33));
        else
        {
            Assert.Equal((key.SourcePort, key.DestinationPort), (decoded.Number(7), decoded.Number(11)));
            Assert.Equal((record.TcpFlags, record.TcpOptions), (decoded.Number(6), decoded.Number(209)));
        }
        if (key.OuterVlan != 0)
            Assert.Equal((key.OuterVlan % 4096u, key.InnerVlan % 4096u), (decoded.Number(58), decoded.Number(245)));
        Assert.Equal(key.Protocol, decoded.Number(4));
        Assert.Equal(key.Direction == 0 ? interfaceIndex : 0, decoded.Number(10));
        Assert.Equal(key.Direction == 1 ? interfaceIndex : 0, decoded.Number(14));
        Assert.Equal(key.Direction, decoded.Number(61));
        Assert.Equal(record.Packets, decoded.Number(2));
        Assert.Equal(record.Octets, decoded.Number(1));
        Assert.Equal(record.Layer2Octets, decoded.Number(352));
        Assert.Equal(record.PayloadOctets, decoded.Number(1, Pen));
        for (int bin = 0; bin < 8; bin++)
            Assert.Equal(record.LengthHistogram[bin], IpfixDecoder.Number(decoded.Bytes(2, Pen), 4 * bin, 4));
        Assert.Equal(record.MinimumLength, decoded.Number(25));
        Assert.Equal(record.MaximumLength, decoded.Number(26));
        Assert.Equal(record.MinimumTtl, decoded.Number(52));
        Assert.Equal(record.MaximumTtl, decoded.Number(53));
        Assert.Equal(record.FragmentFlags, decoded.Number(197));
        Assert.Equal(record.ClassOfService, decoded.Number(5));
        Assert.Equal(record.Start, decoded.Nanoseconds(156));
        Assert.Equal(record.End, decoded.Nanoseconds(157));
        Assert.Equal((ulong)(record.Start / 1_000_000), decoded.Number(152));
        Assert.Equal((ulong)(record.End / 1_000_000), decoded.Number(153));
        Assert.Equal((ulong)record.EndReason, decoded.Number(136));
    }

    /// <summary>A writer that has written all Templates.</summary>
    internal static MessageWriter NewWriter(int length, FlowTemplates? templates = null, uint domain = 99)
    {
        MessageWriter writer = new(new byte[length], domain, templates ?? s_templates);
        Assert.All((templates ?? s_templates).All, template => Assert.True(writer.TryAdd(template.Record)));
        return writer;
    }

    /// <summary>That of the record's kind, by the README's table.</summary>
    internal static int TemplateIdOf(in FlowRecord record)
    {
        FlowKey key = record.Key;
        int id = key.IpVersion == 4 ? 256 : 257;
        if (key.Protocol == (key.IpVersion == 4 ? 1 : 58))
            id += 2;
        if (key.Protocol == 2 && key.IpVersion == 4)
            id += 4;
        return id + (key.OuterVlan != 0 ? 8 : 0);
    }

    private static List<byte[]> Write(FlowRecord[] records, int maximumLength)
    {
        MessageWriter writer = new(new byte[65535], 99, s_templates) { MaximumLength = maximumLength };
        List<byte[]> messages = [];
        foreach (Template template in s_templates.All)
        {
            if (writer.TryAdd(template.Record))
                continue;
            messages.Add(writer.Complete(s_exportTime).ToArray());
            writer.Next();
            Assert.True(writer.TryAdd(template.Record));
        }
        foreach (ref readonly FlowRecord record in records.AsSpan())
        {
            if (writer.TryAddRecord(in record, IndexOf(in record)))
                continue;
            messages.Add(writer.Complete(s_exportTime).ToArray());
            writer.Next();
            Assert.True(writer.TryAddRecord(in record, IndexOf(in record)));
        }
        messages.Add(writer.Complete(s_exportTime).ToArray());
        return messages;
    }
}
