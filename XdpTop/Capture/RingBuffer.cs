using static XdpTop.Native.Libbpf;

namespace XdpTop.Capture;

/// <summary>
/// Where the parts of a BPF ring buffer are (https://docs.kernel.org/bpf/ringbuf.html). The memory is someone else's: a
/// mapping of the map, or a test's in the kernel's place. Positions count octets without end.
/// </summary>
/// <param name="consumer">Written by user space.</param>
/// <param name="producer">Written by the kernel.</param>
/// <param name="data">Mapped twice, one after the other, so that no record is in two parts.</param>
/// <param name="size">Octets: a power of two.</param>
internal readonly unsafe struct RingBufferMemory(ulong* consumer, ulong* producer, byte* data, ulong size)
{
    public ulong* Consumer { get; } = consumer;

    public ulong* Producer { get; } = producer;

    public byte* Data { get; } = data;

    public ulong Size { get; } = size;
}

/// <summary>
/// The reader of a BPF ring buffer. Records are lent, in their order, until <see cref="Release"/>. One consumer thread:
/// the worker.
/// </summary>
internal sealed unsafe class RingBuffer(RingBufferMemory memory)
{
    private const uint FlagBits = BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT;

    private ulong _read = *memory.Consumer;
    private ulong _produced = *memory.Consumer; // as last seen
    private ulong _released = *memory.Consumer;

    public ulong Size => memory.Size;

    /// <summary>Octets that wait, with the headers of records. Any thread may ask.</summary>
    public ulong Fill => Volatile.Read(ref *memory.Producer) - Volatile.Read(ref *memory.Consumer);

    /// <summary>
    /// The next record; null when there is none, or when the next is still being written. What the kernel took back is
    /// skipped.
    /// </summary>
    public byte* Next()
    {
        while (true)
        {
            if (_read == _produced)
            {
                // Acquire: pairs with the kernel's release of the producer; up to there headers of records are set.
                _produced = Volatile.Read(ref *memory.Producer);
                if (_read == _produced)
                    return null;
            }
            byte* header = memory.Data + (_read & (memory.Size - 1));
            // Acquire: pairs with the kernel's exchange of the length as it submits; the record is written before.
            uint length = Volatile.Read(ref *(uint*)header);
            if ((length & BPF_RINGBUF_BUSY_BIT) != 0)
                return null;
            _read += ((length & ~FlagBits) + BPF_RINGBUF_HDR_SZ + 7) & ~7u;
            if ((length & BPF_RINGBUF_DISCARD_BIT) == 0)
                return header + BPF_RINGBUF_HDR_SZ;
        }
    }

    /// <summary>Gives back all records up to here. Release: pairs with the kernel's acquire of the consumer; they were read before.</summary>
    public void Release()
    {
        if (_released == _read)
            return;
        _released = _read;
        Volatile.Write(ref *memory.Consumer, _read);
    }
}
