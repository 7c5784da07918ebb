using XdpTop.Memory;

namespace XdpTop.Flows;

/// <summary>
/// The byte distributions of a flow cache's flows, 1 KiB for each of its slots; memory is touched as slots are used. The
/// worker thread alone writes; others may read, and have to make sure in their own way that nothing was written meanwhile.
/// </summary>
internal sealed unsafe class ByteDistributions : IDisposable
{
    private readonly MappedMemory _memory;
    private readonly ByteDistribution* _distributions;

    /// <param name="capacity">Slots.</param>
    public ByteDistributions(int capacity)
    {
        _memory = MappedMemory.Allocate((nuint)capacity * (nuint)sizeof(ByteDistribution), "the flows' byte distributions");
        _distributions = (ByteDistribution*)_memory.Pointer;
    }

    public ulong MemoryOctets => _memory.Length;

    public ref readonly ByteDistribution this[int slot] => ref _distributions[slot];

    public void Clear(int slot) => _distributions[slot] = default;

    /// <summary>Counts a payload's bytes.</summary>
    /// <param name="octets">Of the flow's payload so far, this one included: no count is larger.</param>
    public void Count(int slot, PacketPayload payload, ulong octets)
    {
        uint* counts = (uint*)(_distributions + slot);
        if (octets > uint.MaxValue)
        {
            foreach (byte value in payload.Bytes)
            {
                if (counts[value] != uint.MaxValue)
                    counts[value]++;
            }
            return;
        }
        // One by one: reading eight at once, and several tables that are added up in the end, were slower.
        foreach (byte value in payload.Bytes)
            counts[value]++;
    }

    public void Dispose() => _memory.Dispose();
}
