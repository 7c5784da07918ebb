using static XdpTop.Native.IfXdp;

namespace XdpTop.Capture;

/// <summary>The RX ring: the kernel gives received frames to user space. One consumer thread: the worker.</summary>
internal sealed unsafe class RxRing(RingMemory ring)
{
    private readonly xdp_desc* _descriptors = (xdp_desc*)ring.Descriptors;
    private uint _consumer = *ring.Consumer;

    public int Size => (int)ring.Size;

    /// <summary>Frames that wait. Any thread may ask.</summary>
    public int Fill => (int)(Volatile.Read(ref *ring.Producer) - Volatile.Read(ref *ring.Consumer));

    /// <summary>How many frames can be read, up to a number. Acquire: pairs with the kernel's release of the producer.</summary>
    public int Available(int maximum) => (int)Math.Min(Volatile.Read(ref *ring.Producer) - _consumer, (uint)maximum);

    /// <summary>The descriptor so many after the oldest one that was not released; below <see cref="Available"/>.</summary>
    public ref readonly xdp_desc Peek(int index) => ref _descriptors[(_consumer + (uint)index) & ring.Mask];

    /// <summary>Gives so many descriptors back. Release: pairs with the kernel's acquire; they were read before.</summary>
    public void Release(int count)
    {
        _consumer += (uint)count;
        Volatile.Write(ref *ring.Consumer, _consumer);
    }
}
