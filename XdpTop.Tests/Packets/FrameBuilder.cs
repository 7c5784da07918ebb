using System.Buffers.Binary;
using System.Net;

namespace XdpTop.Tests.Packets;

/// <summary>
/// Makes frames from the inside out, as in Ethernet(0x0800, IPv4(6, Tcp(1024, 80))). Knows nothing of the parser.
/// Checksums are not computed, but for that of IPv4's header.
/// </summary>
internal static class FrameBuilder
{
    public static byte[] Ethernet(ushort type, byte[] payload, int padTo = 0)
    {
        byte[] frame = Join([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1], Big16(type), payload);
        return frame.Length < padTo ? Join(frame, Filled(padTo - frame.Length, 0xee)) : frame;
    }

    /// <summary>The tag after its TPID: priority 5 and DEI set, so that they show where they must not.</summary>
    public static byte[] Vlan(int id, ushort type, byte[] payload) => Join(Big16(0xb000 | id), Big16(type), payload);

    public static byte[] Snap(byte[] payload, ushort type) => Join([0xaa, 0xaa, 3, 0, 0, 0], Big16(type), payload);

    public static byte[] Mpls(byte[] payload, params int[] labels)
    {
        byte[] stack = [];
        for (int i = 0; i < labels.Length; i++)
        {
            int bottom = i == labels.Length - 1 ? 0x100 : 0;
            stack = Join(stack, Big32((uint)(labels[i] << 12 | bottom | 64)));
        }
        return Join(stack, payload);
    }

    public static byte[] Pppoe(ushort protocol, byte[] payload, int? length = null) =>
        Join([0x11, 0], Big16(0x1234), Big16(length ?? payload.Length + 2), Big16(protocol), payload);

    public static byte[] Sll(ushort type, byte[] payload) => Join(new byte[14], Big16(type), payload);

    public static byte[] Sll2(ushort type, byte[] payload) => Join(Big16(type), new byte[18], payload);

    public static byte[] IPv4(
        byte protocol, byte[] payload, string source = "10.0.0.1", string destination = "10.0.0.2", byte[]? options = null,
        int id = 0, int fragment = 0, byte ttl = 64, byte tos = 0, int? totalLength = null, byte? first = null)
    {
        int headerLength = 20 + (options?.Length ?? 0);
        byte[] header = Join(
            [first ?? (byte)(0x40 | headerLength / 4), tos], Big16(totalLength ?? headerLength + payload.Length),
            Big16(id), Big16(fragment), [ttl, protocol, 0, 0],
            IPAddress.Parse(source).GetAddressBytes(), IPAddress.Parse(destination).GetAddressBytes(), options ?? []);
        int sum = 0;
        for (int i = 0; i + 1 < header.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(i));
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        Big16(~sum & 0xffff).CopyTo(header, 10);
        return Join(header, payload);
    }

    public static byte[] IPv6(
        byte next, byte[] payload, string source = "2001:db8::1", string destination = "2001:db8::2", byte hopLimit = 64,
        byte trafficClass = 0, int? payloadLength = null) =>
        Join(
            Big32(0x60000000u | (uint)trafficClass << 20 | 0x12345), Big16(payloadLength ?? payload.Length), [next, hopLimit],
            IPAddress.Parse(source).GetAddressBytes(), IPAddress.Parse(destination).GetAddressBytes(), payload);

    /// <summary>An extension header of so many octets (a multiple of 8) that holds a PadN option, and what follows it.</summary>
    public static byte[] Extension(byte next, byte[] payload, int length = 8) =>
        Join([next, (byte)(length / 8 - 1), 1, (byte)(length - 4)], new byte[length - 4], payload);

    public static byte[] Ah(byte next, byte[] payload, int length = 24) =>
        Join([next, (byte)(length / 4 - 2)], new byte[length - 2], payload);

    public static byte[] Fragment(byte next, byte[] payload, int offset, bool more, uint id) =>
        Join([next, 0], Big16(offset & ~7 | (more ? 1 : 0)), Big32(id), payload);

    public static byte[] Jumbo(byte next, uint length, byte[] payload) => Join([next, 0, 0xc2, 4], Big32(length), payload);

    public static byte[] Tcp(
        int source, int destination, int flags = 0x018, byte[]? options = null, byte[]? payload = null, int? dataOffset = null)
    {
        int words = dataOffset ?? 5 + (options?.Length ?? 0) / 4;
        return Join(
            Big16(source), Big16(destination), Big32(0x01020304), Big32(0x05060708), Big16(words << 12 | flags),
            Big16(0xfff0), [0, 0, 0, 0], options ?? [], payload ?? []);
    }

    public static byte[] Udp(int source, int destination, byte[]? payload = null, int? length = null) =>
        Join(Big16(source), Big16(destination), Big16(length ?? 8 + (payload?.Length ?? 0)), [0, 0], payload ?? []);

    public static byte[] Sctp(int source, int destination, byte[] chunks) =>
        Join(Big16(source), Big16(destination), Big32(0xabcdef01), Big32(0), chunks);

    public static byte[] Dccp(int source, int destination, byte[] payload, byte dataOffset = 4) =>
        Join(Big16(source), Big16(destination), [dataOffset, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 1], payload);

    public static byte[] TypeAndCode(byte type, byte code, int length = 8) => Join([type, code], new byte[length - 2]);

    public static byte[] Filled(int length, byte value)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    public static byte[] Big16(int value) => [(byte)(value >> 8), (byte)value];

    public static byte[] Big32(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
