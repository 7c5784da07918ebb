using XdpTop.Packets;
using static XdpTop.Tests.Packets.FrameBuilder;

namespace XdpTop.Tests.Packets;

/// <summary>A frame that is metered, with all that is to be read from it.</summary>
/// <param name="KeyEnd">Octets of the frame that the flow key needs: with fewer captured it is truncated.</param>
/// <param name="IpEnd">Octets of the frame up to the end of the IP packet: with fewer on the wire it is malformed.</param>
/// <param name="Expected">As <see cref="PacketText"/> writes it.</param>
internal sealed record FrameKind(
    string Name, byte[] Frame, int KeyEnd, int IpEnd, string Expected, LinkType LinkType = LinkType.Ethernet)
{
    private const string V4 = "10.0.0.1 > 10.0.0.2";
    private const string V6 = "2001:db8::1 > 2001:db8::2";

    private static readonly byte[] s_tcp = Tcp(1024, 80);
    private static readonly byte[] s_tcpIPv4 = IPv4(6, s_tcp);
    private static readonly byte[] s_udpIPv6 = IPv6(17, Udp(53, 5353, [1, 2, 3]));
    private static readonly string s_tcpText = $"{V4} ports 1024 80 proto 6 ttl 64 ip 40 payload 0 tcp 18";
    private static readonly string s_udpText = $"{V6} ports 53 5353 proto 17 ttl 64 ip 51 payload 3";

    /// <summary>By their names.</summary>
    public static IReadOnlyDictionary<string, FrameKind> All { get; } =
        LinkKinds().Concat(IPv4Kinds()).Concat(IPv6Kinds()).Concat(TransportKinds()).ToDictionary(kind => kind.Name);

    private static IEnumerable<FrameKind> LinkKinds() =>
    [
        new("Ethernet", Ethernet(0x0800, s_tcpIPv4), 38, 54, s_tcpText),
        new("Ethernet with padding", Ethernet(0x0800, s_tcpIPv4, padTo: 60), 38, 54, s_tcpText),
        new("VLAN", Ethernet(0x8100, Vlan(5, 0x0800, s_tcpIPv4)), 42, 58, s_tcpText + " vlan 5"),
        new("VLAN 0", Ethernet(0x8100, Vlan(0, 0x0800, s_tcpIPv4)), 42, 58, s_tcpText + " vlan 0"),
        new("QinQ", Ethernet(0x88a8, Vlan(4095, 0x8100, Vlan(7, 0x86dd, s_udpIPv6))), 66, 73, s_udpText + " vlan 4095 7"),
        new("Four tags",
            Ethernet(0x9100, Vlan(1, 0x88a8, Vlan(2, 0x8100, Vlan(3, 0x8100, Vlan(4, 0x0800, s_tcpIPv4))))), 54, 70,
            s_tcpText + " vlan 1 2"),
        new("MPLS", Ethernet(0x8847, Mpls(s_tcpIPv4, 16)), 42, 58, s_tcpText),
        new("MPLS multicast, three labels, IPv6", Ethernet(0x8848, Mpls(s_udpIPv6, 16, 17, 18)), 70, 77, s_udpText),
        new("VLAN and MPLS", Ethernet(0x8100, Vlan(9, 0x8847, Mpls(s_tcpIPv4, 3))), 46, 62, s_tcpText + " vlan 9"),
        new("PPPoE", Ethernet(0x8864, Pppoe(0x0021, s_tcpIPv4)), 46, 62, s_tcpText),
        new("PPPoE with IPv6", Ethernet(0x8864, Pppoe(0x0057, s_udpIPv6)), 66, 73, s_udpText),
        new("VLAN and PPPoE", Ethernet(0x8100, Vlan(9, 0x8864, Pppoe(0x0021, s_tcpIPv4))), 50, 66, s_tcpText + " vlan 9"),
        new("802.3 with SNAP", Ethernet(48, Snap(s_tcpIPv4, 0x0800), padTo: 64), 46, 62, s_tcpText),
        new("VLAN and 802.3 with SNAP", Ethernet(0x8100, Vlan(9, 48, Snap(s_tcpIPv4, 0x0800))), 50, 66, s_tcpText + " vlan 9"),
        new("Null, little-endian", Join([2, 0, 0, 0], s_tcpIPv4), 28, 44, s_tcpText, LinkType.Null),
        new("Null, big-endian", Join([0, 0, 0, 2], s_tcpIPv4), 28, 44, s_tcpText, LinkType.Null),
        new("Null, Darwin's IPv6", Join([30, 0, 0, 0], s_udpIPv6), 48, 55, s_udpText, LinkType.Null),
        new("Loop", Join([0, 0, 0, 24], s_udpIPv6), 48, 55, s_udpText, LinkType.Loop),
        new("Raw IPv4", s_tcpIPv4, 24, 40, s_tcpText, LinkType.RawIp),
        new("Raw IPv6", s_udpIPv6, 44, 51, s_udpText, LinkType.RawIp),
        new("IPv4", s_tcpIPv4, 24, 40, s_tcpText, LinkType.IPv4),
        new("IPv6", s_udpIPv6, 44, 51, s_udpText, LinkType.IPv6),
        new("Cooked", Sll(0x0800, s_tcpIPv4), 40, 56, s_tcpText, LinkType.LinuxSll),
        new("Cooked with VLAN", Sll(0x8100, Vlan(5, 0x86dd, s_udpIPv6)), 64, 71, s_udpText + " vlan 5", LinkType.LinuxSll),
        new("Cooked 2", Sll2(0x0800, s_tcpIPv4), 44, 60, s_tcpText, LinkType.LinuxSll2),
        new("Cooked 2 with VLAN", Sll2(0x8100, Vlan(5, 0x86dd, s_udpIPv6)), 68, 75, s_udpText + " vlan 5", LinkType.LinuxSll2),
    ];

    private static IEnumerable<FrameKind> IPv4Kinds() =>
    [
        Of4("IPv4 fields", IPv4(6, s_tcp, "192.0.2.255", "198.51.100.7", id: 9, fragment: 0x4000, ttl: 1, tos: 0xb9), 24,
            "192.0.2.255 > 198.51.100.7 ports 1024 80 proto 6 ttl 1 ip 40 payload 0 tos b9 tcp 18 flags 40"),
        Of4("IPv4 options", IPv4(6, s_tcp, options: [7, 7, 4, 1, 2, 3, 4, 1, 148, 4, 0, 0]), 36,
            $"{V4} ports 1024 80 proto 6 ttl 64 ip 52 payload 0 tcp 18 ipopt {1 | 1 << 6 | 1 << 20:x}"),
        Of4("IPv4 with 40 octets of options", IPv4(17, Udp(1, 2), options: Filled(40, 1)), 64,
            $"{V4} ports 1 2 proto 17 ttl 64 ip 68 payload 0 ipopt {1 << 6:x}"),
        Of4("IPv4 first fragment", IPv4(17, Udp(1, 2, new byte[16], length: 1000), id: 0xbeef, fragment: 0x2000), 24,
            $"{V4} ports 1 2 proto 17 ttl 64 ip 44 payload 16 flags 20 First beef"),
        Of4("IPv4 first fragment within TCP's header", IPv4(6, s_tcp[..16], id: 1, fragment: 0x2000), 24,
            $"{V4} ports 1024 80 proto 6 ttl 64 ip 36 payload 0 tcp 18 flags 20 First 1"),
        Of4("IPv4 first fragment before TCP's data offset", IPv4(6, s_tcp[..8], id: 1, fragment: 0x2000), 24,
            $"{V4} ports 1024 80 proto 6 ttl 64 ip 28 payload 0 flags 20 First 1"),
        Of4("IPv4 middle fragment", IPv4(6, new byte[24], id: 0xbeef, fragment: 0x2003), 20,
            $"{V4} ports 0 0 proto 6 ttl 64 ip 44 payload 24 flags 20 Later beef"),
        Of4("IPv4 last fragment of one octet", IPv4(17, [1], id: 0xbeef, fragment: 0x1fff), 20,
            $"{V4} ports 0 0 proto 17 ttl 64 ip 21 payload 1 Later beef"),
    ];

    private static IEnumerable<FrameKind> IPv6Kinds() =>
    [
        Of6("IPv6 fields", IPv6(6, s_tcp, "fe80::1", "ff02::fb", 255, 0xb9), 44,
            "fe80::1 > ff02::fb ports 1024 80 proto 6 ttl 255 ip 60 payload 0 tos b9 tcp 18"),
        Of6("Hop-by-hop", IPv6(0, Extension(58, TypeAndCode(143, 0))), 50,
            $"{V6} ports 0 {143 << 8} proto 58 ttl 64 ip 56 payload 8 ipopt 2"),
        Of6("Routing", IPv6(43, Extension(6, s_tcp, 40)), 84,
            $"{V6} ports 1024 80 proto 6 ttl 64 ip 100 payload 0 tcp 18 ipopt 20"),
        Of6("Destination options", IPv6(60, Extension(17, Udp(1, 2), 16)), 60,
            $"{V6} ports 1 2 proto 17 ttl 64 ip 64 payload 0 ipopt 1"),
        Of6("AH", IPv6(51, Ah(6, s_tcp)), 68,
            $"{V6} ports 1024 80 proto 6 ttl 64 ip 84 payload 0 tcp 18 ipopt 4000"),
        Of6("Mobility", IPv6(135, Extension(59, [])), 48,
            $"{V6} ports 0 0 proto 59 ttl 64 ip 48 payload 0 ipopt 1000"),
        Of6("HIP and shim6", IPv6(139, Extension(140, Extension(17, Udp(1, 2)))), 60,
            $"{V6} ports 1 2 proto 17 ttl 64 ip 64 payload 0"),
        Of6("ESP", IPv6(50, new byte[32]), 40, $"{V6} ports 0 0 proto 50 ttl 64 ip 72 payload 32 ipopt 2000"),
        Of6("IPComp", IPv6(108, new byte[8]), 40, $"{V6} ports 0 0 proto 108 ttl 64 ip 48 payload 8 ipopt 8000"),
        Of6("No next header", IPv6(59, []), 40, $"{V6} ports 0 0 proto 59 ttl 64 ip 40 payload 0"),
        Of6("All in RFC 8200's order",
            IPv6(0, Extension(60, Extension(43, Extension(44, Fragment(51, Ah(60, Extension(135, Extension(6, s_tcp))),
                0, false, 77))), 24)), 40 + 24 + 8 + 8 + 8 + 24 + 8 + 8 + 4,
            $"{V6} ports 1024 80 proto 6 ttl 64 ip 148 payload 0 tcp 18 ipopt {1 | 2 | 1 << 4 | 1 << 5 | 1 << 12 | 1 << 14:x}"),
        Of6("IPv6 first fragment", IPv6(44, Fragment(17, Udp(1, 2, new byte[8], length: 1000), 0, true, 0xdeadbeef)), 52,
            $"{V6} ports 1 2 proto 17 ttl 64 ip 64 payload 8 ipopt 10 flags 20 First deadbeef"),
        Of6("IPv6 middle fragment", IPv6(44, Fragment(17, new byte[16], 1448, true, 0xdeadbeef)), 48,
            $"{V6} ports 0 0 proto 17 ttl 64 ip 64 payload 16 ipopt 40 flags 20 Later deadbeef"),
        Of6("IPv6 last fragment", IPv6(0, Extension(44, Fragment(60, new byte[3], 65528, false, 1))), 56,
            $"{V6} ports 0 0 proto 60 ttl 64 ip 59 payload 3 ipopt 42 Later 1"),
    ];

    private static IEnumerable<FrameKind> TransportKinds() =>
    [
        Of4("TCP with all flags, options and payload",
            IPv4(6, Tcp(65535, 1, 0xfff, [2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0], new byte[100])), 24,
            $"{V4} ports 65535 1 proto 6 ttl 64 ip 160 payload 100 tcp fff tcpopt {1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 8:x}"),
        Of4("TCP with timestamps as Linux sends them", IPv4(6, Tcp(1, 2, 0x010, [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2], new byte[7])), 24,
            $"{V4} ports 1 2 proto 6 ttl 64 ip 59 payload 7 tcp 10 tcpopt {1 << 1 | 1 << 8:x}"),
        Of4("TCP with options that IPFIX has no bit for, and a broken one",
            IPv4(6, Tcp(1, 2, 0x002, [254, 4, 0, 0, 63, 2, 34, 0, 5, 5, 5, 5])), 24,
            $"{V4} ports 1 2 proto 6 ttl 64 ip 52 payload 0 tcp 2 tcpopt {1ul << 63 | 1ul << 34:x}"),
        Of4("TCP with an end of options", IPv4(6, Tcp(1, 2, 0x002, [0, 2, 2, 2])), 24,
            $"{V4} ports 1 2 proto 6 ttl 64 ip 44 payload 0 tcp 2 tcpopt 1"),
        Of4("UDP", IPv4(17, Udp(53, 1025, new byte[20])), 24, $"{V4} ports 53 1025 proto 17 ttl 64 ip 48 payload 20"),
        Of4("UDP whose length is not IP's", IPv4(17, Udp(53, 1025, new byte[20], length: 9)), 24,
            $"{V4} ports 53 1025 proto 17 ttl 64 ip 48 payload 20"),
        Of4("UDP-Lite", IPv4(136, Udp(53, 1025, new byte[20], length: 0)), 24,
            $"{V4} ports 53 1025 proto 136 ttl 64 ip 48 payload 20"),
        Of4("SCTP", IPv4(132, Sctp(36412, 36413, new byte[16])), 24,
            $"{V4} ports 36412 36413 proto 132 ttl 64 ip 48 payload 16"),
        Of4("DCCP", IPv4(33, Dccp(5001, 5002, new byte[10])), 24, $"{V4} ports 5001 5002 proto 33 ttl 64 ip 46 payload 10"),
        Of4("ICMP", IPv4(1, TypeAndCode(3, 4, 36)), 22, $"{V4} ports 0 772 proto 1 ttl 64 ip 56 payload 36"),
        Of4("IGMP", IPv4(2, TypeAndCode(0x22, 1, 16), options: [148, 4, 0, 0]), 26,
            $"{V4} ports 0 {0x2201} proto 2 ttl 64 ip 40 payload 16 ipopt {1 << 20:x}"),
        Of6("ICMPv6", IPv6(58, TypeAndCode(135, 0, 24)), 42, $"{V6} ports 0 34560 proto 58 ttl 64 ip 64 payload 24"),
        Of4("GRE", IPv4(47, new byte[28]), 20, $"{V4} ports 0 0 proto 47 ttl 64 ip 48 payload 28"),
        Of4("IPv4 AH", IPv4(51, Ah(6, s_tcp)), 20, $"{V4} ports 0 0 proto 51 ttl 64 ip 64 payload 44"),
        Of4("Any other protocol, empty", IPv4(200, []), 20, $"{V4} ports 0 0 proto 200 ttl 64 ip 20 payload 0"),
    ];

    /// <param name="keyEnd">Without the Ethernet header.</param>
    private static FrameKind Of4(string name, byte[] ip, int keyEnd, string expected) =>
        new(name, Ethernet(0x0800, ip), 14 + keyEnd, 14 + ip.Length, expected);

    private static FrameKind Of6(string name, byte[] ip, int keyEnd, string expected) =>
        new(name, Ethernet(0x86dd, ip), 14 + keyEnd, 14 + ip.Length, expected);
}
