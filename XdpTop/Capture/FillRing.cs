using static XdpTop.Native.IfXdp;

namespace XdpTop.Capture;

/// <summary>
/// The fill ring: user space gives free chunks of the UMEM to the kernel. Descriptors are chunk addresses, u64. One
/// producer thread: the worker (at set-up, who sets up).
/// </summary>
internal sealed unsafe class FillRing(RingMemory ring)
{
    private readonly ulong* _addresses = (ulong*)ring.Descriptors;
    private uint _producer = *ring.Producer;

    /// <summary>Whether the driver sleeps until it is woken by a system call on the socket.</summary>
    public bool NeedsWakeup => (Volatile.Read(ref *ring.Flags) & XDP_RING_NEED_WAKEUP) != 0;

    /// <summary>
    /// Puts a chunk into the ring; the kernel sees it after <see cref="Submit"/>. There is room: the ring is as large as
    /// the UMEM, so that no more chunks exist than it holds.
    /// </summary>
    public void Add(ulong address) => _addresses[_producer++ & ring.Mask] = address;

    /// <summary>Release: pairs with the kernel's acquire of the producer; the addresses are written before.</summary>
    public void Submit() => Volatile.Write(ref *ring.Producer, _producer);
}
