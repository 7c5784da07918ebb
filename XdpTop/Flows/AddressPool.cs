using System.Runtime.CompilerServices;
using XdpTop.Memory;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>
/// What the flow cache's entries have no room for of the addresses of IPv6 flows: their first 12 bytes. Pairs in fixed
/// room, used densely from the start, so that only as much memory is touched as there are IPv6 flows. The worker thread
/// alone adds and removes; any thread may read, and has to make sure in its own way that the pair was still the one it
/// meant.
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

    /// <summary>Puts the beginnings of the key's addresses in and gives their index. There are no more pairs than flows, so there is room.</summary>
    public uint Add(ref readonly FlowKey key)
    {
        uint index = _free;
        if (index != None)
            _free = *(uint*)(_pairs + index);
        else
            index = _used++;
        _pairs[index].Source = AddressStart.Of(in key.Source);
        _pairs[index].Destination = AddressStart.Of(in key.Destination);
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

/// <summary>Of the two addresses of an IPv6 flow, what its entry in the flow cache does not hold.</summary>
internal struct AddressPair
{
    public AddressStart Source;
    public AddressStart Destination;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsOf(ref readonly FlowKey key) => Source.IsOf(in key.Source) && Destination.IsOf(in key.Destination);
}

/// <summary>The first 12 bytes of an IPv6 address; the last 4 stand in the <see cref="FlowEntry"/>.</summary>
internal struct AddressStart
{
    // Not one of 8 bytes, which would be aligned and leave a hole.
    private uint _first;
    private uint _second;
    private uint _third;

    public static AddressStart Of(ref readonly IpAddress address) => As(in address);

    public readonly bool IsOf(ref readonly IpAddress address)
    {
        AddressStart other = As(in address);
        return ((_first ^ other._first) | (_second ^ other._second) | (_third ^ other._third)) == 0;
    }

    public readonly void CopyTo(ref IpAddress address) => Unsafe.As<IpAddress, AddressStart>(ref address) = this;

    private static AddressStart As(ref readonly IpAddress address) =>
        Unsafe.As<IpAddress, AddressStart>(ref Unsafe.AsRef(in address));
}
