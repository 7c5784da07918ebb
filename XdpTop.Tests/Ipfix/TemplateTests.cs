using XdpTop.Ipfix;

namespace XdpTop.Tests.Ipfix;

public sealed class TemplateTests
{
    private static readonly int[] s_ofAll = [1, 2, 4, 5, 10, 14, 25, 26, 52, 53, 61, 136, 152, 153, 156, 157, 197, 352];

    private static readonly FlowTemplates s_full = new(FieldSelection.Default, RecordKind.Plain);

    [Theory]
    [InlineData(256, new[] { 8, 12, 208, 7, 11, 6, 209 })]
    [InlineData(257, new[] { 27, 28, 64, 7, 11, 6, 209 })]
    [InlineData(258, new[] { 8, 12, 208, 32 })]
    [InlineData(259, new[] { 27, 28, 64, 139 })]
    [InlineData(260, new[] { 8, 12, 208, 33 })]
    [InlineData(264, new[] { 8, 12, 208, 7, 11, 6, 209, 58, 245 })]
    [InlineData(267, new[] { 27, 28, 64, 139, 58, 245 })]
    public void Each_kind_of_flow_has_a_template_with_all_its_elements_once(int id, int[] own)
    {
        Template template = s_full.All.Single(template => template.Id == id);
        Assert.Equal([.. s_ofAll.Concat(own).Order()], IanaIds(template));
        Assert.Equal(
            [(32473u, (ushort)1, (ushort)8), (32473u, (ushort)2, (ushort)32)],
            template.Elements.Where(e => e.EnterpriseNumber != 0).Select(e => (e.EnterpriseNumber, e.Id, e.Length)).OrderBy(e => e.Id));
    }

    [Fact]
    public void A_template_record_tells_a_decoder_the_template()
    {
        IpfixDecoder decoder = new();
        DecodedMessage message = decoder.Decode(
            MessageWriterTests.NewWriter(4000, s_full, domain: 7).Complete(DateTimeOffset.UnixEpoch).ToArray());
        Assert.Equal(KnownTemplates.Uniflows, message.TemplateIds);
        Assert.Equal(7u, message.ObservationDomainId);
        foreach (Template template in s_full.All)
        {
            Assert.Equal(
                template.Elements.Select(e => new FieldSpecifier(e.EnterpriseNumber, e.Id, e.Length)), decoder.Templates[template.Id]);
            Assert.Equal(template.RecordLength, decoder.Templates[template.Id].Sum(field => field.Length));
        }
    }

    [Fact]
    public void Kinds_that_a_selection_does_not_tell_apart_share_a_template()
    {
        Assert.Equal([256, 257, 258, 259, 260], new FlowTemplates(Parse("minimal"), RecordKind.Plain).All.Select(template => template.Id));
        Template one = Assert.Single(new FlowTemplates(Parse("octetDeltaCount,protocolIdentifier"), RecordKind.Plain).All);
        Assert.Equal(["octetDeltaCount", "protocolIdentifier"], one.Elements.Select(element => element.Name));
    }

    [Fact]
    public void Minimal_has_milliseconds_and_the_others_nanoseconds_too()
    {
        string[] Names(string selection) =>
            [.. new FlowTemplates(Parse(selection), RecordKind.Plain).All.First().Elements.Select(element => element.Name)];
        Assert.Equal(
            ["sourceIPv4Address", "destinationIPv4Address", "sourceTransportPort", "destinationTransportPort", "protocolIdentifier",
             "packetDeltaCount", "octetDeltaCount", "tcpControlBits", "flowStartMilliseconds", "flowEndMilliseconds"], Names("minimal"));
        Assert.All(["flowStartNanoseconds", "flowEndNanoseconds", "flowStartMilliseconds"], name => Assert.Contains(name, Names("standard")));
        Assert.Equal([], Names("minimal").Except(Names("standard")));
        Assert.Equal([], Names("standard").Except(Names("full")));
        Assert.DoesNotContain("packetLengthHistogram", Names("standard"));
    }

    [Theory]
    [InlineData("octetdeltacount", "the nearest is 'octetDeltaCount'")]
    [InlineData("sourceIpAddress", "the nearest is 'sourceIPv4Address'")]
    [InlineData("packetDeltaCount,flowStartMilisecond", "the nearest is 'flowStartMilliseconds'")]
    [InlineData("ful", "the nearest is 'full'")]
    [InlineData("", "the nearest is")]
    [InlineData("octetDeltaCount,", "the nearest is")]
    [InlineData("exportedOctetTotalCount", "the nearest is")] // an element, but none of flows
    [InlineData("reverseOctetDeltaCount", "--biflow adds")]
    [InlineData("vlanId,vlanId", "twice")]
    [InlineData("payloadEntropy", "--byte-distribution")]
    [InlineData("vlanId,igmpType", "no element that all flows have")]
    [InlineData("interfaceName", "no element that all flows have")]
    public void What_is_no_selection_is_refused_with_what_could_be_meant(string text, string reason)
    {
        Assert.False(FieldSelection.TryParse(text, byteDistribution: false, out _, out string sentence));
        Assert.Contains(reason, sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_is_what_text_has_too_in_the_same_order()
    {
        FieldSelection list = Parse("flowEndMilliseconds,interfaceName,egressInterface,sourceIPv6Address");
        Assert.Equal([FlowField.FlowEndMilliseconds, FlowField.InterfaceName, FlowField.EgressInterface, FlowField.SourceIPv6Address], list.Text);
        Assert.Equal(list.Text.Except([FlowField.InterfaceName]), list.Ipfix);
    }

    internal static FieldSelection Parse(string text)
    {
        Assert.True(FieldSelection.TryParse(text, byteDistribution: false, out FieldSelection? selection, out string reason), reason);
        return selection;
    }

    private static int[] IanaIds(Template template) =>
        [.. template.Elements.Where(e => e.EnterpriseNumber == 0).Select(e => (int)e.Id).Order()];
}
