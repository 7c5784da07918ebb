namespace XdpTop.Flows;

/// <summary>How much a flow has, and since when: as in its <see cref="FlowRecord"/>.</summary>
internal struct FlowCounts
{
    public long Start;
    public long End;
    public ulong Packets;
    public ulong Octets;

    public static FlowCounts Of(ref readonly FlowRecord record) =>
        new() { Start = record.Start, End = record.End, Packets = record.Packets, Octets = record.Octets };
}
