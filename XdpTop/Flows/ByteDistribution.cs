using System.Runtime.CompilerServices;

namespace XdpTop.Flows;

/// <summary>
/// How many octets of a flow's payload have each of the 256 values. What was not captured is not counted; a count stays
/// at the largest number that it can hold.
/// </summary>
[InlineArray(Values)]
internal struct ByteDistribution
{
    public const int Values = 256;

    private uint _first;

    /// <summary>
    /// The counts of the record at an index, of distributions that go with records; empty where these have none.
    /// </summary>
    public static ReadOnlySpan<uint> At(ReadOnlySpan<ByteDistribution> distributions, int index) =>
        distributions.IsEmpty ? [] : distributions[index];

    /// <summary>Shannon's entropy in bits per octet, 0 to 8: −Σ p·log₂ p; 0 where there are no octets.</summary>
    public static double Entropy(ReadOnlySpan<uint> counts)
    {
        ulong octets = 0;
        foreach (uint count in counts)
            octets += count;
        double entropy = 0;
        foreach (uint count in counts)
        {
            if (count == 0)
                continue;
            double share = (double)count / octets;
            entropy -= share * Math.Log2(share);
        }
        return entropy;
    }
}
