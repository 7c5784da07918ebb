using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace XdpTop.Memory;

/// <summary>
/// A bounded queue between two threads: one that only enqueues, one that only dequeues. Holds plain values off the
/// managed heap; neither side ever waits, locks or allocates.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue.")]
internal sealed unsafe class SpscQueue<T> : IDisposable
    where T : unmanaged
{
    private readonly MappedMemory _memory;
    private readonly T* _items;
    private readonly uint _mask;
    private SpscPositions _positions;

    /// <summary>Room for <paramref name="capacity"/> items at least: it is rounded up to a power of two.</summary>
    public SpscQueue(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        uint items = BitOperations.RoundUpToPowerOf2((uint)capacity);
        _mask = items - 1;
        _memory = MappedMemory.Allocate((nuint)items * (nuint)sizeof(T), "a queue");
        _items = (T*)_memory.Pointer;
    }

    public int Capacity => (int)_mask + 1;

    /// <summary>Items in the queue, as of some moment during the call. Any thread may ask.</summary>
    public int Count => (int)(Volatile.Read(ref _positions.Enqueued) - Volatile.Read(ref _positions.Dequeued));

    /// <summary>Producer only. False when the queue is full; the item is then the caller's to count.</summary>
    public bool TryEnqueue(in T item)
    {
        if (!TryReserve())
            return false;
        Reserved = item;
        Commit();
        return true;
    }

    /// <summary>Producer only. Makes sure of a place for the next item, to be filled in there; false when the queue is full.</summary>
    public bool TryReserve()
    {
        uint position = _positions.Enqueued;
        if (position - _positions.DequeuedSeen <= _mask)
            return true;
        // Acquire: pairs with the consumer's release in TryDequeue; its reads of the slot are over.
        _positions.DequeuedSeen = Volatile.Read(ref _positions.Dequeued);
        return position - _positions.DequeuedSeen <= _mask;
    }

    /// <summary>Producer only, after <see cref="TryReserve"/>: the next item, which still holds what was there before.</summary>
    public ref T Reserved => ref _items[_positions.Enqueued & _mask];

    /// <summary>Producer only: gives <see cref="Reserved"/> away.</summary>
    // Release: pairs with the acquire in TryDequeue; the slot is written before the position that gives it away.
    public void Commit() => Volatile.Write(ref _positions.Enqueued, _positions.Enqueued + 1);

    /// <summary>Consumer only. Takes up to <paramref name="items"/>' length; gives how many were taken.</summary>
    public int TryDequeue(Span<T> items)
    {
        uint position = _positions.Dequeued;
        uint available = Volatile.Read(ref _positions.Enqueued) - position; // acquire: see TryEnqueue
        int count = (int)Math.Min(available, (uint)items.Length);
        for (int i = 0; i < count; i++)
            items[i] = _items[(position + (uint)i) & _mask];
        if (count > 0)
            Volatile.Write(ref _positions.Dequeued, position + (uint)count); // release: see TryEnqueue
        return count;
    }

    /// <inheritdoc cref="MappedMemory.Populate"/>
    public void Populate() => _memory.Populate();

    /// <summary>After both threads have stopped.</summary>
    public void Dispose() => _memory.Dispose();
}

/// <summary>
/// Of an <see cref="SpscQueue{T}"/>: each side's position on cache lines of its own, so that neither slows the other
/// down. Not nested in there, since a generic type cannot have an explicit layout.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct SpscPositions
{
    [FieldOffset(64)] public uint Enqueued;

    /// <summary>The producer's last sight of <see cref="Dequeued"/>.</summary>
    [FieldOffset(68)] public uint DequeuedSeen;

    [FieldOffset(128)] public uint Dequeued;
}
