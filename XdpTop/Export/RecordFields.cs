using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>What the text outputs have in common: which fields a record has, and the names of values.</summary>
internal static class RecordFields
{
    public const byte Icmp = 1;
    public const byte Igmp = 2;
    public const byte Tcp = 6;
    public const byte IcmpV6 = 58;

    /// <summary>Bits of the VLAN id in a key's VLAN field.</summary>
    public const ushort VlanIdMask = 0x0fff;

    public static ReadOnlySpan<byte> NameOf(FlowEndReason reason) => reason switch
    {
        FlowEndReason.IdleTimeout => "idleTimeout"u8,
        FlowEndReason.ActiveTimeout => "activeTimeout"u8,
        FlowEndReason.EndOfFlow => "endOfFlow"u8,
        FlowEndReason.ForcedEnd => "forcedEnd"u8,
        FlowEndReason.LackOfResources => "lackOfResources"u8,
        _ => [],
    };

    /// <summary>flowDirection (61).</summary>
    public static ReadOnlySpan<byte> NameOfDirection(byte direction) => direction == 0 ? "ingress"u8 : "egress"u8;
}
