using XdpTop.Ipfix;

namespace XdpTop.Tests.Ipfix;

public sealed class TemplateTests
{
    // As IANA's registry has them: name, id, and the octets of the abstract data type.
    private static readonly (string Name, int Id, int Length)[] s_registry =
    [
        ("octetDeltaCount", 1, 8), ("packetDeltaCount", 2, 8), ("protocolIdentifier", 4, 1), ("ipClassOfService", 5, 1),
        ("tcpControlBits", 6, 2), ("sourceTransportPort", 7, 2), ("sourceIPv4Address", 8, 4), ("ingressInterface", 10, 4),
        ("destinationTransportPort", 11, 2), ("destinationIPv4Address", 12, 4), ("egressInterface", 14, 4),
        ("minimumIpTotalLength", 25, 8), ("maximumIpTotalLength", 26, 8), ("sourceIPv6Address", 27, 16),
        ("destinationIPv6Address", 28, 16), ("icmpTypeCodeIPv4", 32, 2), ("igmpType", 33, 1), ("minimumTTL", 52, 1),
        ("maximumTTL", 53, 1), ("vlanId", 58, 2), ("flowDirection", 61, 1), ("ipv6ExtensionHeaders", 64, 4),
        ("flowEndReason", 136, 1), ("icmpTypeCodeIPv6", 139, 2), ("flowStartMilliseconds", 152, 8),
        ("flowEndMilliseconds", 153, 8), ("flowStartNanoseconds", 156, 8), ("flowEndNanoseconds", 157, 8),
        ("fragmentFlags", 197, 1), ("ipv4Options", 208, 4), ("tcpOptions", 209, 8), ("dot1qCustomerVlanId", 245, 2),
        ("layer2OctetDeltaCount", 352, 8),
    ];

    private static readonly int[] s_ofBothVersions =
        [1, 2, 4, 5, 6, 7, 10, 11, 14, 25, 26, 52, 53, 58, 61, 136, 152, 153, 156, 157, 197, 209, 245, 352];

    [Fact]
    public void Elements_are_those_of_the_registry()
    {
        foreach (InformationElement element in FlowTemplates.All.SelectMany(Elements).Where(e => e.EnterpriseNumber == 0))
        {
            (string name, _, int length) = Assert.Single(s_registry, entry => entry.Id == element.Id);
            Assert.Equal(name, element.Name);
            if (element.Id is 25 or 26)
                Assert.Equal(2, element.Length); // Reduced-Size Encoding
            else
                Assert.Equal(length, element.Length);
        }
    }

    [Fact]
    public void Each_IP_version_has_a_template_with_all_its_elements_once()
    {
        Assert.Equal(256, FlowTemplates.IPv4.Id);
        Assert.Equal(257, FlowTemplates.IPv6.Id);
        Assert.Equal([.. s_ofBothVersions.Concat([8, 12, 32, 33, 208]).Order()], IanaIds(FlowTemplates.IPv4));
        Assert.Equal([.. s_ofBothVersions.Concat([27, 28, 64, 139]).Order()], IanaIds(FlowTemplates.IPv6));
        foreach (Template template in FlowTemplates.All)
        {
            Assert.Equal(
                [(32473u, (ushort)1, (ushort)8), (32473u, (ushort)2, (ushort)32)],
                Elements(template).Where(e => e.EnterpriseNumber != 0)
                    .Select(e => (e.EnterpriseNumber, e.Id, e.Length)).OrderBy(e => e.Id));
        }
    }

    [Fact]
    public void A_template_record_tells_a_decoder_the_template()
    {
        MessageWriter writer = new(new byte[1000], 7);
        Assert.True(writer.TryAddTemplates(FlowTemplates.All));
        IpfixDecoder decoder = new();
        DecodedMessage message = decoder.Decode(writer.Complete(DateTimeOffset.UnixEpoch).ToArray());
        Assert.Equal([256, 257], message.TemplateIds);
        Assert.Equal(7u, message.ObservationDomainId);
        foreach (Template template in FlowTemplates.All)
        {
            Assert.Equal(
                Elements(template).Select(e => new FieldSpecifier(e.EnterpriseNumber, e.Id, e.Length)),
                decoder.Templates[template.Id]);
            Assert.Equal(template.RecordLength, decoder.Templates[template.Id].Sum(field => field.Length));
        }
    }

    private static IEnumerable<InformationElement> Elements(Template template) =>
        template.Fields.Select(field => field.Element);

    private static int[] IanaIds(Template template) =>
        [.. Elements(template).Where(e => e.EnterpriseNumber == 0).Select(e => (int)e.Id).Order()];
}
