using XdpTop.Flows;

namespace XdpTop.Ipfix;

/// <summary>
/// The Templates of flows: one for each kind of flow, so that no Data Record has fields that its flow does not have: of
/// IPv4 or IPv6, with ports, ICMP's type and code or IGMP's type, with or without VLANs, of one direction or, where they are
/// paired, of both. Kinds between which the wanted fields make no difference share a Template.
/// </summary>
internal sealed class FlowTemplates
{
    /// <summary>The lowest Template ID: that of IPv4 with ports and no VLAN. The bits below are added to it.</summary>
    private const int FirstId = 256;

    private const int IPv6Bit = 1 << 0;
    private const int IcmpBit = 1 << 1;
    private const int IgmpBit = 1 << 2;
    private const int TaggedBit = 1 << 3;
    private const int BiflowBit = 1 << 4;
    private const int Kinds = 1 << 5;

    private readonly Template?[] _ofKind = new Template?[Kinds];

    public FlowTemplates(FieldSelection fields, RecordKind records)
    {
        for (int kind = 0; kind < Kinds; kind++)
        {
            if (!Exists(kind) || ((kind & BiflowBit) != 0 && records != RecordKind.Biflow))
                continue;
            FlowTraits traits = TraitsOf(kind);
            if (records == RecordKind.WithByteDistribution)
                traits |= FlowTraits.ByteDistribution;
            Template template = new(
                (ushort)(FirstId + kind), [.. fields.Ipfix.Where(field => (field.Needs() & ~traits) == 0)], (kind & BiflowBit) != 0);
            _ofKind[kind] = All.FirstOrDefault(template.IsLike) ?? template;
        }
    }

    /// <summary>All that Data Records can have.</summary>
    public IEnumerable<Template> All => _ofKind.OfType<Template>().Distinct();

    /// <summary>That of a record; of a Biflow, by its forward direction.</summary>
    public Template For(in FlowRecord record)
    {
        FlowTraits traits = record.Traits();
        int kind = (traits & FlowTraits.IPv4) != 0
            ? (traits & FlowTraits.IcmpV4) != 0 ? IcmpBit : (traits & FlowTraits.Igmp) != 0 && !record.HasReverse ? IgmpBit : 0
            : (traits & FlowTraits.IcmpV6) != 0 ? IPv6Bit | IcmpBit : IPv6Bit;
        if ((traits & (FlowTraits.OuterVlan | FlowTraits.InnerVlan)) != 0)
            kind |= TaggedBit;
        if (record.HasReverse)
            kind |= BiflowBit;
        return _ofKind[kind]!;
    }

    // Of IGMP there is no IPv6, and no reverse direction.
    private static bool Exists(int kind) => (kind & IgmpBit) == 0 || (kind & (IPv6Bit | IcmpBit | BiflowBit)) == 0;

    /// <summary>All that flows of a kind can have.</summary>
    private static FlowTraits TraitsOf(int kind)
    {
        bool isIPv4 = (kind & IPv6Bit) == 0;
        FlowTraits traits = FlowTraits.IpOptions | FlowTraits.Ended | (isIPv4 ? FlowTraits.IPv4 : FlowTraits.IPv6);
        if ((kind & TaggedBit) != 0)
            traits |= FlowTraits.OuterVlan | FlowTraits.InnerVlan;
        return traits | (kind & (IcmpBit | IgmpBit)) switch
        {
            IcmpBit => isIPv4 ? FlowTraits.IcmpV4 : FlowTraits.IcmpV6,
            IgmpBit => FlowTraits.Igmp,
            _ => FlowTraits.Ports | FlowTraits.Tcp,
        };
    }
}
