using System.Globalization;

namespace XdpTop.Tests.Privileged;

/// <summary>What tshark says of one packet of a capture file. Packets with no IP header have no source.</summary>
internal sealed record TsharkPacket
{
    private static readonly string[] s_fields =
    [
        "frame.time_epoch", "frame.protocols", "frame.len", "ieee8021ad.id", "vlan.id", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.proto",
        "ip.len", "ipv6.plen", "ip.ttl", "ipv6.hlim", "ip.dsfield", "ipv6.tclass", "ip.id", "ip.frag_offset", "ip.flags.mf",
        "ipv6.fraghdr.offset", "ipv6.fraghdr.more", "ipv6.fraghdr.nxt", "ipv6.fraghdr.ident", "tcp.srcport", "tcp.dstport", "tcp.flags",
        "tcp.option_kind", "udp.srcport", "udp.dstport", "sctp.srcport", "sctp.dstport", "icmp.type", "icmp.code", "icmpv6.type",
        "icmpv6.code", "igmp.type",
    ];

    private static readonly Dictionary<string, int> s_protocols = new()
    {
        ["tcp"] = 6, ["udp"] = 17, ["udplite"] = 136, ["icmpv6"] = 58, ["sctp"] = 132,
    };

    private TsharkPacket(IReadOnlyDictionary<string, string> fields)
    {
        // Only the first of several values is the packet's own: others are of packets that ICMP quotes.
        string First(string field) => fields[field].Split(',')[0];
        uint Number(string field) => First(field) is "" ? 0 : First(field).StartsWith("0x", StringComparison.Ordinal)
            ? Convert.ToUInt32(First(field), 16)
            : uint.Parse(First(field));
        bool IsSet(string field) => First(field) is "1" or "True";
        bool v6 = fields["ip.src"] == "";
        IsLaterFragment = Number(v6 ? "ipv6.fraghdr.offset" : "ip.frag_offset") > 0;
        IsFirstFragment = !IsLaterFragment && IsSet(v6 ? "ipv6.fraghdr.more" : "ip.flags.mf");
        FragmentId = Number(v6 ? "ipv6.fraghdr.ident" : "ip.id");
        string[] layers = fields["frame.protocols"].Split(':');
        Protocol = !v6 ? Number("ip.proto")
            : IsLaterFragment ? Number("ipv6.fraghdr.nxt")
            : layers.FirstOrDefault(s_protocols.ContainsKey) is { } layer ? (uint)s_protocols[layer] : 253;
        (SourcePort, DestinationPort) = IsLaterFragment ? (0, 0) : Protocol switch
        {
            6 => (Number("tcp.srcport"), Number("tcp.dstport")),
            17 or 136 => (Number("udp.srcport"), Number("udp.dstport")),
            132 => (Number("sctp.srcport"), Number("sctp.dstport")),
            1 => (0u, Number("icmp.type") * 256 + Number("icmp.code")),
            58 => (0u, Number("icmpv6.type") * 256 + Number("icmpv6.code")),
            2 => (0u, Number("igmp.type") * 256),
            _ => (0u, 0u),
        };
        Time = (long)(decimal.Parse(fields["frame.time_epoch"], CultureInfo.InvariantCulture) * 1_000_000_000m);
        Source = First(v6 ? "ipv6.src" : "ip.src");
        Destination = First(v6 ? "ipv6.dst" : "ip.dst");
        Vlans = $"{fields["ieee8021ad.id"]},{fields["vlan.id"]}".Trim(',');
        IpOctets = v6 ? Number("ipv6.plen") + 40 : Number("ip.len");
        FrameOctets = Number("frame.len");
        Ttl = Number(v6 ? "ipv6.hlim" : "ip.ttl");
        ClassOfService = Number(v6 ? "ipv6.tclass" : "ip.dsfield");
        if (Protocol != 6 || IsLaterFragment)
            return;
        TcpFlags = Number("tcp.flags");
        TcpOptions = fields["tcp.option_kind"] == "" ? 0
            : fields["tcp.option_kind"].Split(',').Aggregate(0ul, (bits, kind) => bits | 1ul << int.Parse(kind));
    }

    /// <summary>Nanoseconds since 1970.</summary>
    public long Time { get; }

    public string Source { get; }

    public string Destination { get; }

    public uint SourcePort { get; init; }

    public uint DestinationPort { get; init; }

    public uint Protocol { get; }

    /// <summary>VLAN ids from the outermost, joined by a comma.</summary>
    public string Vlans { get; }

    public uint IpOctets { get; }

    public uint FrameOctets { get; }

    public uint Ttl { get; }

    public uint ClassOfService { get; }

    public bool IsFirstFragment { get; }

    public bool IsLaterFragment { get; }

    public uint FragmentId { get; }

    public uint TcpFlags { get; }

    public ulong TcpOptions { get; }

    public static IReadOnlyList<TsharkPacket> Read(string path) =>
        [.. CaptureTools.Fields(path, s_fields).Select(fields => new TsharkPacket(fields))];
}
