using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using XdpTop.Memory;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>
/// The flows alive at one worker, off the managed heap, in room that is fixed from the start. The worker thread alone
/// changes it (<see cref="Observe"/>, <see cref="Expire"/>, <see cref="EndAll"/>); any thread may read records
/// meanwhile (<see cref="TryRead"/>), without stopping the worker. Ended Flow Records go into the queue.
/// </summary>
internal sealed unsafe partial class FlowCache : IDisposable
{
    /// <summary>The most packets that <see cref="Observe"/> takes at once.</summary>
    public const int MaximumBatch = 64;

    private readonly FlowCacheOptions _options;
    private readonly SpscQueue<FlowRecord> _ended;
    private readonly long _idleTimeout;
    private readonly long _activeTimeout;
    private readonly long _linger;

    private readonly MappedMemory _entryMemory;
    private readonly AddressPool _addresses;
    private readonly FlowIndex _index;
    private readonly FlowEntry* _entries;
    private int _free = -1;     // the first of the slots that were used and are free again, a chain
    private int _freeCount;
    private int _used;          // slots below were used at some time
    private FlowCacheCounters _counters;

    // The batch at work: hash and likely slot of each packet.
    private Batch _batch;

    public FlowCache(FlowCacheOptions options, SpscQueue<FlowRecord> ended)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Capacity, FlowCacheOptions.MaximumCapacity);
        _options = options;
        _ended = ended;
        _idleTimeout = Nanoseconds(options.IdleTimeout);
        _activeTimeout = Nanoseconds(options.ActiveTimeout);
        _linger = Math.Min(Nanoseconds(options.Linger), _idleTimeout);
        nuint capacity = (nuint)options.Capacity;
        _entryMemory = MappedMemory.Allocate(capacity * FlowEntry.Size, "the flow cache");
        _addresses = new AddressPool(options.Capacity);
        _index = new FlowIndex(options.Capacity);
        _entries = (FlowEntry*)_entryMemory.Pointer;
    }

    public int Capacity => _options.Capacity;

    /// <summary>Octets of memory set aside; what no flow has used yet may not be in physical memory.</summary>
    public ulong MemoryOctets => _entryMemory.Length + _addresses.MemoryOctets + _index.MemoryOctets;

    /// <summary>Flows alive. Any thread may ask.</summary>
    public int Count => Volatile.Read(ref _used) - Volatile.Read(ref _freeCount);

    /// <summary>Slots to read: no flow is at this slot or above. Any thread may ask.</summary>
    public int SlotsInUse => Volatile.Read(ref _used);

    /// <summary>Any thread may ask; each number is right, though not all of one moment.</summary>
    public FlowCacheCounters Counters => _counters;

    /// <summary>
    /// Counts packets to their flows, in order. Three rounds over the batch, so that the memory that a round needs is on
    /// its way while the round before is busy: hash and fetch the index; find the likely slot and fetch its record;
    /// make sure of it and update.
    /// </summary>
    /// <param name="packets">All metered, with time stamps; <see cref="MaximumBatch"/> at most.</param>
    public void Observe(Span<ParsedPacket> packets)
    {
        Span<uint> hashes = _batch.Hashes;
        Span<int> slots = _batch.Slots;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packets.Length, MaximumBatch);
        for (int i = 0; i < packets.Length; i++)
        {
            uint hash = Murmur3.Hash(in FlowKey.Of(in packets[i]), _options.Seed);
            hashes[i] = hash;
            _index.Prefetch(hash);
        }
        for (int i = 0; i < packets.Length; i++)
        {
            int slot = _index.Candidate(hashes[i]);
            slots[i] = slot;
            if (slot >= 0 && Sse.IsSupported)
            {
                Sse.Prefetch0(_entries + slot);
                Sse.Prefetch0((byte*)(_entries + slot) + FlowEntry.Size / 2);
            }
        }
        for (int i = 0; i < packets.Length; i++)
            ObserveOne(ref packets[i], hashes[i], slots[i]);
    }

    /// <summary>
    /// A consistent copy of the flow at a slot; false where there is none. Any thread, at any time before
    /// <see cref="Dispose"/>.
    /// </summary>
    public bool TryRead(int slot, ref FlowRecord record)
    {
        FlowEntry* entry = _entries + slot;
        SpinWait wait = default;
        while (true)
        {
            uint sequence = Volatile.Read(ref entry->Sequence); // acquire: pairs with the writer's last release
            if ((sequence & 1) == 0)
            {
                if (entry->Version == 0)
                    return false;
                Copy(slot, ref record);
                Volatile.ReadBarrier(); // the copy is over before the sequence is read again
                if (entry->Sequence == sequence)
                    return record.Key.IpVersion != 0;
            }
            wait.SpinOnce(); // the worker writes for some nanoseconds, or was interrupted: then let it run
        }
    }

    public void Dispose()
    {
        _entryMemory.Dispose();
        _addresses.Dispose();
        _index.Dispose();
    }

    private void ObserveOne(ref ParsedPacket packet, uint hash, int candidate)
    {
        ref readonly FlowKey key = ref FlowKey.Of(in packet);
        // The candidate may be another flow, or no longer the one it was: packets before it in the batch change slots.
        int slot = candidate >= 0 && IsAt(candidate, in key) ? candidate : Find(in key, hash);
        if (slot < 0)
        {
            slot = Begin(ref packet, in key, hash);
        }
        else
        {
            FlowEntry* entry = _entries + slot;
            FlowEndReason ended = EndedBefore(entry, packet.Timestamp, (packet.TcpFlags & TcpFlag.Syn) != 0);
            if (ended != FlowEndReason.None)
            {
                Report(slot, ended);
                Restart(entry, ref packet);
            }
            else
            {
                Update(entry, ref packet);
            }
        }
        if (packet.Repeats != 0)
        {
            BeginWrite(_entries + slot);
            _entries[slot].Repeat(in packet);
            EndWrite(_entries + slot);
        }
    }

    private bool IsAt(int slot, ref readonly FlowKey key)
    {
        if (!_entries[slot].Matches(in key))
            return false;
        if (key.IpVersion == 4)
            return true;
        ref AddressPair addresses = ref _addresses[_entries[slot].AddressIndex];
        return addresses.Source.Equals(key.Source) && addresses.Destination.Equals(key.Destination);
    }

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

    private int Begin(ref ParsedPacket packet, ref readonly FlowKey key, uint hash)
    {
        int slot = TakeSlot();
        FlowEntry* entry = _entries + slot;
        BeginWrite(entry);
        entry->SetKey(in key);
        if (key.IpVersion != 4)
            entry->AddressIndex = _addresses.Add(in key);
        First(entry, ref packet);
        EndWrite(entry);
        _index.Add(hash, slot);
        return slot;
    }

    private void Restart(FlowEntry* entry, ref ParsedPacket packet)
    {
        BeginWrite(entry);
        First(entry, ref packet);
        EndWrite(entry);
    }

    private void First(FlowEntry* entry, ref ParsedPacket packet)
    {
        _counters.Flows++;
        entry->MinimumTtl = entry->MaximumTtl = packet.Ttl;
        entry->TcpFlags = packet.TcpFlags;
        entry->ClassOfService = packet.ClassOfService;
        entry->FragmentFlags = packet.FragmentFlags;
        entry->Closing = (packet.TcpFlags & TcpFlag.FinOrRst) != 0;
        entry->Packets = 1;
        entry->Octets = packet.IpOctets;
        entry->PayloadOctets = packet.PayloadOctets;
        entry->Layer2Octets = packet.FrameOctets;
        entry->Start = entry->End = packet.Timestamp;
        entry->TcpOptions = packet.TcpOptions;
        entry->IpOptions = packet.IpOptions;
        entry->MinimumLength = entry->MaximumLength = Length(packet.IpOctets);
        entry->LengthHistogram = default;
        entry->LengthHistogram[LengthHistogram.BinOf(packet.IpOctets)] = 1;
    }

    private static void Update(FlowEntry* entry, ref ParsedPacket packet)
    {
        BeginWrite(entry);
        if (packet.Ttl < entry->MinimumTtl)
            entry->MinimumTtl = packet.Ttl;
        else if (packet.Ttl > entry->MaximumTtl)
            entry->MaximumTtl = packet.Ttl;
        entry->TcpFlags |= packet.TcpFlags;
        entry->FragmentFlags |= packet.FragmentFlags;
        entry->Closing |= (packet.TcpFlags & TcpFlag.FinOrRst) != 0;
        entry->Packets++;
        entry->Octets += packet.IpOctets;
        entry->PayloadOctets += packet.PayloadOctets;
        // Capture files need not be in order of time.
        if (packet.Timestamp > entry->End)
            entry->End = packet.Timestamp;
        else if (packet.Timestamp < entry->Start)
            entry->Start = packet.Timestamp;

        entry->Layer2Octets += packet.FrameOctets;
        entry->TcpOptions |= packet.TcpOptions;
        entry->IpOptions |= packet.IpOptions;
        ushort length = Length(packet.IpOctets);
        if (length < entry->MinimumLength)
            entry->MinimumLength = length;
        else if (length > entry->MaximumLength)
            entry->MaximumLength = length;
        ref uint bin = ref entry->LengthHistogram[LengthHistogram.BinOf(packet.IpOctets)];
        if (bin != uint.MaxValue)
            bin++;
        EndWrite(entry);
    }

    private static void BeginWrite(FlowEntry* entry)
    {
        entry->Sequence++;
        Volatile.WriteBarrier(); // the odd number is seen before any change: pairs with the ReadBarrier in TryRead
    }

    private static void EndWrite(FlowEntry* entry) =>
        Volatile.Write(ref entry->Sequence, entry->Sequence + 1); // release: pairs with the first read in TryRead

    private void Copy(int slot, ref FlowRecord record)
    {
        FlowEntry* entry = _entries + slot;
        CopyKey(entry, ref record.Key);
        record.Start = entry->Start;
        record.End = entry->End;
        record.Packets = entry->Packets;
        record.Octets = entry->Octets;
        record.PayloadOctets = entry->PayloadOctets;
        record.Layer2Octets = entry->Layer2Octets;
        record.TcpOptions = entry->TcpOptions;
        record.IpOptions = entry->IpOptions;
        record.LengthHistogram = entry->LengthHistogram;
        record.MinimumLength = entry->MinimumLength;
        record.MaximumLength = entry->MaximumLength;
        record.TcpFlags = entry->TcpFlags;
        record.MinimumTtl = entry->MinimumTtl;
        record.MaximumTtl = entry->MaximumTtl;
        record.ClassOfService = entry->ClassOfService;
        record.FragmentFlags = entry->FragmentFlags;
        record.EndReason = FlowEndReason.None;
        record.ObservationPoint = _options.ObservationPoint;
    }

    private void CopyKey(FlowEntry* entry, ref FlowKey key)
    {
        entry->CopyKeyTo(ref key);
        if (entry->Version == 4)
            return;
        ref AddressPair addresses = ref _addresses[entry->AddressIndex];
        key.Source = addresses.Source;
        key.Destination = addresses.Destination;
    }

    private static ushort Length(uint octets) => (ushort)Math.Min(octets, ushort.MaxValue);

    private static long Nanoseconds(TimeSpan time) =>
        time.Ticks < long.MaxValue / TimeSpan.NanosecondsPerTick ? time.Ticks * TimeSpan.NanosecondsPerTick : long.MaxValue;

    private struct Batch
    {
        private HashArray _hashes;
        private SlotArray _slots;

        [UnscopedRef]
        public Span<uint> Hashes => _hashes;

        [UnscopedRef]
        public Span<int> Slots => _slots;

        [InlineArray(MaximumBatch)]
        private struct HashArray
        {
            private uint _first;
        }

        [InlineArray(MaximumBatch)]
        private struct SlotArray
        {
            private int _first;
        }
    }
}
