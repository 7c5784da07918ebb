namespace XdpTop.Capture;

/// <summary>
/// A ring shared with the kernel: where its parts are. The memory is someone else's (a mapping of the socket, or a
/// test's in the kernel's place). Producer and consumer count on without end; their low bits are the index of a descriptor.
/// </summary>
internal readonly unsafe struct RingMemory(uint* producer, uint* consumer, uint* flags, void* descriptors, uint size)
{
    public uint* Producer { get; } = producer;

    public uint* Consumer { get; } = consumer;

    /// <summary>XDP_RING_NEED_WAKEUP and whatever else the kernel says.</summary>
    public uint* Flags { get; } = flags;

    public void* Descriptors { get; } = descriptors;

    /// <summary>Number of descriptors: a power of two.</summary>
    public uint Size { get; } = size;

    public uint Mask => Size - 1;
}
