namespace XdpTop.Flows;

/// <summary>How much a flow has, and since when: as in its <see cref="FlowRecord"/>.</summary>
internal struct FlowCounts
{
    /// <summary>Tells the flow from those that have been at its slot before: <see cref="FlowIdentity"/>.</summary>
    public ulong Identity;
    public long Start;
    public long End;
    public ulong Packets;
    public ulong Octets;

    /// <summary>Adds the other direction's.</summary>
    public void Add(in FlowCounts other)
    {
        (Start, End) = (Math.Min(Start, other.Start), Math.Max(End, other.End));
        Packets += other.Packets;
        Octets += other.Octets;
    }

    public static FlowCounts Of(ref readonly FlowRecord record) => new()
    {
        Identity = FlowIdentity.Common.Of(in record.Key, record.Start), Start = record.Start, End = record.End, Packets = record.Packets, Octets = record.Octets,
    };
}
