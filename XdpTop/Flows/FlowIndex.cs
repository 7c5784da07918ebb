using System.Runtime.CompilerServices;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using XdpTop.Memory;

namespace XdpTop.Flows;

/// <summary>
/// Finds slots of the flow cache by hash. Buckets of one cache line hold up to 15 entries: some bits of the hash (the
/// tag, which spares the look at most wrong records) and the slot. An entry that finds its bucket full goes to the next
/// one with room, and every bucket that it passed counts it, so that a search knows when to go on, and a removal leaves
/// nothing behind. Worker thread only.
/// </summary>
/// <remarks>Bits of an entry: slot + 1 in the low <see cref="_slotBits"/> bits, the tag above; 0 is an empty entry.</remarks>
internal sealed unsafe class FlowIndex : IDisposable
{
    private const int Words = 16;             // of 4 bytes in a bucket
    private const int Entries = Words - 1;    // the last word counts the entries that passed
    private const uint EntryBits = (1u << Entries) - 1;

    private readonly MappedMemory _memory;
    private readonly uint* _buckets;
    private readonly uint _bucketMask;
    private readonly int _slotBits;

    public FlowIndex(int capacity)
    {
        // Half full at most (8 of 15 entries), so that hardly any bucket overflows.
        uint buckets = Math.Max(BitOperations.RoundUpToPowerOf2((uint)(capacity + 7) / 8), 1);
        _bucketMask = buckets - 1;
        _slotBits = 32 - BitOperations.LeadingZeroCount((uint)capacity);
        _memory = MappedMemory.Allocate((nuint)buckets * Words * sizeof(uint), "the flow cache's index");
        _buckets = (uint*)_memory.Pointer;
    }

    public ulong MemoryOctets => _memory.Length;

    private uint SlotMask => (1u << _slotBits) - 1;

    /// <summary>Asks the processor to fetch the bucket of this hash.</summary>
    public void Prefetch(uint hash)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Bucket(hash));
    }

    /// <summary>The first slot in the hash's own bucket that may be the right one; −1 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Candidate(uint hash)
    {
        uint* bucket = Bucket(hash);
        uint matches = Matches(bucket, Tag(hash));
        return matches == 0 ? -1 : (int)(bucket[BitOperations.TrailingZeroCount(matches)] & SlotMask) - 1;
    }

    /// <summary>Begins a search for all slots that may be the right one.</summary>
    public Search Begin(uint hash) => new(this, hash);

    public void Add(uint hash, int slot)
    {
        for (uint at = hash & _bucketMask; ; at = (at + 1) & _bucketMask)
        {
            uint* bucket = _buckets + (nuint)at * Words;
            uint free = Matches(bucket, 0, uint.MaxValue);
            if (free != 0)
            {
                bucket[BitOperations.TrailingZeroCount(free)] = Tag(hash) | (uint)(slot + 1);
                return;
            }
            bucket[Entries]++;
        }
    }

    /// <summary>Takes out what <see cref="Add"/> put in with the same arguments.</summary>
    public void Remove(uint hash, int slot)
    {
        uint entry = Tag(hash) | (uint)(slot + 1);
        for (uint at = hash & _bucketMask; ; at = (at + 1) & _bucketMask)
        {
            uint* bucket = _buckets + (nuint)at * Words;
            uint found = Matches(bucket, entry, uint.MaxValue);
            if (found != 0)
            {
                bucket[BitOperations.TrailingZeroCount(found)] = 0;
                return;
            }
            bucket[Entries]--;
        }
    }

    /// <summary>Takes everything out.</summary>
    public void Clear() => new Span<uint>(_buckets, (int)(_bucketMask + 1) * Words).Clear();

    public void Dispose() => _memory.Dispose();

    private uint* Bucket(uint hash) => _buckets + (nuint)(hash & _bucketMask) * Words;

    // The bits above the slot; one is set if all were clear, since an entry of tag 0 must not look empty to a search.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Tag(uint hash)
    {
        uint tag = hash & ~SlotMask;
        return tag != 0 ? tag : SlotMask + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Matches(uint* bucket, uint tag) => Matches(bucket, tag, ~SlotMask);

    // Bit i is set where entry i, masked, is the value.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Matches(uint* bucket, uint value, uint mask)
    {
        Vector128<uint> wanted = Vector128.Create(value);
        Vector128<uint> bits = Vector128.Create(mask);
        uint matches =
            Vector128.Equals(Vector128.Load(bucket) & bits, wanted).ExtractMostSignificantBits()
            | Vector128.Equals(Vector128.Load(bucket + 4) & bits, wanted).ExtractMostSignificantBits() << 4
            | Vector128.Equals(Vector128.Load(bucket + 8) & bits, wanted).ExtractMostSignificantBits() << 8
            | Vector128.Equals(Vector128.Load(bucket + 12) & bits, wanted).ExtractMostSignificantBits() << 12;
        return matches & EntryBits;
    }

    /// <summary>Goes through the slots that may be the right one; ends when there can be no more.</summary>
    public ref struct Search
    {
        private readonly FlowIndex _index;
        private readonly uint _tag;
        private readonly uint _home;
        private uint _at;
        private uint _matches;

        internal Search(FlowIndex index, uint hash)
        {
            _index = index;
            _tag = index.Tag(hash);
            _home = _at = hash & index._bucketMask;
            _matches = index.Matches(index._buckets + (nuint)_at * Words, _tag);
        }

        /// <summary>The next such slot; −1 at the end.</summary>
        public int Next()
        {
            uint* bucket = _index._buckets + (nuint)_at * Words;
            while (_matches == 0)
            {
                if (bucket[Entries] == 0)
                    return -1;
                _at = (_at + 1) & _index._bucketMask;
                if (_at == _home)
                    return -1;
                bucket = _index._buckets + (nuint)_at * Words;
                _matches = _index.Matches(bucket, _tag);
            }
            int entry = BitOperations.TrailingZeroCount(_matches);
            _matches &= _matches - 1;
            return (int)(bucket[entry] & _index.SlotMask) - 1;
        }
    }
}
