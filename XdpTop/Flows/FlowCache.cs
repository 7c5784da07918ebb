using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using XdpTop.Memory;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>
/// The flows alive at one worker, off the managed heap, in room that is fixed from the start. The worker thread alone
/// changes it (<see cref="Observe"/>, <see cref="Expire"/>, <see cref="EndAll"/>); any thread may read records
/// meanwhile (<see cref="TryRead(int, ref FlowRecord)"/>), without stopping the worker. Ended Flow Records go into the queue.
/// </summary>
internal sealed unsafe partial class FlowCache : IDisposable
{
    /// <summary>The most packets that <see cref="Observe"/> takes at once.</summary>
    public const int MaximumBatch = 64;

    private readonly FlowCacheOptions _options;
    private readonly FlowRecordQueue _ended;
    private readonly uint _seed;
    private readonly long _idleTimeout;
    private readonly long _activeTimeout;
    private readonly long _linger;
    private readonly FlowKeyFilter? _filter;
    private readonly FlowIdentity _identity = FlowIdentity.Common;

    private readonly MappedMemory _entryMemory;
    private readonly AddressPool _addresses;
    private readonly FlowIndex _index;
    private readonly ByteDistributions? _distributions; // null where they are not counted
    private readonly EarlierRecords? _earlier;          // null where nobody asks for them
    private readonly FlowEntry* _entries;
    private int _free = -1;     // the first of the slots that were used and are free again, a chain
    private int _freeCount;
    private int _used;          // slots below were used at some time
    private FlowCacheCounters _counters;

    public FlowCache(FlowCacheOptions options, FlowRecordQueue ended)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Capacity, FlowCacheOptions.MaximumCapacity);
        _options = options;
        _ended = ended;
        _seed = options.Seed;
        _idleTimeout = Nanoseconds(options.IdleTimeout);
        _activeTimeout = Nanoseconds(options.ActiveTimeout);
        _linger = Math.Min(Nanoseconds(options.Linger), _idleTimeout);
        _filter = options.Filter;
        nuint capacity = (nuint)options.Capacity;
        _entryMemory = MappedMemory.Allocate(capacity * FlowEntry.Size, "the flow cache");
        _addresses = new AddressPool(options.Capacity);
        _index = new FlowIndex(options.Capacity);
        if (options.ByteDistribution)
            _distributions = new ByteDistributions(options.Capacity);
        if (options.JoinsRecords)
            _earlier = new EarlierRecords(options.Capacity);
        _entries = (FlowEntry*)_entryMemory.Pointer;
    }

    public int Capacity => _options.Capacity;

    /// <summary>Octets of memory set aside; what no flow has used yet may not be in physical memory.</summary>
    public ulong MemoryOctets =>
        _entryMemory.Length + _addresses.MemoryOctets + _index.MemoryOctets + (_distributions?.MemoryOctets ?? 0) + (_earlier?.MemoryOctets ?? 0);

    /// <summary>Whether it counts byte distributions.</summary>
    public bool CountsBytes => _distributions is not null;

    /// <summary>Flows alive. Any thread may ask.</summary>
    public int Count => Volatile.Read(ref _used) - Volatile.Read(ref _freeCount);

    /// <summary>Slots to read: no flow is at this slot or above. Any thread may ask.</summary>
    public int SlotsInUse => Volatile.Read(ref _used);

    /// <summary>Any thread may ask; each number is right, though not all of one moment.</summary>
    public FlowCacheCounters Counters => _counters;

    /// <summary>
    /// Tells of a packet that <see cref="Observe"/> will be given soon: hashes its Flow Key, and fetches its place in the
    /// index. As part of the loop that parses, this costs little: hashing waits for its own results most of the time.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Announce(ref ParsedPacket packet)
    {
        packet.Hash = Murmur3.Hash(in FlowKey.Of(in packet), _seed);
        _index.Prefetch(packet.Hash);
    }

    /// <summary>
    /// Counts packets to their flows, in order; gives how many were refused, as the filter lets their flows not begin. A flow
    /// that is there is never asked about; of one that was refused nothing is kept, so that each of its packets is asked
    /// about anew: the answer is the same, and nobody can fill a memory of refusals. Two rounds over the batch, so that the memory that the second needs is on
    /// its way while the first is busy: find the likely slots and fetch their entries; make sure of them and update.
    /// </summary>
    /// <param name="packets">All metered, with time stamps, and announced; <see cref="MaximumBatch"/> at most.</param>
    /// <param name="payloads">Those of the packets, where byte distributions are counted; else not used.</param>
    /// <param name="repeats">For each packet, how many more it stands for that differ in nothing; empty where all are single.</param>
    public uint Observe(Span<ParsedPacket> packets, ReadOnlySpan<PacketPayload> payloads = default, ReadOnlySpan<uint> repeats = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packets.Length, MaximumBatch);
        Slots candidates = default;
        for (int i = 0; i < packets.Length; i++)
        {
            int slot = _index.Candidate(packets[i].Hash);
            candidates[i] = slot;
            if (slot < 0)
                _index.PrefetchOverflow(packets[i].Hash);
            else
                Prefetch(_entries + slot);
        }
        if (_distributions is null && repeats.IsEmpty && _filter is null)
        {
            for (int i = 0; i < packets.Length; i++)
                EndWrite(_entries + ObserveOne(ref packets[i], candidates[i]));
            return 0;
        }
        uint refused = 0;
        if (_distributions is not null)
            ArgumentOutOfRangeException.ThrowIfLessThan(payloads.Length, packets.Length);
        for (int i = 0; i < packets.Length; i++)
        {
            int slot = ObserveOne(ref packets[i], candidates[i]);
            if (slot < 0)
            {
                refused += 1 + (repeats.IsEmpty ? 0 : repeats[i]);
                continue;
            }
            if (!repeats.IsEmpty)
                _entries[slot].Repeat(in packets[i], repeats[i]);
            _distributions?.Count(slot, payloads[i], _entries[slot].PayloadOctets);
            EndWrite(_entries + slot);
        }
        return refused;
    }

    /// <summary>
    /// Has the kernel give the memory that every flow takes now, not as the flows come. Any thread, while the worker is at
    /// work; it takes some ten milliseconds for each million of flows.
    /// </summary>
    public void Populate()
    {
        _index.Populate();
        _ended.Populate();
        _entryMemory.Populate();
    }

    public void Dispose()
    {
        _entryMemory.Dispose();
        _addresses.Dispose();
        _index.Dispose();
        _distributions?.Dispose();
        _earlier?.Dispose();
    }

    /// <summary>Gives the flow's slot, whose entry is still being written: EndWrite is the caller's. −1 if the flow is refused.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ObserveOne(ref ParsedPacket packet, int candidate)
    {
        ref readonly FlowKey key = ref FlowKey.Of(in packet);
        // The candidate may be another flow, or no longer the one it was: packets before it in the batch change slots.
        int slot = candidate >= 0 && IsAt(candidate, in key) ? candidate : Find(in key, packet.Hash);
        if (slot < 0 || !GoesOn(_entries + slot, ref packet))
            return Begin(slot, ref packet);
        Update(_entries + slot, ref packet);
        return slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsAt(int slot, ref readonly FlowKey key) =>
        _entries[slot].Matches(in key) && (key.IpVersion == 4 || _addresses[_entries[slot].AddressIndex].IsOf(in key));

    private int Find(ref readonly FlowKey key, uint hash)
    {
        FlowIndex.Search search = _index.Begin(hash);
        int slot;
        do
        {
            slot = search.Next();
        }
        while (slot >= 0 && !IsAt(slot, in key));
        return slot;
    }

    /// <summary>
    /// Begins a record, of a new flow (slot −1) or of one whose last record has ended by this packet's time. Gives the
    /// slot, whose entry is still being written; −1 if the filter refuses the flow.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Begin(int slot, ref ParsedPacket packet)
    {
        FlowState state = FlowState.None;
        if (slot >= 0)
        {
            FlowEntry* entry = _entries + slot;
            FlowEndReason reason = (entry->State & FlowState.Reported) != 0 ? FlowEndReason.ActiveTimeout : WhyEnded(entry, packet.Timestamp);
            Report(slot, reason);
            BeginWrite(entry);
            if (_earlier is not null && reason == FlowEndReason.ActiveTimeout && !IsQuiet(entry, packet.Timestamp) && !BeginsAnother(entry, in packet))
            {
                KeepEarlier(slot);
                _counters.Continued++;
                state = FlowState.HasEarlier;
            }
        }
        else
        {
            ref readonly FlowKey key = ref FlowKey.Of(in packet);
            if (_filter is not null && !_filter.Passes(in key))
                return -1;
            slot = TakeSlot(packet.Timestamp);
            FlowEntry* entry = _entries + slot;
            BeginWrite(entry);
            entry->SetKey(in key);
            if (key.IpVersion != 4)
                entry->AddressIndex = _addresses.Add(in key);
            _index.Add(packet.Hash, slot);
        }
        First(_entries + slot, ref packet, state);
        _distributions?.Clear(slot);
        return slot;
    }

    private void First(FlowEntry* entry, ref ParsedPacket packet, FlowState state)
    {
        _counters.Flows++;
        entry->MinimumTtl = entry->MaximumTtl = packet.Ttl;
        entry->ClassOfService = packet.ClassOfService;
        entry->State = state;
        if ((packet.TcpFlags & TcpFlag.FinOrRst) != 0)
            Close(entry, packet.Timestamp);
        entry->Seen = packet.Seen;
        entry->TcpOptions = packet.TcpOptions;
        entry->Packets = 1;
        entry->Octets = packet.IpOctets;
        entry->PayloadOctets = packet.PayloadOctets;
        entry->Layer2Octets = packet.FrameOctets;
        entry->Start = entry->End = packet.Timestamp;
        entry->MinimumLength = entry->MaximumLength = Length(packet.IpOctets);
        entry->LengthCounts = default;
        int bin = LengthHistogram.BinOf(packet.IpOctets);
        if (bin < LengthCounts.Bins)
            entry->LengthCounts[bin] = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Update(FlowEntry* entry, ref ParsedPacket packet)
    {
        BeginWrite(entry);
        byte ttl = packet.Ttl;
        if (ttl < entry->MinimumTtl)
            entry->MinimumTtl = ttl;
        else if (ttl > entry->MaximumTtl)
            entry->MaximumTtl = ttl;
        if ((packet.TcpFlags & TcpFlag.FinOrRst) != 0)
            Close(entry, packet.Timestamp);
        entry->Seen |= packet.Seen;
        entry->TcpOptions |= packet.TcpOptions;
        entry->Packets++;
        entry->PayloadOctets += packet.PayloadOctets;
        entry->Layer2Octets += packet.FrameOctets;
        // Capture files need not be in order of time.
        long time = packet.Timestamp;
        if (time >= entry->End)
            entry->End = time;
        else if (time < entry->Start)
            entry->Start = time;

        uint octets = packet.IpOctets;
        entry->Octets += octets;
        if (octets < entry->MinimumLength)
            entry->MinimumLength = (ushort)octets;
        else if (octets > entry->MaximumLength)
            entry->MaximumLength = Length(octets);
        int bin = LengthHistogram.BinOf(octets);
        if (bin < LengthCounts.Bins)
            ((uint*)&entry->LengthCounts)[bin]++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(FlowEntry* entry)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(entry);
        Sse.Prefetch0((byte*)entry + FlowEntry.Size / 2);
    }

    private static void BeginWrite(FlowEntry* entry)
    {
        entry->Sequence++;
        Volatile.WriteBarrier(); // the odd number is seen before any change: pairs with the ReadBarrier in TryRead
    }

    private static void EndWrite(FlowEntry* entry) =>
        Volatile.Write(ref entry->Sequence, entry->Sequence + 1); // release: pairs with the first read in TryRead

    private static ushort Length(uint octets) => (ushort)Math.Min(octets, ushort.MaxValue);

    private static long Nanoseconds(TimeSpan time) =>
        time.Ticks < long.MaxValue / TimeSpan.NanosecondsPerTick ? time.Ticks * TimeSpan.NanosecondsPerTick : long.MaxValue;

    [InlineArray(MaximumBatch)]
    private struct Slots
    {
        private int _first;
    }
}
