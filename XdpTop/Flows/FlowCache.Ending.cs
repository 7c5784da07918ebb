using System.Runtime.CompilerServices;
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

    /// <summary>Even if nothing is due the scan comes by so often: see <see cref="MaximumPackets"/>.</summary>
    private const long LongestPause = 10_000_000_000; // ns

    /// <summary>The most slots that one call of <see cref="Expire"/> looks at.</summary>
    private const int ScanSlice = 256;

    /// <summary>A record with so many packets ends, so that its 32-bit counts do not overflow before the next scan.</summary>
    private const ulong MaximumPackets = 1ul << 31;

    private int _scanAt;
    private long _scanTime;       // up to when the scan has done its part
    private long _nothingDueBefore;
    private long _roundStart;
    private long _dueInRound = long.MaxValue; // the earliest time that one of the flows is due that the round came by

    /// <summary>
    /// Ends flows that are due, looking at a bounded number of slots. To be called after every batch, and when there is
    /// none. False when there is nothing more to look at for now.
    /// </summary>
    /// <param name="now">Nanoseconds since 1970, on the clock of the packets' time stamps.</param>
    public bool Expire(long now)
    {
        if (_scanTime == 0 || now < _scanTime)
            _scanTime = now; // the first call, or a capture file that goes back in time
        if (now < _nothingDueBefore)
        {
            _scanTime = now;
            return false;
        }
        long due = (long)Math.Min((double)(now - _scanTime) / ScanTime * _used, _used);
        if (due == 0)
            return false;
        int slots = (int)Math.Min(due, ScanSlice);
        for (int i = 0; i < slots; i++)
        {
            if (_scanAt >= _used)
                BeginRound(now);
            EndIfDue(_scanAt++, now);
        }
        bool more = slots < due;
        // What was left undone stays due, but never more than one round.
        _scanTime = more ? Math.Max(_scanTime + ScanTime / _used * slots, now - ScanTime) : now;
        return more;
    }

    /// <summary>
    /// After a round over all slots: until when no flow can be due, neither one that the round came by nor one that has had
    /// a packet since it began.
    /// </summary>
    private void BeginRound(long now)
    {
        long shortest = Math.Min(Math.Min(_idleTimeout, _activeTimeout), LongestPause);
        _nothingDueBefore = Math.Min(_dueInRound, After(_roundStart, shortest));
        _roundStart = now;
        _dueInRound = long.MaxValue;
        _scanAt = 0;
    }

    /// <summary>A flow has begun to close: it is due sooner than others.</summary>
    private void Close(FlowEntry* entry, long time)
    {
        entry->State |= FlowState.Closing;
        long due = After(time, _linger);
        _nothingDueBefore = Math.Min(_nothingDueBefore, due);
        _dueInRound = Math.Min(_dueInRound, due);
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
                : entry->IsClosing ? FlowEndReason.EndOfFlow
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
        if ((entry->State & (FlowState.Closing | FlowState.Reported)) == 0)
            return time - entry->End < _idleTimeout;
        return (entry->State & FlowState.Reported) == 0 && time - entry->End < _linger && !BeginsAnother(entry, in packet);
    }

    /// <summary>With the ports of a connection that was closed, a SYN begins a new one.</summary>
    private static bool BeginsAnother(FlowEntry* entry, in ParsedPacket packet) => entry->IsClosing && (packet.TcpFlags & TcpFlag.Syn) != 0;

    /// <summary>Whether a flow has ended before this time, by its own packets' times.</summary>
    private bool HasEnded(FlowEntry* entry, long time) => time - entry->Start >= _activeTimeout || IsQuiet(entry, time);

    /// <summary>Whether a flow had no packet for so long that it does not go on.</summary>
    private bool IsQuiet(FlowEntry* entry, long time) => time - entry->End >= QuietTime(entry);

    /// <summary>Why a flow has ended that has.</summary>
    private FlowEndReason WhyEnded(FlowEntry* entry, long time)
    {
        long quiet = QuietTime(entry);
        // Of the two times that are over, the first counts. (Start is never after End.)
        bool active = time - entry->Start >= _activeTimeout
            && (time - entry->End < quiet || entry->End - entry->Start > _activeTimeout - quiet);
        if (active)
            return FlowEndReason.ActiveTimeout;
        return entry->IsClosing ? FlowEndReason.EndOfFlow : FlowEndReason.IdleTimeout;
    }

    private void EndIfDue(int slot, long now)
    {
        FlowEntry* entry = _entries + slot;
        if (entry->Version == 0)
            return;
        if (_earlier is not null && !IsQuiet(entry, now) && now - entry->Start >= _activeTimeout)
        {
            ReportAndKeep(slot);
            _dueInRound = Math.Min(_dueInRound, QuietAt(entry));
            return;
        }
        if (HasEnded(entry, now))
            Report(slot, WhyEnded(entry, now));
        else if (entry->Packets >= MaximumPackets)
            Report(slot, FlowEndReason.ActiveTimeout);
        else
        {
            _dueInRound = Math.Min(_dueInRound, Math.Min(QuietAt(entry), After(entry->Start, _activeTimeout)));
            return;
        }
        Remove(slot);
    }

    /// <summary>At its active time-out a flow is reported, and stays until it is quiet: its next packet begins a record.</summary>
    private void ReportAndKeep(int slot)
    {
        FlowEntry* entry = _entries + slot;
        if ((entry->State & FlowState.Reported) != 0)
            return;
        Report(slot, FlowEndReason.ActiveTimeout);
        BeginWrite(entry);
        KeepEarlier(slot);
        entry->ClearCounts();
        entry->State |= FlowState.HasEarlier | FlowState.Reported;
        EndWrite(entry);
    }

    /// <summary>Adds what the record has counted to the records before it, unless it was added when it was reported.</summary>
    private void KeepEarlier(int slot)
    {
        FlowEntry* entry = _entries + slot;
        if ((entry->State & FlowState.Reported) == 0)
            _earlier!.Take(slot, entry, isFirst: (entry->State & FlowState.HasEarlier) == 0);
    }

    private long QuietAt(FlowEntry* entry) => After(entry->End, QuietTime(entry));

    /// <summary>After so long without a packet the flow does not go on.</summary>
    private long QuietTime(FlowEntry* entry) => entry->IsClosing ? _linger : _idleTimeout;

    private static long After(long time, long span) => span < long.MaxValue - time ? time + span : long.MaxValue;

    /// <summary>A slot for a new flow; if none is free, one that a flow has to give up.</summary>
    private int TakeSlot(long now)
    {
        if (_freeCount > 0)
        {
            int slot = _free;
            _free = _entries[slot].NextFree;
            Volatile.Write(ref _freeCount, _freeCount - 1);
            return slot;
        }
        if (_used < Capacity)
        {
            int next = _used;
            Volatile.Write(ref _used, next + 1);
            return next;
        }
        return Evict(now);
    }

    /// <summary>Sends the record of the flow at this slot on its way, unless that has been done.</summary>
    private void Report(int slot, FlowEndReason reason, bool wait = false)
    {
        if ((_entries[slot].State & FlowState.Reported) != 0)
            return;
        SpinWait pause = default;
        while (!_ended.TryReserve())
        {
            if (!wait && !_options.WaitForQueue)
            {
                CountDropped(slot);
                return;
            }
            pause.SpinOnce();
        }
        ref FlowRecord record = ref _ended.Reserved;
        Copy(slot, ref record);
        record.EndReason = reason;
        if (_distributions is not null)
            _ended.ReservedDistribution = _distributions[slot];
        _ended.Commit();
    }

    private void CountDropped(int slot)
    {
        _counters.RecordsDropped++;
        _counters.DroppedRecordsPackets += _entries[slot].Packets;
        _counters.DroppedRecordsOctets += _entries[slot].Octets;
    }

    private void Remove(int slot)
    {
        FlowEntry* entry = _entries + slot;
        Unlink(slot, HashOf(entry));
        BeginWrite(entry);
        entry->Version = 0;
        entry->NextFree = _free;
        EndWrite(entry);
        _free = slot;
        Volatile.Write(ref _freeCount, _freeCount + 1);
    }

    /// <summary>Takes out what there is of a flow beside its entry.</summary>
    private void Unlink(int slot, uint hash)
    {
        _index.Remove(hash, slot);
        if (_entries[slot].Version != 4)
            _addresses.Remove(_entries[slot].AddressIndex);
    }

    private uint HashOf(FlowEntry* entry)
    {
        FlowKey key = default;
        CopyKey(entry, ref key);
        return Murmur3.Hash(in key, _seed);
    }
}
