using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>How flows end: by time, by FIN or RST, for lack of room, by order.</summary>
/// <remarks>
/// When a record ends, and why, follows from the times of its flow's packets alone. A bounded scan finds what is due;
/// a packet that comes before the scan does finds the same.
/// </remarks>
internal sealed unsafe partial class FlowCache
{
    /// <summary>Within so long the scan comes by every slot, so a record is ended at most so long after it is due.</summary>
    private const long ScanTime = 500_000_000; // ns

    /// <summary>The most slots that one call of <see cref="Expire"/> looks at.</summary>
    private const int ScanSlice = 256;

    /// <summary>Among so many records the one not seen for the longest time makes room.</summary>
    private const int EvictionReach = 8;

    /// <summary>So many evictions ahead the flow is chosen that is to make room.</summary>
    private const int VictimsAhead = 8;

    /// <summary>So many slots ahead entries are fetched that may be chosen.</summary>
    private const int EvictionPrefetch = 16;

    /// <summary>A record with so many packets ends, so that its 32-bit counts do not overflow before the next scan.</summary>
    private const ulong MaximumPackets = 1ul << 31;

    private int _scanAt;
    private long _scanTime;       // up to when the scan has done its part
    private int _evictAt;
    private long _victimEnd;     // the End of the last flow that was chosen to make room
    private uint _evictions;
    private Victims _victims;

    /// <summary>
    /// Ends flows that are due, looking at a bounded number of slots. To be called after every batch, and when there is
    /// none. False when there is nothing more to look at for now.
    /// </summary>
    /// <param name="now">Nanoseconds since 1970, on the clock of the packets' time stamps.</param>
    public bool Expire(long now)
    {
        if (_scanTime == 0 || now < _scanTime)
            _scanTime = now; // the first call, or a capture file that goes back in time
        long due = (long)Math.Min((double)(now - _scanTime) / ScanTime * _used, _used);
        if (due == 0)
            return false;
        int slots = (int)Math.Min(due, ScanSlice);
        for (int i = 0; i < slots; i++)
        {
            if (_scanAt >= _used)
                _scanAt = 0;
            EndIfDue(_scanAt++, now);
        }
        bool more = slots < due;
        // What was left undone stays due, but never more than one round.
        _scanTime = more ? Math.Max(_scanTime + ScanTime / _used * slots, now - ScanTime) : now;
        return more;
    }

    /// <summary>
    /// Ends all flows: those that are due as they would have ended, all others because they are forced to. Waits for room
    /// in the queue where it has to: there are no more packets to be late for.
    /// </summary>
    public void EndAll(long now)
    {
        for (int slot = 0; slot < _used; slot++)
        {
            FlowEntry* entry = _entries + slot;
            if (entry->Version == 0)
                continue;
            FlowEndReason reason = HasEnded(entry, now) ? WhyEnded(entry, now)
                : entry->Closing ? FlowEndReason.EndOfFlow
                : FlowEndReason.ForcedEnd;
            Report(slot, reason, wait: true);
            BeginWrite(entry);
            entry->Version = 0;
            EndWrite(entry);
        }
        // All at once is much faster than one by one.
        _index.Clear();
        _addresses.Clear();
        _free = -1;
        Volatile.Write(ref _freeCount, 0);
        Volatile.Write(ref _used, 0);
    }

    /// <summary>Whether a packet still belongs to the record: none of the times is over, and it begins no new connection.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool GoesOn(FlowEntry* entry, ref ParsedPacket packet)
    {
        long time = packet.Timestamp;
        if (time - entry->Start >= _activeTimeout)
            return false;
        // With the ports of a connection that was closed, a SYN begins a new one.
        return entry->Closing
            ? time - entry->End < _linger && (packet.TcpFlags & TcpFlag.Syn) == 0
            : time - entry->End < _idleTimeout;
    }

    /// <summary>Whether a flow has ended before this time, by its own packets' times.</summary>
    private bool HasEnded(FlowEntry* entry, long time) =>
        time - entry->Start >= _activeTimeout || time - entry->End >= (entry->Closing ? _linger : _idleTimeout);

    /// <summary>Why a flow has ended that has.</summary>
    private FlowEndReason WhyEnded(FlowEntry* entry, long time)
    {
        long quiet = entry->Closing ? _linger : _idleTimeout;
        // Of the two times that are over, the first counts. (Start is never after End.)
        bool active = time - entry->Start >= _activeTimeout
            && (time - entry->End < quiet || entry->End - entry->Start > _activeTimeout - quiet);
        if (active)
            return FlowEndReason.ActiveTimeout;
        return entry->Closing ? FlowEndReason.EndOfFlow : FlowEndReason.IdleTimeout;
    }

    private void EndIfDue(int slot, long now)
    {
        FlowEntry* entry = _entries + slot;
        if (entry->Version == 0)
            return;
        if (HasEnded(entry, now))
            Report(slot, WhyEnded(entry, now));
        else if (entry->Packets >= MaximumPackets)
            Report(slot, FlowEndReason.ActiveTimeout);
        else
            return;
        Remove(slot);
    }

    /// <summary>A slot for a new flow; if none is free, one that a flow has to give up.</summary>
    private int TakeSlot(long now)
    {
        if (_freeCount > 0)
            return TakeFreeSlot();
        if (_used < Capacity)
        {
            int next = _used;
            Volatile.Write(ref _used, next + 1);
            return next;
        }
        Evict(now);
        return TakeFreeSlot();
    }

    private int TakeFreeSlot()
    {
        int slot = _free;
        _free = _entries[slot].NextFree;
        Volatile.Write(ref _freeCount, _freeCount - 1);
        return slot;
    }

    /// <summary>
    /// Ends a flow to have its slot. The flow was chosen some evictions ago, so that what it takes to end it has come to
    /// the processor's cache by now; unless it had packets since, and so is not the right one any more.
    /// </summary>
    private void Evict(long now)
    {
        ref Victim victim = ref _victims[(int)(_evictions++ % VictimsAhead)];
        int slot = victim.End == _entries[victim.Slot].End && _entries[victim.Slot].Version != 0 ? victim.Slot : ChooseVictim(now);
        _counters.LackOfResources++;
        Report(slot, FlowEndReason.LackOfResources);
        Remove(slot);
        int next = ChooseVictim(now);
        if (next < 0)
            return;
        victim = new Victim { Slot = next, End = _entries[next].End };
        if (!Sse.IsSupported)
            return;
        FlowKey key = default;
        CopyKey(_entries + next, ref key);
        _index.Prefetch(Murmur3.Hash(in key, _seed));
        Sse.Prefetch0((byte*)(_entries + next) + FlowEntry.Size / 2);
    }

    /// <summary>
    /// The first flow in reach that has been quiet for about as long as the last victim was, or else that which has been
    /// for the longest time; −1 where there is none. Slots are looked at in turn, so under a flood those at the turn are
    /// mostly the oldest, and the first look is enough.
    /// </summary>
    private int ChooseVictim(long now)
    {
        long oldEnough = _victimEnd + (now - _victimEnd) / 8;
        int oldest = -1;
        for (int i = 0; i < EvictionReach; i++)
        {
            int slot = _evictAt;
            _evictAt = slot + 1 < Capacity ? slot + 1 : 0;
            if (Sse.IsSupported)
                Sse.Prefetch0(_entries + (slot + EvictionPrefetch < Capacity ? slot + EvictionPrefetch : 0));
            FlowEntry* entry = _entries + slot;
            if (entry->Version == 0)
                continue;
            if (oldest < 0 || entry->End < _entries[oldest].End)
                oldest = slot;
            if (entry->End <= oldEnough)
                break;
        }
        if (oldest >= 0)
            _victimEnd = _entries[oldest].End;
        return oldest;
    }

    /// <summary>Sends the record of the flow at this slot on its way.</summary>
    private void Report(int slot, FlowEndReason reason, bool wait = false)
    {
        FlowRecord record = default;
        Copy(slot, ref record);
        record.EndReason = reason;
        if (TryEnqueue(in record, slot))
            return;
        if (!wait && !_options.WaitForQueue)
        {
            _counters.RecordsDropped++;
            return;
        }
        SpinWait pause = default;
        while (!TryEnqueue(in record, slot))
            pause.SpinOnce();
    }

    private bool TryEnqueue(in FlowRecord record, int slot) =>
        _distributions is null ? _ended.TryEnqueue(in record) : _ended.TryEnqueue(in record, in _distributions[slot]);

    private void Remove(int slot)
    {
        FlowEntry* entry = _entries + slot;
        FlowKey key = default;
        CopyKey(entry, ref key);
        _index.Remove(Murmur3.Hash(in key, _options.Seed), slot);
        uint addressIndex = entry->AddressIndex;
        byte version = entry->Version;
        BeginWrite(entry);
        entry->Version = 0;
        entry->NextFree = _free;
        EndWrite(entry);
        if (version != 4)
            _addresses.Remove(addressIndex);
        _free = slot;
        Volatile.Write(ref _freeCount, _freeCount + 1);
    }

    // A flow that is to make room, as long as it had no packet since.
    private struct Victim
    {
        public int Slot;
        public long End;
    }

    [InlineArray(VictimsAhead)]
    private struct Victims
    {
        private Victim _first;
    }
}
