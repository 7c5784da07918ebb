using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Monitoring;

/// <summary>What flows are put together by.</summary>
internal enum GroupKind : byte
{
    None,

    /// <summary>By address: a flow counts for both its ends.</summary>
    Hosts,

    /// <summary>By protocol and the lower of the two ports, which is the service's.</summary>
    Ports,

    /// <summary>By protocol alone.</summary>
    Protocols,
}

/// <summary>What the flows of one group have in common: fields that the kind does not use are 0.</summary>
internal readonly record struct GroupKey(GroupKind Kind, IpAddress Address, byte IpVersion, byte Protocol, ushort Port)
{
    public static GroupKey OfSource(in FlowKey key) => new(GroupKind.Hosts, key.Source, key.IpVersion, 0, 0);

    public static GroupKey OfDestination(in FlowKey key) => new(GroupKind.Hosts, key.Destination, key.IpVersion, 0, 0);

    public static GroupKey OfPort(in FlowKey key) => new(GroupKind.Ports, default, 0, key.Protocol, ServicePort(in key));

    public static GroupKey OfProtocol(in FlowKey key) => new(GroupKind.Protocols, default, 0, key.Protocol, 0);

    /// <summary>The same as ==, without copies.</summary>
    public bool Equals(in GroupKey other) =>
        Address.Equals(other.Address) && Port == other.Port && Protocol == other.Protocol && IpVersion == other.IpVersion && Kind == other.Kind;

    /// <summary>Whether the flow is one of the group's.</summary>
    public bool Has(in FlowKey key) => Kind switch
    {
        GroupKind.Hosts => key.IpVersion == IpVersion && (key.Source.Equals(Address) || key.Destination.Equals(Address)),
        GroupKind.Ports => key.Protocol == Protocol && ServicePort(in key) == Port,
        GroupKind.Protocols => key.Protocol == Protocol,
        _ => true,
    };

    /// <summary>Whether the flow's packets come from the service's port, or from the host.</summary>
    public bool IsSentBy(in FlowKey key) => Kind switch
    {
        GroupKind.Hosts => key.Source.Equals(Address),
        GroupKind.Ports => key.SourcePort == Port && key.DestinationPort != Port,
        _ => false,
    };

    /// <summary>The lower port, since clients take theirs from the high ones; 0 for protocols that have none.</summary>
    private static ushort ServicePort(in FlowKey key) =>
        ProtocolNames.HasTypeAndCode(key.Protocol) ? (ushort)0 : Math.Min(key.SourcePort, key.DestinationPort);
}
