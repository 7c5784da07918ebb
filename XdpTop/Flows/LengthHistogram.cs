using System.Numerics;
using System.Runtime.CompilerServices;

namespace XdpTop.Flows;

/// <summary>
/// Packets of a flow by the length of the IP packet, in eight bins whose upper bounds are powers of two:
/// 0–63, 64–127, 128–255, 256–511, 512–1023, 1024–2047, 2048–4095, and 4096 octets or more.
/// </summary>
[InlineArray(Bins)]
internal struct LengthHistogram
{
    public const int Bins = 8;

    private uint _first;

    /// <summary>The bin of a packet of so many octets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int BinOf(uint octets) => Math.Min(BitOperations.Log2(octets >> 5 | 1), Bins - 1);

    /// <summary>The fewest octets of a packet in this bin.</summary>
    public static uint LowerBound(int bin) => bin == 0 ? 0 : 32u << bin;
}
