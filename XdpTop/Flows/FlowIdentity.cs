using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace XdpTop.Flows;

/// <summary>
/// A number of a flow's key and of when it began, by which readers tell it from others that have been at its slot of the
/// flow cache. Times alone would not do: all packets of a batch, or of a careless capture, have the same. With secrets in
/// it, so that nobody can send flows that have the same number.
/// </summary>
internal static class FlowIdentity
{
    private static readonly ulong[] s_secrets = MemoryMarshal.Cast<byte, ulong>(HashSeed.Make(5 * sizeof(ulong))).ToArray();

    /// <summary>That of a flow outside the cache.</summary>
    /// <param name="start">Of the flow, which may have had records before.</param>
    public static ulong Of(in FlowKey key, long start)
    {
        FlowEntry entry = default;
        entry.SetKey(in key);
        AddressPair addresses = new() { Source = AddressStart.Of(in key.Source), Destination = AddressStart.Of(in key.Destination) };
        return Of(in entry, in addresses, start);
    }

    /// <summary>That of a flow in the cache.</summary>
    /// <param name="addresses">What the entry of an IPv6 flow does not hold; of another one, anything.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ref readonly FlowEntry entry, ref readonly AddressPair addresses, long start)
    {
        ulong[] secrets = s_secrets;
        ulong ends = entry.Source | ((ulong)entry.Destination << 32);
        if (entry.Version == 6)
        {
            ReadOnlySpan<ulong> starts = MemoryMarshal.Cast<AddressPair, ulong>(MemoryMarshal.CreateReadOnlySpan(in addresses, 1));
            ends ^= Fold(starts[0] ^ secrets[3], starts[1] ^ secrets[4]);
            ends ^= Fold(starts[2] ^ secrets[4], secrets[3]);
        }
        return Fold(Fold(ends ^ secrets[0], entry.PortsAndVlans ^ secrets[1]) ^ entry.ProtocolToDirection, (ulong)start ^ secrets[2]);
    }

    /// <summary>Both halves of the product, folded.</summary>
    private static ulong Fold(ulong one, ulong other) => Math.BigMul(one, other, out ulong low) ^ low;
}
