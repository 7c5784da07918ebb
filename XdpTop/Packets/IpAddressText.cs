using System.Buffers.Binary;
using System.Numerics;

namespace XdpTop.Packets;

/// <summary>
/// Text of IP addresses for <see cref="IpAddress"/>. The framework's IPAddress allocates for every address, which the
/// screen and the text outputs cannot afford.
/// </summary>
internal static class IpAddressText
{
    private const int Groups = 8;

    public static int WriteIPv4<TChar>(ReadOnlySpan<byte> bytes, Span<TChar> text)
        where TChar : unmanaged, IBinaryInteger<TChar>
    {
        int length = 0;
        for (int i = 0; i < IpAddress.IPv4Length; i++)
        {
            if (i > 0)
                text[length++] = TChar.CreateTruncating('.');
            int value = bytes[i];
            if (value >= 100)
                text[length++] = Digit<TChar>(value / 100);
            if (value >= 10)
                text[length++] = Digit<TChar>(value / 10 % 10);
            text[length++] = Digit<TChar>(value % 10);
        }
        return length;
    }

    /// <summary>RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as "::".</summary>
    public static int WriteIPv6<TChar>(ReadOnlySpan<byte> bytes, Span<TChar> text)
        where TChar : unmanaged, IBinaryInteger<TChar>
    {
        (int zerosAt, int zeros) = LongestRunOfZeros(bytes);
        // RFC 5952 section 5: well-known prefixes that embed an IPv4 address show it dotted (here ::ffff:0:0/96).
        bool mapped = zerosAt == 0 && zeros == 5 && Group(bytes, 5) == 0xffff;
        int groups = mapped ? 6 : Groups;
        int length = 0;
        for (int i = 0; i < groups; i++)
        {
            if (i == zerosAt && zeros > 1)
            {
                text[length++] = TChar.CreateTruncating(':');
                text[length++] = TChar.CreateTruncating(':');
                i += zeros - 1;
                continue;
            }
            if (i > 0 && i != zerosAt + zeros)
                text[length++] = TChar.CreateTruncating(':');
            length += WriteHex(Group(bytes, i), text[length..]);
        }
        if (mapped)
        {
            text[length++] = TChar.CreateTruncating(':');
            length += WriteIPv4(bytes[12..], text[length..]);
        }
        return length;
    }

    private static (int At, int Count) LongestRunOfZeros(ReadOnlySpan<byte> bytes)
    {
        (int bestAt, int best) = (-1, 1);
        for (int i = 0; i < Groups; i++)
        {
            int run = 0;
            while (i + run < Groups && Group(bytes, i + run) == 0)
                run++;
            if (run > best)
                (bestAt, best) = (i, run);
            i += run;
        }
        return (bestAt, bestAt < 0 ? 0 : best);
    }

    private static int Group(ReadOnlySpan<byte> bytes, int index) =>
        BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * index)..]);

    private static int WriteHex<TChar>(int value, Span<TChar> text)
        where TChar : unmanaged, IBinaryInteger<TChar>
    {
        int length = 0;
        for (int shift = 12; shift >= 0; shift -= 4)
        {
            if (shift > 0 && value >> shift == 0)
                continue;
            int digit = (value >> shift) & 0xf;
            text[length++] = digit < 10 ? Digit<TChar>(digit) : TChar.CreateTruncating('a' + digit - 10);
        }
        return length;
    }

    private static TChar Digit<TChar>(int value)
        where TChar : unmanaged, IBinaryInteger<TChar> => TChar.CreateTruncating('0' + value);
}
