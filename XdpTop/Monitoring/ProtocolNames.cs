using System.Globalization;

namespace XdpTop.Monitoring;

/// <summary>Short names of the IP protocols that people know by name (IANA "Protocol Numbers"); others have none.</summary>
internal static class ProtocolNames
{
    public const byte Icmp = 1;
    public const byte Igmp = 2;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte Icmp6 = 58;

    private static readonly string?[] Names = Build();

    /// <summary>The name in lower case, or null.</summary>
    public static string? Find(byte protocol) => Names[protocol];

    /// <summary>The protocols of this name, which is in lower case: some share one.</summary>
    public static IEnumerable<byte> FindAll(string name) =>
        Enumerable.Range(0, Names.Length).Where(number => Names[number] == name).Select(number => (byte)number);

    /// <summary>Whether type and code of a message stand where other protocols have their destination port.</summary>
    public static bool HasTypeAndCode(byte protocol) => protocol is Icmp or Igmp or Icmp6;

    /// <summary>Writes the name, or the number where there is none. Does not allocate. Three characters always fit a number.</summary>
    public static int Write(byte protocol, Span<char> text)
    {
        if (Names[protocol] is { } name && name.AsSpan().TryCopyTo(text))
            return name.Length;
        protocol.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        return length;
    }

    private static string?[] Build()
    {
        string?[] names = new string?[256];
        names[0] = "hopopt";
        names[Icmp] = "icmp";
        names[Igmp] = "igmp";
        names[4] = "ipip";
        names[Tcp] = "tcp";
        names[8] = "egp";
        names[Udp] = "udp";
        names[33] = "dccp";
        names[41] = "ipv6";
        names[46] = "rsvp";
        names[47] = "gre";
        names[50] = "esp";
        names[51] = "ah";
        names[Icmp6] = "icmp6";
        names[88] = "eigrp";
        names[89] = "ospf";
        names[94] = "ipip";
        names[97] = "etherip";
        names[103] = "pim";
        names[108] = "ipcomp";
        names[112] = "vrrp";
        names[115] = "l2tp";
        names[132] = "sctp";
        names[136] = "udplite";
        names[137] = "mpls";
        return names;
    }
}
