using System.Runtime.CompilerServices;
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

    private int _scanAt;
    private long _scanTime;       // up to when the scan has done its part
    private int _evictAt;

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
            FlowEndReason reason = EndedBefore(entry, now, false);
            if (reason == FlowEndReason.None)
                reason = entry->Closing ? FlowEndReason.EndOfFlow : FlowEndReason.ForcedEnd;
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

    /// <summary>Whether and why a flow has ended before this time, by its own packets' times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FlowEndReason EndedBefore(FlowEntry* entry, long time, bool syn)
    {
        long quiet = entry->Closing ? _linger : _idleTimeout;
        if (time - entry->End < quiet && time - entry->Start < _activeTimeout)
        {
            // A new connection with the ports of one that was closed.
            return syn && entry->Closing ? FlowEndReason.EndOfFlow : FlowEndReason.None;
        }
        // Of the two times that are over, the first counts. (Start is never after End.)
        bool quietFirst = time - entry->End >= quiet
            && (time - entry->Start < _activeTimeout || entry->End - entry->Start <= _activeTimeout - quiet);
        if (!quietFirst)
            return FlowEndReason.ActiveTimeout;
        return entry->Closing ? FlowEndReason.EndOfFlow : FlowEndReason.IdleTimeout;
    }

    private void EndIfDue(int slot, long now)
    {
        FlowEntry* entry = _entries + slot;
        if (entry->Version == 0)
            return;
        FlowEndReason reason = EndedBefore(entry, now, false);
        if (reason == FlowEndReason.None)
            return;
        Report(slot, reason);
        Remove(slot);
    }

    /// <summary>A slot for a new flow; if none is free, one that a flow has to give up.</summary>
    private int TakeSlot()
    {
        if (_freeCount > 0)
            return TakeFreeSlot();
        if (_used < Capacity)
        {
            int next = _used;
            Volatile.Write(ref _used, next + 1);
            return next;
        }
        int oldest = OldestInReach();
        _counters.LackOfResources++;
        Report(oldest, FlowEndReason.LackOfResources);
        Remove(oldest);
        return TakeFreeSlot();
    }

    private int TakeFreeSlot()
    {
        int slot = _free;
        _free = _entries[slot].NextFree;
        Volatile.Write(ref _freeCount, _freeCount - 1);
        return slot;
    }

    private int OldestInReach()
    {
        int oldest = -1;
        for (int i = 0; i < EvictionReach; i++)
        {
            if (_evictAt >= Capacity)
                _evictAt = 0;
            if (oldest < 0 || _entries[_evictAt].End < _entries[oldest].End)
                oldest = _evictAt;
            _evictAt++;
        }
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
}
