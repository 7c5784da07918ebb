using System.Buffers.Binary;

namespace XdpTop.Tests.Privileged;

/// <summary>
/// A capture file of many flows of IPv4 and IPv6, each with TCP, UDP and ICMP, with the sums known beforehand. The IP
/// version is also in the class of service, for programs that show the records of both in one column.
/// </summary>
internal static class KnownMix
{
    private const int PayloadOffset = 14 + 40 + 20;

    /// <summary>Writes the file; gives the sums by "class of service protocol".</summary>
    public static SortedDictionary<string, FlowSum> Write(string path, int flows)
    {
        SortedDictionary<string, FlowSum> sums = new(StringComparer.Ordinal);
        using BinaryWriter file = new(new BufferedStream(File.Create(path), 1 << 20));
        WriteHeader(file);
        byte[] frame = new byte[PayloadOffset + 100];
        long time = 1_767_225_600_000_000_000;
        for (int flow = 0; flow < flows; flow++)
        {
            bool isIPv6 = flow / 3 % 2 == 1;
            byte protocol = (flow % 3) switch { 0 => 6, 1 => 17, _ => isIPv6 ? (byte)58 : (byte)1 };
            int octets = Fill(frame, flow, isIPv6, protocol);
            int packets = 1 + flow % 2;
            for (int packet = 0; packet < packets; packet++)
            {
                time += 20_000; // 100,000 flows take 3 s
                WritePacket(file, frame.AsSpan(0, 14 + octets), time);
            }
            Add(sums, $"{ClassOfService(isIPv6)} {protocol}", 1, (ulong)packets, (ulong)(packets * octets));
        }
        return sums;
    }

    public static void Add(IDictionary<string, FlowSum> sums, string key, int records, ulong packets, ulong octets)
    {
        FlowSum before = sums.TryGetValue(key, out FlowSum? sum) ? sum : new FlowSum(0, 0, 0);
        sums[key] = new FlowSum(before.Records + records, before.Packets + packets, before.Octets + octets);
    }

    /// <summary>Another with these added.</summary>
    public static FlowSum Total(IEnumerable<FlowSum> sums) =>
        sums.Aggregate(new FlowSum(0, 0, 0), (a, b) => new FlowSum(a.Records + b.Records, a.Packets + b.Packets, a.Octets + b.Octets));

    public static int ClassOfService(bool isIPv6) => isIPv6 ? 24 : 16;

    private static void WriteHeader(BinaryWriter file)
    {
        file.Write(0xa1b23c4du); // nanoseconds
        file.Write((ushort)2);
        file.Write((ushort)4);
        file.Write(0L);
        file.Write(65535);
        file.Write(1); // Ethernet
    }

    /// <summary>Gives the octets of the IP packet.</summary>
    private static int Fill(Span<byte> frame, int flow, bool isIPv6, byte protocol)
    {
        frame.Clear();
        int header = isIPv6 ? 40 : 20;
        int transport = protocol switch { 6 => 20, _ => 8 };
        int payload = transport + 10 + flow % 80;
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], isIPv6 ? (ushort)0x86dd : (ushort)0x0800);
        Span<byte> ip = frame[14..];
        if (isIPv6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(ip, 0x60000000u | (uint)ClassOfService(true) << 20);
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)payload);
            (ip[6], ip[7]) = (protocol, 64);
            BinaryPrimitives.WriteUInt32BigEndian(ip[8..], 0x20010db8);
            BinaryPrimitives.WriteInt32BigEndian(ip[20..], flow);
            BinaryPrimitives.WriteUInt32BigEndian(ip[24..], 0x20010db8);
            ip[39] = 1;
        }
        else
        {
            (ip[0], ip[1], ip[8], ip[9]) = (0x45, (byte)ClassOfService(false), 64, protocol);
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(header + payload));
            BinaryPrimitives.WriteInt32BigEndian(ip[12..], 0x0a000000 + flow);
            BinaryPrimitives.WriteUInt32BigEndian(ip[16..], 0xc0000201);
        }
        Span<byte> next = ip[header..];
        if (protocol is 6 or 17)
        {
            BinaryPrimitives.WriteUInt16BigEndian(next, (ushort)(1024 + flow % 60_000));
            BinaryPrimitives.WriteUInt16BigEndian(next[2..], 80);
            if (protocol == 6)
                (next[12], next[13]) = (0x50, 0x18);
            else
                BinaryPrimitives.WriteUInt16BigEndian(next[4..], (ushort)payload);
        }
        else
        {
            next[0] = isIPv6 ? (byte)128 : (byte)8;
        }
        return header + payload;
    }

    private static void WritePacket(BinaryWriter file, ReadOnlySpan<byte> frame, long time)
    {
        file.Write((int)(time / 1_000_000_000));
        file.Write((int)(time % 1_000_000_000));
        file.Write(frame.Length);
        file.Write(frame.Length);
        file.Write(frame);
    }
}
