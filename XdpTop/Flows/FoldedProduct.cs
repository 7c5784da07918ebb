namespace XdpTop.Flows;

/// <summary>
/// Both halves of the product of two words, folded into one (Wang Yi's wyhash): what hashes here are made of. With a secret in
/// one of the words nobody can tell which others give the same.
/// </summary>
internal static class FoldedProduct
{
    public static ulong Of(ulong one, ulong other) => Math.BigMul(one, other, out ulong low) ^ low;
}
