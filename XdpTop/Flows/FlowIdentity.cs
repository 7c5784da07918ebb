using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace XdpTop.Flows;

/// <summary>
/// Gives a number of a flow's key and of when it began, by which readers tell it from others that have been at its slot of
/// the flow cache. Times alone would not do: all packets of a batch, or of a careless capture, have the same. With secrets in
/// it, so that nobody can send flows that have the same number.
/// </summary>
internal readonly struct FlowIdentity
{
    private const ulong Factor = 0x9e37_79b9_7f4a_7c15; // odd, with ones and zeros as if by chance

    private readonly ulong _secret;
    private readonly ulong _otherSecret;

    private FlowIdentity(ReadOnlySpan<ulong> secrets) => (_secret, _otherSecret) = (secrets[0], secrets[1]);

    /// <summary>The one for all. Whoever asks often keeps it at hand.</summary>
    public static FlowIdentity Common { get; } = new(MemoryMarshal.Cast<byte, ulong>(HashSeed.Make(2 * sizeof(ulong))));

    /// <summary>That of a flow outside the cache.</summary>
    /// <param name="start">Of the flow, which may have had records before.</param>
    public ulong Of(in FlowKey key, long start)
    {
        FlowEntry entry = default;
        entry.SetKey(in key);
        AddressPair addresses = new() { Source = AddressStart.Of(in key.Source), Destination = AddressStart.Of(in key.Destination) };
        return Of(in entry, in addresses, start);
    }

    /// <summary>That of a flow in the cache.</summary>
    /// <param name="addresses">What the entry of an IPv6 flow does not hold; of another one, anything.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Of(ref readonly FlowEntry entry, ref readonly AddressPair addresses, long start)
    {
        ulong ends = entry.Source | ((ulong)entry.Destination << 32), others = entry.PortsAndVlans;
        if (entry.Version == 6)
        {
            ReadOnlySpan<ulong> starts = MemoryMarshal.Cast<AddressPair, ulong>(MemoryMarshal.CreateReadOnlySpan(in addresses, 1));
            ends ^= FoldedProduct.Of(starts[0] ^ _secret, starts[1] ^ _otherSecret);
            others ^= FoldedProduct.Of(starts[2] ^ _secret, _otherSecret);
        }
        return FoldedProduct.Of(ends ^ _secret, others ^ _otherSecret) ^ (entry.ProtocolToDirection * Factor) ^ (ulong)start;
    }
}
