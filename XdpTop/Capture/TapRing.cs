using Tmds.Linux;
using XdpTop.Memory;
using XdpTop.Native;
using static Tmds.Linux.LibC;
using static XdpTop.Native.Libbpf;

namespace XdpTop.Capture;

/// <summary>A BPF ring buffer of this process: owns the map's descriptor and its mapping.</summary>
internal sealed unsafe class TapRing : IDisposable
{
    private readonly void* _consumer;
    private readonly void* _producer;
    private readonly int _pageSize = Environment.SystemPageSize;
    private readonly ulong _size;

    /// <param name="size">Octets: a power of two, and whole pages.</param>
    /// <exception cref="NativeException">No rights, or no memory.</exception>
    public TapRing(uint size)
    {
        _size = size;
        FileDescriptor = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "tap_ring", 0, 0, size, null);
        if (FileDescriptor < 0)
            throw Failure("making", -FileDescriptor);
        // The kernel lets user space write the consumer's position, on a page of its own, and only read the rest.
        _consumer = mmap(null, _pageSize, PROT_READ | PROT_WRITE, MAP_SHARED, FileDescriptor, 0);
        _producer = _consumer == MAP_FAILED ? MAP_FAILED : mmap(null, (size_t)MappedOctets, PROT_READ, MAP_SHARED, FileDescriptor, _pageSize);
        if (_producer == MAP_FAILED)
        {
            int error = errno;
            Dispose();
            throw Failure("mapping", error);
        }
        Buffer = new RingBuffer(new RingBufferMemory((ulong*)_consumer, (ulong*)_producer, (byte*)_producer + _pageSize, size));
        MappedMemory.CountOther(size);
    }

    /// <summary>The map's; to poll, too.</summary>
    public int FileDescriptor { get; }

    public RingBuffer Buffer { get; }

    private ulong MappedOctets => (ulong)_pageSize + 2 * _size;

    public void Dispose()
    {
        if (_producer != MAP_FAILED)
        {
            _ = munmap(_producer, (size_t)MappedOctets);
            MappedMemory.CountOther(-(long)_size);
        }
        if (_consumer != MAP_FAILED)
            _ = munmap(_consumer, _pageSize);
        _ = close(FileDescriptor);
    }

    private NativeException Failure(string verb, int error) => new(
        $"{verb} a BPF ring buffer of {_size >> 10} KiB", error,
        error is Errno.EPERM ? Capabilities.Remedy() : "Linux 5.8 or later is needed, and memory: ask for smaller ones with --ring-size");
}
