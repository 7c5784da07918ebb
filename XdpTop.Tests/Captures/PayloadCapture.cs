using static XdpTop.Tests.Packets.FrameBuilder;

namespace XdpTop.Tests.Captures;

/// <summary>A packet whose payload is known, for it was there before the packet.</summary>
/// <param name="SourcePort">Tells the flow.</param>
/// <param name="Payload">What is captured of it.</param>
internal sealed record PayloadPacket(CapturedPacket Packet, int SourcePort, byte[] Payload);

/// <summary>
/// A capture, the same for the same seed, of TCP and UDP with payloads of many kinds: in VLAN, QinQ, MPLS, PPPoE and SNAP,
/// with IPv4 options and IPv6 extension headers, in fragments, with padding, and some of it cut off.
/// </summary>
internal static class PayloadCapture
{
    private const int Flows = 64;
    private const long Start = 1_767_225_600_000_000_000; // 2026-01-01T00:00:00Z

    /// <summary>So many packets or a few more: fragments come in threes.</summary>
    public static IReadOnlyList<PayloadPacket> Make(int seed, int count)
    {
        Random random = new(seed);
        List<PayloadPacket> packets = [];
        while (packets.Count < count)
        {
            int flow = random.Next(Flows);
            bool six = flow % 2 == 1, tcp = flow / 2 % 2 == 1;
            int encapsulation = flow / 4 % 8;
            byte[] payload = Payload(random, flow);
            byte[] segment = tcp ? Tcp(1000 + flow, 7000, options: [1, 1, 1, 0], payload: payload) : Udp(1000 + flow, 7000, payload);
            byte protocol = (byte)(tcp ? 6 : 17);
            if (payload.Length >= 48 && random.Next(8) == 0)
            {
                int id = packets.Count + 1, part = segment.Length / 3 & ~7;
                for (int offset = 0; offset < 3 * part; offset += part)
                {
                    bool more = offset < 2 * part;
                    byte[] data = segment[offset..(more ? offset + part : segment.Length)];
                    byte[] ip = six
                        ? IPv6(44, Fragment(protocol, data, offset, more, (uint)id))
                        : IPv4(protocol, data, id: id, fragment: offset / 8 | (more ? 0x2000 : 0));
                    Add(ip, six, encapsulation, offset == 0 ? data[(segment.Length - payload.Length)..] : data, flow);
                }
            }
            else if (six)
            {
                Add(random.Next(2) == 0 ? IPv6(protocol, segment) : IPv6(0, Extension(51, Ah(60, Extension(protocol, segment, 16)))),
                    six, encapsulation, payload, flow);
            }
            else
            {
                Add(IPv4(protocol, segment, options: random.Next(2) == 0 ? [] : [1, 1, 1, 0]), six, encapsulation, payload, flow);
            }
        }
        return packets;

        void Add(byte[] ip, bool six, int encapsulation, byte[] payload, int flow)
        {
            byte[] whole = Encapsulate(ip, six, encapsulation);
            byte[] frame = Join(whole, Filled(Math.Max(60 - whole.Length, random.Next(3) == 0 ? 10 : 0), 0xee)); // padding
            int payloadAt = whole.Length - payload.Length;
            int captured = random.Next(6) == 0 ? random.Next(payloadAt, frame.Length + 1) : frame.Length;
            packets.Add(new PayloadPacket(
                new CapturedPacket(frame[..captured], (uint)frame.Length, Start + packets.Count * 1_000_000L, Malformed: false),
                1000 + flow, payload[..Math.Min(payload.Length, captured - payloadAt)]));
        }
    }

    private static byte[] Payload(Random random, int flow)
    {
        byte[] payload = new byte[random.Next(4) == 0 ? random.Next(10) : random.Next(1200)];
        random.NextBytes(payload);
        for (int i = 0; i < payload.Length; i++)
        {
            payload[i] = (flow % 3) switch
            {
                0 => payload[i],                       // as if encrypted
                1 => (byte)('a' + payload[i] % 20),    // as text
                _ => (byte)(payload[i] < 10 ? 255 : 0), // nearly all zero
            };
        }
        return payload;
    }

    private static byte[] Encapsulate(byte[] ip, bool six, int encapsulation)
    {
        ushort type = (ushort)(six ? 0x86dd : 0x0800);
        return encapsulation switch
        {
            0 or 1 or 2 => Ethernet(type, ip),
            3 => Ethernet(0x8100, Vlan(5, type, ip)),
            4 => Ethernet(0x88a8, Vlan(6, 0x8100, Vlan(7, type, ip))),
            5 => Ethernet(0x8847, Mpls(ip, 1000, 16)),
            6 => Ethernet(0x8864, Pppoe((ushort)(six ? 0x0057 : 0x0021), ip)),
            _ => Ethernet((ushort)(ip.Length + 8), Snap(ip, type)),
        };
    }
}
