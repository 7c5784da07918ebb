using System.Buffers.Binary;

namespace XdpTop.Packets;

/// <summary>The jumbo payload option of IPv6's hop-by-hop options header (RFC 2675 section 2).</summary>
internal static class JumboOption
{
    private const int LengthOffset = 1;
    private const int OptionsOffset = 2;
    private const byte Pad1 = 0;
    private const byte JumboPayload = 0xc2;
    private const int JumboPayloadLength = 4;

    /// <summary>Finds the option in as much of the header as was captured; false also if its length is not above 65,535.</summary>
    public static bool TryRead(ReadOnlySpan<byte> hopByHop, out uint payloadLength)
    {
        payloadLength = 0;
        if (hopByHop.Length < OptionsOffset)
            return false;
        int end = Math.Min(hopByHop.Length, (hopByHop[LengthOffset] + 1) * 8);
        ReadOnlySpan<byte> options = hopByHop[OptionsOffset..end];
        while (options.Length >= 2)
        {
            if (options[0] == Pad1)
            {
                options = options[1..];
                continue;
            }
            int length = OptionsOffset + options[LengthOffset];
            if (length > options.Length)
                return false;
            if (options[0] == JumboPayload && length == OptionsOffset + JumboPayloadLength)
            {
                payloadLength = BinaryPrimitives.ReadUInt32BigEndian(options[OptionsOffset..]);
                return payloadLength > ushort.MaxValue;
            }
            options = options[length..];
        }
        return false;
    }
}
