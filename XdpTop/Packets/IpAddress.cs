using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace XdpTop.Packets;

/// <summary>
/// The 16 bytes of an IP address as they are on the wire. An IPv4 address takes the first four, the others are zero;
/// which of the two it is stands beside it (<see cref="ParsedPacket.IpVersion"/>).
/// </summary>
[InlineArray(Length)]
internal struct IpAddress : IEquatable<IpAddress>
{
    public const int Length = 16;
    public const int IPv4Length = 4;

    /// <summary>Longest text of an address, in characters: an IPv6 one that ends in an IPv4 one.</summary>
    public const int MaximumTextLength = 45;

    private byte _first;

    /// <summary>Takes 4 or 16 bytes in network order.</summary>
    public static IpAddress FromBytes(ReadOnlySpan<byte> bytes)
    {
        IpAddress address = default;
        bytes.CopyTo(address);
        return address;
    }

    /// <summary>Takes the 4 bytes of an IPv4 address as they lie in memory.</summary>
    public static IpAddress FromIPv4(uint bytes) =>
        Unsafe.BitCast<Vector128<uint>, IpAddress>(Vector128.CreateScalar(bytes));

    public static IpAddress Parse(string text) => FromBytes(IPAddress.Parse(text).GetAddressBytes());

    /// <summary>The bytes that count for this IP version: 4 or 16.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes(byte ipVersion) =>
        MemoryMarshal.CreateReadOnlySpan(in _first, ipVersion == 4 ? IPv4Length : Length);

    /// <summary>Orders addresses of one IP version as numbers.</summary>
    public static int Compare(in IpAddress left, in IpAddress right) =>
        left.Bytes(6).SequenceCompareTo(right.Bytes(6));

    public readonly bool Equals(IpAddress other) => Vector128.LoadUnsafe(in _first) == Vector128.LoadUnsafe(in other._first);

    public override readonly bool Equals(object? obj) => obj is IpAddress other && Equals(other);

    public override readonly int GetHashCode() =>
        HashCode.Combine(
            BinaryPrimitives.ReadUInt64LittleEndian(Bytes(6)),
            BinaryPrimitives.ReadUInt64LittleEndian(Bytes(6)[8..]));

    /// <summary>
    /// Writes the address as RFC 5952 has it, as UTF-16 (<see cref="char"/>) or UTF-8 (<see cref="byte"/>), without
    /// allocating. False, with a length of 0, if it does not fit; <see cref="MaximumTextLength"/> always does.
    /// </summary>
    public readonly bool TryFormat<TChar>(byte ipVersion, Span<TChar> text, out int length)
        where TChar : unmanaged, IBinaryInteger<TChar>
    {
        Span<TChar> whole = stackalloc TChar[MaximumTextLength];
        ReadOnlySpan<byte> bytes = Bytes(ipVersion);
        int written = ipVersion == 4 ? IpAddressText.WriteIPv4(bytes, whole) : IpAddressText.WriteIPv6(bytes, whole);
        bool fits = whole[..written].TryCopyTo(text);
        length = fits ? written : 0;
        return fits;
    }

    public readonly string ToString(byte ipVersion)
    {
        Span<char> text = stackalloc char[MaximumTextLength];
        TryFormat(ipVersion, text, out int length);
        return text[..length].ToString();
    }
}
