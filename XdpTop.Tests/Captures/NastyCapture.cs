using XdpTop.Tests.Capture;
using static XdpTop.Tests.Packets.FrameBuilder;

namespace XdpTop.Tests.Captures;

/// <summary>
/// A capture, the same for the same seed, of all that makes metering hard: VLANs, QinQ, MPLS, PPPoE, SNAP, IPv4 options,
/// IPv6 extension headers, fragments in and out of order, ICMP, ICMPv6, IGMP, SCTP, padding, frames that are not IP,
/// frames cut short by the capture, and malformed ones. Conversations recur, so that flows have several packets.
/// </summary>
internal sealed class NastyCapture
{
    private const int Conversations = 64;
    private const long Start = 1_767_225_600_000_000_000; // 2026-01-01T00:00:00Z

    private readonly Random _random;
    private readonly List<CapturedPacket> _packets = [];
    private readonly Queue<Action> _later = [];
    private readonly (int Source, int Destination, int Ports, int Protocol, int Encapsulation, int Id)[] _conversations;
    private long _now = Start;
    private uint _fragmentId = 1;

    private NastyCapture(int seed)
    {
        _random = new Random(seed);
        _conversations = [.. Enumerable.Range(0, Conversations).Select(i =>
            (_random.Next(1, 9), _random.Next(9, 17), _random.Next(100), i, _random.Next(8), _random.Next(1, 4095)))];
    }

    /// <summary>So many packets or a few more: fragments come in threes.</summary>
    public static IReadOnlyList<CapturedPacket> Make(int seed, int count)
    {
        NastyCapture capture = new(seed);
        while (capture._packets.Count < count)
            capture.AddSomething();
        while (capture._later.TryDequeue(out Action? add))
            add();
        return capture._packets;
    }

    /// <summary>As a pcap file with nanoseconds.</summary>
    public static byte[] ToPcap(IEnumerable<CapturedPacket> packets)
    {
        CaptureFileBuilder file = new CaptureFileBuilder().PcapHeader(magic: 0xa1b23c4d);
        foreach (CapturedPacket packet in packets)
        {
            (long seconds, long nanoseconds) = Math.DivRem(packet.Timestamp, 1_000_000_000);
            file.PcapRecord((uint)seconds, (uint)nanoseconds, packet.Bytes, packet.WireOctets);
        }
        return file.ToArray();
    }

    private void AddSomething()
    {
        if (_later.Count > 0 && _random.Next(3) == 0)
            _later.Dequeue()();
        switch (_random.Next(40))
        {
            case 0:
                AddNotIp();
                break;
            case 1:
                AddMalformed();
                break;
            default:
                AddPacket();
                break;
        }
    }

    private void AddPacket()
    {
        var conversation = _conversations[_random.Next(Conversations)];
        bool reply = _random.Next(2) == 0;
        int high = 20_000 + conversation.Ports, low = 7_000 + conversation.Ports % 7;
        (int source, int destination) = reply ? (low, high) : (high, low);
        bool v6 = conversation.Protocol % 2 == 1;
        byte[] payload = Filled(_random.Next(4) == 0 ? 0 : _random.Next(1300), 0);
        (byte protocol, byte[] segment) = (conversation.Protocol / 2 % 10) switch
        {
            0 or 1 or 2 => ((byte)6, Tcp(source, destination, RandomFlags(), RandomTcpOptions(), payload)),
            3 or 4 => ((byte)17, Udp(source, destination, payload)),
            5 => v6 ? ((byte)58, TypeAndCode(reply ? (byte)129 : (byte)128, 0, 64)) : ((byte)1, TypeAndCode(reply ? (byte)0 : (byte)8, 0, 64)),
            6 => v6 ? ((byte)58, TypeAndCode(1, 4, 48)) : ((byte)1, TypeAndCode(11, 1, 36)),
            7 => ((byte)132, Sctp(source, destination, [11, 0, 0, 4])),
            8 => v6 ? ((byte)136, Udp(source, destination, payload)) : ((byte)2, TypeAndCode(0x16, 0, 8)),
            _ => ((byte)253, payload), // reserved for experiments: has no ports
        };
        string[] addresses = v6
            ? [$"2001:db8::{conversation.Source:x}", $"2001:db8::{conversation.Destination:x}"]
            : [$"192.0.2.{conversation.Source}", $"198.51.100.{conversation.Destination}"];
        if (reply)
            Array.Reverse(addresses);
        if (segment.Length >= 64 && _random.Next(8) == 0)
            AddFragments(v6, protocol, segment, addresses, conversation.Encapsulation, conversation.Id);
        else if (v6)
            AddIp(true, ExtendedIPv6(protocol, segment, addresses), conversation.Encapsulation, conversation.Id);
        else
            AddIp(false, PlainIPv4(protocol, segment, addresses), conversation.Encapsulation, conversation.Id);
    }

    private byte[] PlainIPv4(byte protocol, byte[] segment, string[] addresses) => IPv4(
        protocol, segment, addresses[0], addresses[1], _random.Next(5) == 0 ? [148, 4, 0, 0, 1, 1, 1, 0] : [],
        id: _random.Next(65536), fragment: _random.Next(2) * 0x4000, ttl: (byte)_random.Next(1, 256), tos: (byte)_random.Next(256));

    private byte[] ExtendedIPv6(byte protocol, byte[] segment, string[] addresses)
    {
        for (int i = _random.Next(4); i > 0; i--)
        {
            (protocol, segment) = _random.Next(4) switch
            {
                0 => ((byte)60, Extension(protocol, segment, 8 * _random.Next(1, 4))),
                1 => ((byte)43, Join([protocol, 2, 0, 0], new byte[20], segment)),
                2 => ((byte)44, Fragment(protocol, segment, 0, more: false, _fragmentId++)),
                _ => ((byte)51, Ah(protocol, segment)),
            };
            if (protocol == 44)
                break; // one at most
        }
        if (_random.Next(4) == 0)
            (protocol, segment) = (0, Extension(protocol, segment, 16));
        return IPv6(protocol, segment, addresses[0], addresses[1], (byte)_random.Next(1, 256), (byte)_random.Next(256));
    }

    private void AddFragments(bool v6, byte protocol, byte[] segment, string[] addresses, int encapsulation, int id)
    {
        uint fragmentId = _fragmentId++;
        int part = segment.Length / 3 & ~7;
        List<Action> fragments = [];
        for (int i = 0; i < 3; i++)
        {
            int offset = i * part;
            bool more = i < 2;
            byte[] data = segment[offset..(more ? offset + part : segment.Length)];
            byte[] ip = v6
                ? IPv6(44, Fragment(protocol, data, offset, more, fragmentId), addresses[0], addresses[1])
                : IPv4(protocol, data, addresses[0], addresses[1], id: (int)fragmentId & 0xffff, fragment: offset / 8 | (more ? 0x2000 : 0));
            fragments.Add(() => AddIp(v6, ip, encapsulation, id));
        }
        if (_random.Next(4) == 0)
            fragments.Reverse();
        foreach (Action fragment in fragments)
        {
            if (_random.Next(3) == 0)
                _later.Enqueue(fragment);
            else
                fragment();
        }
    }

    private void AddIp(bool v6, byte[] ip, int encapsulation, int id)
    {
        ushort type = (ushort)(v6 ? 0x86dd : 0x0800);
        byte[] frame = encapsulation switch
        {
            0 or 1 or 2 => Ethernet(type, ip, padTo: 60),
            3 => Ethernet(0x8100, Vlan(id, type, ip), padTo: 60),
            4 => Ethernet(0x88a8, Vlan(id, 0x8100, Vlan(id / 2 + 1, type, ip)), padTo: 60),
            5 => Ethernet(0x8847, Mpls(ip, 1000 + id, 16), padTo: 60),
            6 => Ethernet(0x8864, Pppoe((ushort)(v6 ? 0x0057 : 0x0021), ip), padTo: 60),
            _ => Ethernet((ushort)(ip.Length + 8), Snap(ip, type), padTo: 60),
        };
        Add(frame, cut: _random.Next(12) == 0 ? _random.Next(14, 140) : frame.Length);
    }

    private void AddNotIp() => Add(
        _random.Next(3) switch
        {
            0 => Ethernet(0x0806, Join([0, 1, 8, 0, 6, 4, 0, 1], new byte[20]), padTo: 60),
            1 => Ethernet(0x88cc, [2, 7, 4, 2, 0, 0, 0, 0, 1, 4, 4, 5, 1, 10, 0, 0, 1, 6, 2, 0, 120, 0, 0], padTo: 60),
            _ => Ethernet(38, Join([0x42, 0x42, 3], new byte[35]), padTo: 60),
        },
        cut: int.MaxValue);

    private void AddMalformed() => Add(
        _random.Next(4) switch
        {
            0 => Ethernet(0x0800, IPv4(17, Udp(1, 2, new byte[20]), totalLength: 1000)),
            1 => Ethernet(0x0800, IPv4(6, Tcp(1, 2, dataOffset: 3)), padTo: 60),
            2 => Ethernet(0x0800, IPv4(17, Udp(1, 2), first: 0x42), padTo: 60),
            _ => Ethernet(0x86dd, IPv6(60, [6, 200, 0, 0, 0, 0, 0, 0]), padTo: 60),
        },
        cut: int.MaxValue, malformed: true);

    private void Add(byte[] frame, int cut, bool malformed = false)
    {
        _now += _random.Next(1, 5_000_000);
        _packets.Add(new(frame[..Math.Min(frame.Length, cut)], (uint)frame.Length, _now, malformed));
    }

    private int RandomFlags() => _random.Next(8) switch
    {
        0 => 0x002,
        1 => 0x012,
        2 => 0x011,
        3 => 0x0c2,
        _ => 0x018,
    };

    private byte[] RandomTcpOptions() => _random.Next(3) switch
    {
        0 => [],
        1 => [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2],
        _ => [2, 4, 5, 0xb4, 4, 2, 1, 1, 1, 3, 3, 7],
    };
}
