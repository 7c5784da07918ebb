using System.Globalization;
using System.Net;
using System.Numerics;
using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Packets;

namespace XdpTop.Tests.Monitoring.Filters;

/// <summary>A random expression, and what it means, written down without a thought for speed. Flows are from a small world, so that much matches.</summary>
internal sealed record RandomFilter(string Text, Func<FlowRow, bool> Matches)
{
    public const long Now = 1_000_000_000_000;

    private static readonly string[] s_addresses = ["10.0.0.1", "10.0.0.2", "10.0.1.1", "192.168.0.1", "2001:db8::1", "2001:db8::2", "fe80::1"];
    private static readonly byte[] s_protocols = [1, 6, 17, 47, 58, 132];
    private static readonly string[] s_protocolNames = ["icmp", "tcp", "udp", "gre", "icmp6", "sctp"];
    private static readonly ushort[] s_ports = [0, 22, 53, 80, 443, 8080, 65535];

    public static FlowRow Row(Random random)
    {
        FlowRow row = default;
        ref FlowRecord record = ref row.Record;
        string source = Pick(random, s_addresses);
        string[] same = [.. s_addresses.Where(a => a.Contains(':') == source.Contains(':'))];
        record.Key.IpVersion = (byte)(source.Contains(':') ? 6 : 4);
        record.Key.Source = IpAddress.Parse(source);
        record.Key.Destination = IpAddress.Parse(Pick(random, same));
        record.Key.Protocol = Pick(random, s_protocols);
        if (IsWithPorts(record.Key.Protocol))
            (record.Key.SourcePort, record.Key.DestinationPort) = (Pick(random, s_ports), Pick(random, s_ports));
        else if (record.Key.Protocol is 1 or 58)
            record.Key.DestinationPort = 443; // a type and a code
        if (random.Next(3) == 0)
            record.Key.OuterVlan = (ushort)(ParsedPacket.VlanPresent | random.Next(4));
        if (record.Key.OuterVlan != 0 && random.Next(2) == 0)
            record.Key.InnerVlan = (ushort)(ParsedPacket.VlanPresent | random.Next(4));
        record.TcpFlags = (ushort)(record.Key.Protocol == 6 ? random.Next(256) : 0);
        record.MinimumTtl = (byte)random.Next(1, 5);
        record.MaximumTtl = (byte)random.Next(5, 9);
        record.Packets = (ulong)random.Next(1, 5);
        record.Octets = record.Packets * (ulong)random.Next(1, 4) * 1000;
        record.Start = Now - random.Next(0, 4) * 60_000_000_000;
        record.End = Now - random.Next(0, 4) * 1_000_000_000;
        row.PacketsPerSecond = random.Next(4);
        row.OctetsPerSecond = random.Next(4) * 125_000;
        return row;
    }

    /// <param name="keyOnly">Only what a Flow Key can answer.</param>
    /// <param name="depth">Of the expression.</param>
    public static RandomFilter Make(Random random, bool keyOnly, int depth)
    {
        int kind = depth == 0 ? 3 : random.Next(4);
        if (kind == 3)
            return Simple(random, keyOnly);
        if (kind == 2)
        {
            RandomFilter part = Make(random, keyOnly, depth - 1);
            return new($"{Pick(random, ["not ", "!", "! "])}({part.Text})", row => !part.Matches(row));
        }
        RandomFilter[] parts = [.. Enumerable.Range(0, random.Next(2, 4)).Select(_ => Make(random, keyOnly, depth - 1))];
        string sign = kind == 0 ? Pick(random, [" and ", "&&", " ", " AND "]) : Pick(random, [" or ", "||", " OR "]);
        string text = string.Join(sign, parts.Select(part => $"({part.Text})"));
        return kind == 0 ? new(text, row => parts.All(part => part.Matches(row))) : new(text, row => parts.Any(part => part.Matches(row)));
    }

    private static RandomFilter Simple(Random random, bool keyOnly)
    {
        (string prefix, Func<bool, bool, bool> side) = Pick(random, new (string, Func<bool, bool, bool>)[]
        {
            ("", (s, d) => s || d), ("src ", (s, _) => s), ("dst ", (_, d) => d), ("src or dst ", (s, d) => s || d), ("src and dst ", (s, d) => s && d),
        });
        switch (random.Next(keyOnly ? 8 : 11))
        {
            case 0:
                string host = Pick(random, s_addresses);
                return new($"{prefix}host {host}", row => side(Address(row, true) == host, Address(row, false) == host));
            case 1:
                string address = Pick(random, s_addresses);
                int most = address.Contains(':') ? 128 : 32;
                int length = random.Next(most + 1);
                return new($"{prefix}net {address}/{length}", row => side(IsIn(Address(row, true), address, length), IsIn(Address(row, false), address, length)));
            case 2:
                ushort port = Pick(random, s_ports);
                return new($"{prefix}port {port}", row => IsWithPorts(row.Record.Key.Protocol) && side(row.Record.Key.SourcePort == port, row.Record.Key.DestinationPort == port));
            case 3:
                int low = random.Next(500), high = low + random.Next(500);
                return new($"{prefix}portrange {low}-{high}", row => IsWithPorts(row.Record.Key.Protocol)
                    && side(row.Record.Key.SourcePort >= low && row.Record.Key.SourcePort <= high, row.Record.Key.DestinationPort >= low && row.Record.Key.DestinationPort <= high));
            case 4:
                int protocol = random.Next(s_protocols.Length);
                return new(s_protocolNames[protocol], row => row.Record.Key.Protocol == s_protocols[protocol]);
            case 5:
                byte number = Pick(random, s_protocols);
                return new($"proto {number}", row => row.Record.Key.Protocol == number);
            case 6:
                bool isSix = random.Next(2) == 0;
                return new(isSix ? "ip6" : "ip", row => Address(row, true).Contains(':') == isSix);
            case 7:
                int vlan = random.Next(4);
                return new($"vlan {vlan}", row => row.Record.Key.OuterVlan == 0x1000 + vlan || row.Record.Key.InnerVlan == 0x1000 + vlan);
            case 8:
                int flags = random.Next(1, 256);
                string letters = string.Concat(Enumerable.Range(0, 8).Where(bit => (flags >> bit & 1) != 0).Select(bit => "FSRPAUEC"[bit]));
                return new($"flags {letters}", row => (row.Record.TcpFlags & flags) == flags);
            case 9:
                return Comparison(random);
            default:
                string word = Pick(random, ["10.0.", "db8", "tc", "udp", "443", "0", "::", "192.168.0.1 "]);
                return word.EndsWith(' ')
                    ? new($"/{word}/", row => Address(row, true) == word.Trim() || Address(row, false) == word.Trim())
                    : new($"\"{word}\"", row => IsInLine(row, word));
        }
    }

    private static RandomFilter Comparison(Random random)
    {
        (string name, Func<FlowRow, double> read, string[] values) = Pick(random, new (string, Func<FlowRow, double>, string[])[]
        {
            ("bps", row => row.OctetsPerSecond * 8, ["0", "1000k", "1M", "2m", "0.001G"]),
            ("pps", row => row.PacketsPerSecond, ["0", "1", "2.0", "0.002k"]),
            ("packets", row => row.Record.Packets, ["1", "3"]),
            ("bytes", row => row.Record.Octets, ["1000", "2k", "0.003M"]),
            ("length", row => (double)row.Record.Octets / row.Record.Packets, ["1000", "2k"]),
            ("ttl", row => row.Record.MinimumTtl, ["2", "3"]),
            ("age", row => (Now - row.Record.Start) / 1e9, ["60", "60s", "1m", "2m", "0.05h"]),
            ("idle", row => (Now - row.Record.End) / 1e9, ["1", "2000ms", "1s"]),
        });
        string value = Pick(random, values);
        double number = Parse(value, isTime: name is "age" or "idle");
        (string sign, Func<double, bool> holds) = Pick(random, new (string, Func<double, bool>)[]
        {
            ("<", x => x < number), ("<=", x => x <= number), (">", x => x > number), (">=", x => x >= number),
            ("=", x => x == number), ("==", x => x == number), ("!=", x => x != number),
        });
        return new($"{name}{Pick(random, ["", " "])}{sign}{Pick(random, ["", " "])}{value}", row => holds(read(row)));
    }

    private static double Parse(string text, bool isTime)
    {
        string unit = text.TrimStart("0123456789.".ToCharArray()).ToLowerInvariant();
        double factor = (unit, isTime) switch
        {
            ("k", _) => 1e3, ("m", false) => 1e6, ("g", _) => 1e9, ("ms", true) => 1e-3, ("m", true) => 60, ("h", true) => 3600, _ => 1,
        };
        return double.Parse(text[..^unit.Length], CultureInfo.InvariantCulture) * factor;
    }

    private static bool IsInLine(FlowRow row, string word)
    {
        string name = row.Record.Key.Protocol switch { 1 => "icmp", 6 => "tcp", 17 => "udp", 47 => "gre", 58 => "icmp6", _ => "sctp" };
        string[] numbers =
        [
            .. IsWithPorts(row.Record.Key.Protocol) ? new[] { $"{row.Record.Key.SourcePort}", $"{row.Record.Key.DestinationPort}" } : [],
            .. new[] { row.Record.Key.OuterVlan, row.Record.Key.InnerVlan }.Where(vlan => vlan != 0).Select(vlan => $"{vlan - 0x1000}"),
        ];
        return Address(row, true).Contains(word) || Address(row, false).Contains(word) || name.StartsWith(word, StringComparison.Ordinal) || numbers.Contains(word);
    }

    private static bool IsIn(string address, string network, int length)
    {
        byte[] one = IPAddress.Parse(address).GetAddressBytes(), other = IPAddress.Parse(network).GetAddressBytes();
        int shift = 8 * one.Length - length;
        return one.Length == other.Length
            && new BigInteger(one, isUnsigned: true, isBigEndian: true) >> shift == new BigInteger(other, isUnsigned: true, isBigEndian: true) >> shift;
    }

    private static string Address(FlowRow row, bool isSource) =>
        new IPAddress((isSource ? row.Record.Key.Source : row.Record.Key.Destination).Bytes(row.Record.Key.IpVersion)).ToString();

    private static bool IsWithPorts(byte protocol) => protocol is 6 or 17 or 132;

    private static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
