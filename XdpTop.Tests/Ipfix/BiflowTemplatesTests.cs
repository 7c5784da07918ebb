using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Tests.Export;

namespace XdpTop.Tests.Ipfix;

public sealed class BiflowTemplatesTests
{
    private const uint Pen = 32473;
    private const uint ReversePen = 29305; // RFC 5103 section 6.1
    private static readonly FlowTemplates s_templates = new(FieldSelection.Default, RecordKind.Biflow);

    [Fact]
    public void A_decoder_finds_both_directions()
    {
        MessageWriter writer = MessageWriterTests.NewWriter(65535, s_templates);
        FlowRecord[] records = TestRecords.Random(200, seed: 1);
        for (int i = 0; i + 1 < records.Length; i += 2)
        {
            if (records[i].Key is { Protocol: 2, IpVersion: 4 })
                records[i].Key.Protocol = 17; // IGMP has no reverse
            records[i].HasReverse = true;
            (records[i + 1].Key.IpVersion, records[i + 1].Key.Protocol) = (records[i].Key.IpVersion, records[i].Key.Protocol);
            if (!writer.TryAddBiflow(in records[i], in records[i + 1], MessageWriterTests.IndexOf(in records[i])))
                Assert.Fail("no room");
        }
        DecodedMessage message = new IpfixDecoder().Decode(writer.Complete(DateTimeOffset.UnixEpoch).ToArray());
        Assert.Equal([.. KnownTemplates.Uniflows, .. KnownTemplates.Biflows], message.TemplateIds);
        Assert.Equal(100, message.Records.Count);
        for (int i = 0; i < 100; i++)
        {
            ref readonly FlowRecord record = ref records[2 * i];
            DecodedRecord decoded = message.Records[i];
            // The forward direction is as in a record of its own.
            MessageWriterTests.AssertEqual(in record, MessageWriterTests.IndexOf(in record), decoded with { TemplateId = decoded.TemplateId - 16 });
            Assert.Equal(1u, decoded.Number(239));
            AssertReverse(records[2 * i + 1], decoded);
        }
    }

    [Fact]
    public void Keys_and_interfaces_have_no_reverse_and_all_else_has()
    {
        foreach (Template template in s_templates.All.Where(template => template.Id >= 272))
        {
            IReadOnlyList<InformationElement> elements = template.Elements;
            int[] reversed = [.. elements.Where(e => e.EnterpriseNumber == ReversePen).Select(e => (int)e.Id).Order()];
            int options = template.Id % 2 == 0 ? 208 : 64;
            int[] tcp = (template.Id & 2) == 0 ? [6, 209] : [];
            Assert.Equal(
                ((int[])[1, 2, 5, 25, 26, 52, 53, 61, 136, 152, 153, 156, 157, 197, 352, options, .. tcp]).Order(), reversed);
            Assert.Equal([1, 2, 0x4001, 0x4002], elements.Where(e => e.EnterpriseNumber == Pen).Select(e => (int)e.Id).Order());
            Assert.Contains(elements, e => e.Name == "reversePayloadOctets");
            Assert.Equal(elements.Count, elements.Select(e => e.Name).Distinct().Count());
            Assert.InRange(template.RecordLength, 200, 400);
        }
    }

    private static void AssertReverse(FlowRecord record, DecodedRecord decoded)
    {
        Assert.Equal(record.Packets, decoded.Number(2, ReversePen));
        Assert.Equal(record.Octets, decoded.Number(1, ReversePen));
        Assert.Equal(record.Layer2Octets, decoded.Number(352, ReversePen));
        Assert.Equal(record.PayloadOctets, decoded.Number(0x4001, Pen));
        for (int bin = 0; bin < 8; bin++)
            Assert.Equal(record.LengthHistogram[bin], IpfixDecoder.Number(decoded.Bytes(0x4002, Pen), 4 * bin, 4));
        Assert.Equal(record.MinimumLength, decoded.Number(25, ReversePen));
        Assert.Equal(record.MaximumLength, decoded.Number(26, ReversePen));
        Assert.Equal(record.MinimumTtl, decoded.Number(52, ReversePen));
        Assert.Equal(record.MaximumTtl, decoded.Number(53, ReversePen));
        Assert.Equal(record.FragmentFlags, decoded.Number(197, ReversePen));
        Assert.Equal(record.ClassOfService, decoded.Number(5, ReversePen));
        if (decoded.Fields.ContainsKey((0, 6)))
            Assert.Equal((record.TcpFlags, record.TcpOptions), (decoded.Number(6, ReversePen), decoded.Number(209, ReversePen)));
        Assert.Equal(record.IpOptions, decoded.Number(record.Key.IpVersion == 4 ? 208 : 64, ReversePen));
        Assert.Equal(record.Start, decoded.Nanoseconds(156, ReversePen));
        Assert.Equal(record.End, decoded.Nanoseconds(157, ReversePen));
        Assert.Equal((ulong)(record.Start / 1_000_000), decoded.Number(152, ReversePen));
        Assert.Equal((ulong)(record.End / 1_000_000), decoded.Number(153, ReversePen));
        Assert.Equal((ulong)record.EndReason, decoded.Number(136, ReversePen));
        Assert.Equal(record.Key.Direction, decoded.Number(61, ReversePen));
    }
}
