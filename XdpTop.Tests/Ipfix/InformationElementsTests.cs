using XdpTop.Ipfix;

namespace XdpTop.Tests.Ipfix;

public sealed class InformationElementsTests
{
    // As IANA's registry has them, of each type, semantics and unit one at least.
    [Theory]
    [InlineData(1, "octetDeltaCount", 4, 3, 2, 8)]
    [InlineData(2, "packetDeltaCount", 4, 3, 3, 8)]
    [InlineData(4, "protocolIdentifier", 1, 4, 0, 1)]
    [InlineData(6, "tcpControlBits", 2, 5, 0, 2)]
    [InlineData(8, "sourceIPv4Address", 18, 0, 0, 4)]
    [InlineData(25, "minimumIpTotalLength", 4, 0, 2, 2)] // Reduced-Size Encoding
    [InlineData(27, "sourceIPv6Address", 19, 0, 0, 16)]
    [InlineData(41, "exportedMessageTotalCount", 4, 2, 10, 8)]
    [InlineData(42, "exportedFlowRecordTotalCount", 4, 2, 4, 8)]
    [InlineData(52, "minimumTTL", 1, 0, 11, 1)]
    [InlineData(82, "interfaceName", 13, 0, 0, 65535)]
    [InlineData(150, "flowStartSeconds", 14, 0, 5, 4)]
    [InlineData(152, "flowStartMilliseconds", 15, 0, 6, 8)]
    [InlineData(154, "flowStartMicroseconds", 16, 0, 7, 8)]
    [InlineData(156, "flowStartNanoseconds", 17, 0, 8, 8)]
    [InlineData(305, "samplingPacketInterval", 3, 1, 3, 4)]
    [InlineData(311, "samplingProbability", 10, 1, 0, 8)]
    public void An_element_is_what_the_registry_says(int id, string name, int type, int semantics, int units, int length)
    {
        InformationElement element = InformationElements.Find(name);
        Assert.Equal(
            (0u, id, type, semantics, units, length),
            (element.EnterpriseNumber, (int)element.Id, (int)element.Type, (int)element.Semantics, (int)element.Units, (int)element.Length));
    }

    /// <summary>All, by their names in the table.</summary>
    private static IEnumerable<InformationElement> All
    {
        get
        {
            using StreamReader table = new(typeof(InformationElements).Assembly.GetManifestResourceStream("elements.csv")!);
            return [.. table.ReadToEnd().TrimEnd().Split('\n')[1..].Select(line => InformationElements.Find(line.Split(',')[2]))];
        }
    }

    [Fact]
    public void Each_number_is_there_once_and_every_field_of_flows_has_its_element()
    {
        InformationElement[] all = [.. All];
        Assert.True(all.Length > 70);
        Assert.Equal(all.Length, all.Select(element => (element.EnterpriseNumber, element.Id)).Distinct().Count());
        Assert.All(FlowFields.All, field => Assert.Contains(InformationElements.Of(field), all));
        Assert.Equal((0ul, 8ul), InformationElements.Find("payloadEntropy").Range);
    }

    [Fact]
    public void Own_elements_have_the_one_enterprise_number() =>
        Assert.All(
            All.Where(element => element.EnterpriseNumber != 0),
            element => Assert.Equal(InformationElements.EnterpriseNumber, element.EnterpriseNumber));
}
