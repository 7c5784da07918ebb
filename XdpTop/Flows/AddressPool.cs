using XdpTop.Memory;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>
/// The addresses of the flow cache's IPv6 flows, which have no room in its entries: pairs in fixed room, used densely
/// from the start, so that only as much memory is touched as there are IPv6 flows. The worker thread alone adds and
/// removes; any thread may read, and has to make sure in its own way that the pair was still the one it meant.
/// </summary>
internal sealed unsafe class AddressPool : IDisposable
{
    private const uint None = uint.MaxValue;

    private readonly MappedMemory _memory;
    private readonly AddressPair* _pairs;
    private readonly uint _capacity;
    private uint _used;
    private uint _free = None; // a freed pair's first four bytes are the index of the next

    public AddressPool(int capacity)
    {
        _capacity = (uint)capacity;
        _memory = MappedMemory.Allocate((nuint)capacity * (nuint)sizeof(AddressPair), "the flow cache's IPv6 addresses");
        _pairs = (AddressPair*)_memory.Pointer;
    }

    public ulong MemoryOctets => _memory.Length;

    /// <summary>The pair at an index; at one that never was, some other pair.</summary>
    public ref AddressPair this[uint index] => ref _pairs[index < _capacity ? index : 0];

    /// <summary>Puts the key's addresses in and gives their index. There are no more pairs than flows, so there is room.</summary>
    public uint Add(ref readonly FlowKey key)
    {
        uint index = _free;
        if (index != None)
            _free = *(uint*)(_pairs + index);
        else
            index = _used++;
        _pairs[index].Source = key.Source;
        _pairs[index].Destination = key.Destination;
        return index;
    }

    public void Remove(uint index)
    {
        *(uint*)(_pairs + index) = _free;
        _free = index;
    }

    /// <summary>Removes all.</summary>
    public void Clear()
    {
        _free = None;
        _used = 0;
    }

    public void Dispose() => _memory.Dispose();
}

/// <summary>The two addresses of an IPv6 flow.</summary>
internal struct AddressPair
{
    public IpAddress Source;
    public IpAddress Destination;
}
