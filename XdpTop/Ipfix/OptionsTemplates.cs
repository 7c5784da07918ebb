namespace XdpTop.Ipfix;

/// <summary>What xdptop says to collectors besides flows.</summary>
internal static class OptionsTemplates
{
    /// <summary>RFC 7011 section 4.1: what was exported to this collector.</summary>
    public static readonly OptionsTemplate Exported = new(512, ["observationDomainId"],
        ["exportedMessageTotalCount", "exportedFlowRecordTotalCount", "exportedOctetTotalCount"]);

    /// <summary>RFC 7011 section 4.2: what was received and not metered, or never received.</summary>
    public static readonly OptionsTemplate MeteringReliability = new(513, ["observationDomainId"],
        ["ignoredPacketTotalCount", "ignoredOctetTotalCount", "droppedPacketTotalCount", "systemInitTimeMilliseconds"]);

    /// <summary>RFC 7011 section 4.3: what was metered and did not reach this collector.</summary>
    public static readonly OptionsTemplate ExportingReliability = new(514, ["observationDomainId"],
        ["notSentFlowTotalCount", "notSentPacketTotalCount", "notSentOctetTotalCount"]);

    /// <summary>RFC 7011 section 4.4: which fields of a Template are of the Flow Key.</summary>
    public static readonly OptionsTemplate FlowKeys = new(515, ["templateId"], ["flowKeyIndicator"]);

    /// <summary>The names behind ingressInterface and egressInterface.</summary>
    public static readonly OptionsTemplate Interfaces = new(516, ["ingressInterface"], ["interfaceName", "interfaceDescription"]);

    /// <summary>
    /// RFC 5610 section 3.9: what the elements are that are not in IANA's registry. libfixbuf takes it only with a description,
    /// and before the Templates that have the elements.
    /// </summary>
    public static readonly OptionsTemplate ElementTypes = new(517, ["privateEnterpriseNumber", "informationElementId"],
        ["informationElementDataType", "informationElementSemantics", "informationElementUnits", "informationElementRangeBegin",
         "informationElementRangeEnd", "informationElementName", "informationElementDescription"]);

    /// <summary>RFC 5476 section 6.5.2.1: packets taken by their count.</summary>
    public static readonly OptionsTemplate SystematicSampling = new(518, ["selectorId"],
        ["selectorAlgorithm", "samplingPacketInterval", "samplingPacketSpace"]);

    /// <summary>RFC 5476 section 6.5.2.4: packets taken at random.</summary>
    public static readonly OptionsTemplate RandomSampling = new(519, ["selectorId"], ["selectorAlgorithm", "samplingProbability"]);

    /// <summary>
    /// Of how many packets one was taken, for collectors that know nothing of Selectors, or of probabilities. IANA deprecates
    /// the element, and names samplingAlgorithm (35) beside it; nfcapd 1.7.1 takes it without that one alone.
    /// </summary>
    public static readonly OptionsTemplate SamplingInterval = new(521, ["observationDomainId"], ["samplingInterval"]);

    /// <summary>After RFC 5476 section 6.5.3: of how many packets how many were taken.</summary>
    public static readonly OptionsTemplate SelectorStatistics = new(520, ["selectorId"],
        ["selectorIdTotalPktsObserved", "selectorIdTotalPktsSelected"]);
}
