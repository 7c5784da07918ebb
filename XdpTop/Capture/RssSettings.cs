namespace XdpTop.Capture;

/// <summary>Receive side scaling: a hash of a packet's addresses and ports chooses a place in a table, and that an RX queue.</summary>
internal sealed record RssSettings
{
    // ETH_RSS_HASH_… of the kernel's linux/ethtool.h
    private const byte Toeplitz = 1 << 0;
    private const byte Xor = 1 << 1;

    /// <summary>One of the kernel's ETH_RSS_HASH_… bits; 0 where the driver does not tell, which then is Toeplitz.</summary>
    public byte HashFunction { get; init; }

    /// <summary>Whether source and destination are made one (by XOR, OR) before they are hashed.</summary>
    public bool IsSymmetricByInput { get; init; }

    /// <summary>RX queues, by the hash's low bits; empty where the driver does not tell.</summary>
    public IReadOnlyList<uint> Indirection { get; init; } = [];

    /// <summary>The hash function's key; empty where the driver does not tell.</summary>
    public IReadOnlyList<byte> Key { get; init; } = [];

    public bool IsToeplitz => HashFunction is 0 or Toeplitz;

    /// <summary>Whether both directions of a flow come to the same queue; null where the driver does not tell the key.</summary>
    public bool? IsSymmetric
    {
        get
        {
            if (IsSymmetricByInput || HashFunction == Xor)
                return true;
            if (!IsToeplitz)
                return false;
            return Key.Count == 0 ? null : IsSymmetricKey(Key);
        }
    }

    /// <summary>
    /// Whether Toeplitz' hash by this key stays the same when source and destination change places, for TCP and UDP over
    /// IPv4 and IPv6. A bit of the input brings in the 32 bits of the key that begin at its place: so those at the place of
    /// each bit of the source must be those at the place of that bit of the destination.
    /// </summary>
    public static bool IsSymmetricKey(IReadOnlyList<byte> key)
    {
        return Repeats(0, 32) && Repeats(64, 16) // IPv4: addresses at bits 0 and 32, ports at 64 and 80
            && Repeats(0, 128) && Repeats(256, 16); // IPv6: addresses at bits 0 and 128, ports at 256 and 272

        bool Repeats(int start, int length)
        {
            const int Window = 32;
            for (int bit = start; bit < start + length + Window - 1; bit++)
            {
                if (Bit(bit) != Bit(bit + length))
                    return false;
            }
            return true;
        }

        // A key may be too short for IPv6, of which the hash then knows less.
        int Bit(int at) => at / 8 < key.Count ? key[at / 8] >> (7 - at % 8) & 1 : 0;
    }
}
