namespace XdpTop.Packets;

/// <summary>What follows a link layer header: the EtherTypes that the parser follows.</summary>
internal static class EtherType
{
    /// <summary>Smaller values are the length of an IEEE 802.3 frame (IEEE 802.3 section 3.2.6).</summary>
    public const ushort Minimum = 0x0600;

    public const ushort IPv4 = 0x0800;
    public const ushort IPv6 = 0x86dd;

    /// <summary>IEEE 802.1Q customer tag.</summary>
    public const ushort Vlan = 0x8100;

    /// <summary>IEEE 802.1ad service tag.</summary>
    public const ushort ServiceVlan = 0x88a8;

    /// <summary>Service tags of switches made before 802.1ad.</summary>
    public const ushort OldServiceVlan = 0x9100;

    public const ushort MplsUnicast = 0x8847;
    public const ushort MplsMulticast = 0x8848;
    public const ushort PppoeSession = 0x8864;
}
