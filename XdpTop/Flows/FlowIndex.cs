using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using XdpTop.Memory;

namespace XdpTop.Flows;

/// <summary>
/// Finds slots of the flow cache by hash. Buckets of one cache line hold up to 12 entries: a tag, which is a byte of the
/// hash and spares the look at most wrong records, and the slot. An entry that finds its bucket full goes to the next one
/// with room, and every bucket that it passed counts it, so that a search knows when to go on, and a removal leaves
/// nothing behind. Worker thread only.
/// </summary>
/// <remarks>
/// A bucket's first 16 bytes are 12 tags, 0 for an empty entry, and the count of those that passed; then come the slots.
/// All tags are compared at once. Buckets with 4-byte entries of tag and slot in one took a fifth more for a look-up.
/// </remarks>
internal sealed unsafe class FlowIndex : IDisposable
{
    private const int BucketSize = 64;
    private const int Entries = 12;
    private const int SlotsOffset = 16;
    private const uint EntryBits = (1u << Entries) - 1;

    /// <summary>On average, when the flow cache is full: then one bucket in twenty overflows.</summary>
    private const int EntriesInUse = 8;

    private readonly MappedMemory _memory;
    private readonly byte* _buckets;
    private readonly uint _count;

    public FlowIndex(int capacity)
    {
        _count = (uint)(capacity + EntriesInUse - 1) / EntriesInUse;
        _memory = MappedMemory.Allocate((nuint)_count * BucketSize, "the flow cache's index");
        _buckets = _memory.Pointer;
    }

    public ulong MemoryOctets => _memory.Length;

    /// <summary>Asks the processor to fetch the bucket of this hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint hash)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Bucket(hash));
    }

    /// <summary>The first slot in the hash's own bucket that may be the right one; −1 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Candidate(uint hash)
    {
        byte* bucket = Bucket(hash);
        uint matches = Matches(bucket, Tag(hash));
        return matches == 0 ? -1 : Slots(bucket)[BitOperations.TrailingZeroCount(matches)];
    }

    /// <summary>Asks the processor to fetch what a search will look at next that found nothing in the hash's own bucket.</summary>
    public void PrefetchOverflow(uint hash)
    {
        byte* bucket = Bucket(hash);
        if (Passed(bucket) != 0 && Sse.IsSupported)
            Sse.Prefetch0(Next(bucket));
    }

    /// <summary>Begins a search for all slots that may be the right one.</summary>
    public Search Begin(uint hash) => new(this, hash);

    /// <summary>Puts a slot in. There is room as long as there are no more slots than the capacity.</summary>
    public void Add(uint hash, int slot)
    {
        for (byte* bucket = Bucket(hash); ; bucket = Next(bucket))
        {
            uint free = Matches(bucket, 0);
            if (free != 0)
            {
                int entry = BitOperations.TrailingZeroCount(free);
                bucket[entry] = Tag(hash);
                Slots(bucket)[entry] = slot;
                return;
            }
            Passed(bucket)++;
        }
    }

    /// <summary>Takes out what <see cref="Add"/> put in with the same arguments.</summary>
    public void Remove(uint hash, int slot)
    {
        for (byte* bucket = Bucket(hash); ; bucket = Next(bucket))
        {
            for (uint matches = Matches(bucket, Tag(hash)); matches != 0; matches &= matches - 1)
            {
                int entry = BitOperations.TrailingZeroCount(matches);
                if (Slots(bucket)[entry] != slot)
                    continue;
                bucket[entry] = 0;
                return;
            }
            Passed(bucket)--;
        }
    }

    /// <summary>Takes everything out.</summary>
    public void Clear() => new Span<Vector512<byte>>(_buckets, (int)_count).Clear();

    /// <inheritdoc cref="MappedMemory.Populate"/>
    public void Populate() => _memory.Populate();

    public void Dispose() => _memory.Dispose();

    // The high bits of the hash choose the bucket, so that any number of buckets will do; the tag is of the low ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Bucket(uint hash) => _buckets + (nuint)((ulong)hash * _count >> 32) * BucketSize;

    private byte* Next(byte* bucket)
    {
        bucket += BucketSize;
        return bucket < _buckets + _memory.Length ? bucket : _buckets;
    }

    private static byte Tag(uint hash) => (byte)hash != 0 ? (byte)hash : (byte)1;

    private static int* Slots(byte* bucket) => (int*)(bucket + SlotsOffset);

    private static ref uint Passed(byte* bucket) => ref *(uint*)(bucket + Entries);

    // Bit i is set where entry i has the tag.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Matches(byte* bucket, byte tag) =>
        Vector128.Equals(Vector128.Load(bucket), Vector128.Create(tag)).ExtractMostSignificantBits() & EntryBits;

    /// <summary>Goes through the slots that may be the right one; ends when there can be no more.</summary>
    public ref struct Search
    {
        private readonly FlowIndex _index;
        private readonly byte _tag;
        private readonly byte* _home;
        private byte* _bucket;
        private uint _matches;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Search(FlowIndex index, uint hash)
        {
            _index = index;
            _tag = Tag(hash);
            _home = _bucket = index.Bucket(hash);
            _matches = Matches(_bucket, _tag);
        }

        /// <summary>The next such slot; −1 at the end.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Next()
        {
            while (_matches == 0)
            {
                if (Passed(_bucket) == 0)
                    return -1;
                _bucket = _index.Next(_bucket);
                if (_bucket == _home)
                    return -1;
                _matches = Matches(_bucket, _tag);
            }
            int entry = BitOperations.TrailingZeroCount(_matches);
            _matches &= _matches - 1;
            return Slots(_bucket)[entry];
        }
    }
}
