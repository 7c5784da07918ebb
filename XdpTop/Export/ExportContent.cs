using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>
/// What goes into the messages of all collectors and files: the Templates of flows, what is sent along with them, and
/// statistics. Any thread.
/// </summary>
internal sealed class ExportContent
{
    /// <summary>The one Selector (RFC 5476 section 3.2) of the Observation Domain.</summary>
    private const uint SelectorId = 1;

    // selectorAlgorithm (304).
    private const ushort SystematicCountBased = 1;
    private const ushort UniformProbabilistic = 4;

    private readonly ExportOptions _options;
    private readonly IReadOnlyList<ObservationPoint> _observationPoints;
    private readonly IReadOnlyList<EncodedRecord> _fixed;

    public ExportContent(ExportOptions options, IReadOnlyList<ObservationPoint> observationPoints)
    {
        _options = options;
        _observationPoints = observationPoints;
        Templates = new FlowTemplates(options.Fields, options.Records);
        _fixed =
        [
            .. Templates.All.Select(template => template.Record),
            .. OptionsTemplatesInUse.Select(template => template.Record),
            .. Templates.All.Select(template => OptionsTemplates.FlowKeys.RecordOf(template.Id, template.FlowKeyIndicator)),
            .. OwnElements.Select(DescriptionOf),
            .. options.Sampling.IsOn ? DescriptionsOf(options.Sampling) : [],
        ];
    }

    public FlowTemplates Templates { get; }

    /// <summary>
    /// Templates, Options Templates, and what is said of elements, sampling and, as of now, interfaces: sent first, and
    /// again with Templates.
    /// </summary>
    public IEnumerable<EncodedRecord> Announcements => _fixed.Concat(Interfaces);

    /// <summary>What is said of the interfaces, as of now.</summary>
    public IEnumerable<EncodedRecord> Interfaces =>
        _observationPoints.Select(point => OptionsTemplates.Interfaces.RecordOf(point.Index, point.Name, point.Description));

    /// <summary>Another number once one of the interfaces has another ifIndex.</summary>
    public int InterfacesVersion
    {
        get
        {
            int version = 0;
            for (int i = 0; i < _observationPoints.Count; i++)
                version = (version * 31) + (int)_observationPoints[i].Index;
            return version;
        }
    }

    private OptionsTemplate SamplingTemplate =>
        _options.Sampling.IsRandom ? OptionsTemplates.RandomSampling : OptionsTemplates.SystematicSampling;

    private IEnumerable<OptionsTemplate> OptionsTemplatesInUse
    {
        get
        {
            List<OptionsTemplate> templates =
            [
                OptionsTemplates.Exported, OptionsTemplates.MeteringReliability, OptionsTemplates.ExportingReliability,
                OptionsTemplates.FlowKeys, OptionsTemplates.Interfaces,
            ];
            if (OwnElements.Any())
                templates.Add(OptionsTemplates.ElementTypes);
            if (_options.Sampling.IsOn)
                templates.AddRange([SamplingTemplate, OptionsTemplates.SamplingInterval, OptionsTemplates.SelectorStatistics]);
            return templates;
        }
    }

    /// <summary>Those in use, of both directions.</summary>
    private IEnumerable<InformationElement> OwnElements =>
        Templates.All.SelectMany(template => template.Elements)
            .Where(element => element.EnterpriseNumber == InformationElements.EnterpriseNumber).Distinct();

    /// <summary>ifIndex of the Observation Point of a record; 0 if it has none.</summary>
    public uint InterfaceIndex(in FlowRecord record) =>
        record.ObservationPoint < _observationPoints.Count ? _observationPoints[record.ObservationPoint].Index : 0;

    /// <summary>Statistics as of now, to be sent every minute and at the end.</summary>
    public IReadOnlyList<EncodedRecord> Statistics(in ExportStatistics exported)
    {
        MeteringStatistics metering = _options.Metering();
        Tally dropped = metering.RecordsDropped;
        uint domain = _options.ObservationDomainId;
        List<EncodedRecord> statistics =
        [
            OptionsTemplates.Exported.RecordOf(domain, exported.Messages, exported.FlowRecords, exported.Octets),
            OptionsTemplates.MeteringReliability.RecordOf(
                domain, metering.IgnoredPackets, metering.IgnoredOctets, metering.DroppedPackets, (ulong)_options.StartTime.ToUnixTimeMilliseconds()),
            OptionsTemplates.ExportingReliability.RecordOf(
                domain, exported.NotSentFlows + dropped.Records, exported.NotSentPackets + dropped.Packets, exported.NotSentOctets + dropped.Octets),
        ];
        if (_options.Sampling.IsOn)
            statistics.Add(OptionsTemplates.SelectorStatistics.RecordOf(SelectorId, metering.ObservedPackets, metering.SelectedPackets));
        return statistics;
    }

    private static EncodedRecord DescriptionOf(InformationElement element) => OptionsTemplates.ElementTypes.RecordOf(
        element.EnterpriseNumber, element.Id, (byte)element.Type, (byte)element.Semantics, (ushort)element.Units,
        element.Range.Begin, element.Range.End, element.Name);

    private EncodedRecord[] DescriptionsOf(PacketSampling sampling) =>
    [
        sampling.IsRandom
            ? SamplingTemplate.RecordOf(SelectorId, UniformProbabilistic, 1.0 / sampling.Interval)
            : SamplingTemplate.RecordOf(SelectorId, SystematicCountBased, 1u, sampling.Interval - 1),
        OptionsTemplates.SamplingInterval.RecordOf(_options.ObservationDomainId, sampling.Interval),
    ];
}
