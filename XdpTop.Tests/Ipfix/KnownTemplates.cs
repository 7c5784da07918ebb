namespace XdpTop.Tests.Ipfix;

/// <summary>The Template IDs of the README's table.</summary>
internal static class KnownTemplates
{
    /// <summary>IPv4, IPv6, ICMP over each and IGMP; the same with VLANs.</summary>
    public static readonly int[] Uniflows = [256, 257, 258, 259, 260, 264, 265, 266, 267, 268];

    /// <summary>IPv4, IPv6, and ICMP over each; the same with VLANs.</summary>
    public static readonly int[] Biflows = [272, 273, 274, 275, 280, 281, 282, 283];
}
