using System.Numerics;
using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>
/// Reads the live flows of all caches with the two directions of a conversation in one row, wherever RSS has put them. The
/// first round looks, for each flow, for its reverse among those before it; the second one takes the flows that found
/// none. Allocates only when there are more flows than ever before. Snapshot thread only.
/// </summary>
internal sealed class BiflowReader(FlowReader flows)
{
    /// <summary>Flows looked at together, so that the memory that one needs is on its way while others are busy.</summary>
    private const int BlockSize = 64;

    private const uint Free = 0;
    private const uint Taken = uint.MaxValue;

    private readonly int[] _slots = new int[flows.Caches];
    private readonly uint[] _first = new uint[flows.Caches]; // the number of each cache's first slot
    private Entry[] _table = [];
    private uint _mask;
    private int _vacancies;
    private ulong[] _alone = []; // a bit for each slot

    private readonly FlowRow[] _block = new FlowRow[BlockSize];
    private readonly uint[] _numbers = new uint[BlockSize];
    private readonly uint[] _hashes = new uint[BlockSize];
    private FlowRow _other;

    /// <summary>Offers all rows.</summary>
    public void Read(ref FlowSink sink)
    {
        Clear();
        int count = 0;
        for (int cache = 0; cache < _slots.Length; cache++)
        {
            for (int slot = 0; slot < _slots[cache]; slot++)
            {
                if (!flows.TryRead(cache, slot, ref _block[count]))
                    continue;
                sink.LiveFlows++;
                _numbers[count++] = _first[cache] + (uint)slot;
                if (count == BlockSize)
                    PairBlock(ref count, ref sink);
            }
        }
        PairBlock(ref count, ref sink);
        ref FlowRow row = ref _block[0];
        for (int cache = 0; cache < _slots.Length; cache++)
        {
            for (int slot = 0; slot < _slots[cache]; slot++)
            {
                uint number = _first[cache] + (uint)slot;
                if ((_alone[number / 64] >> (int)(number % 64) & 1) == 0 || !flows.TryReadAgain(cache, slot, ref row))
                    continue;
                sink.Offer(in row);
            }
        }
    }

    private void PairBlock(ref int count, ref FlowSink sink)
    {
        for (int i = 0; i < count; i++)
            _hashes[i] = Biflow.Hash(in _block[i].Record.Key, _block[i].Record.ObservationPoint);
        Touch(count);
        for (int i = 0; i < count; i++)
        {
            uint number = _numbers[i];
            if (!TryTakeReverse(in _block[i].Record, _hashes[i], number))
                _alone[number / 64] |= 1UL << (int)(number % 64);
            else
                OfferBiflow(ref sink, ref _block[i]);
        }
        count = 0;
    }

    /// <summary>Fetches what the block is going to need: none of these reads waits for another.</summary>
    private void Touch(int count)
    {
        Span<uint> likely = stackalloc uint[BlockSize];
        for (int i = 0; i < count; i++)
        {
            Entry entry = _table[_hashes[i] & _mask];
            likely[i] = entry.Hash == _hashes[i] && entry.Flow != Taken ? entry.Flow : Free;
        }
        foreach (uint flow in likely[..count])
        {
            if (flow != Free)
                TryReadAgain(flow - 1);
        }
    }

    private void Clear()
    {
        uint slots = 0;
        for (int cache = 0; cache < _slots.Length; cache++)
        {
            _first[cache] = slots;
            _slots[cache] = flows.SlotsInUse(cache);
            slots += (uint)_slots[cache];
        }
        if (_alone.Length <= slots / 64)
            _alone = new ulong[BitOperations.RoundUpToPowerOf2(slots / 64 + 1)];
        Array.Clear(_alone);
        uint entries = BitOperations.RoundUpToPowerOf2(Math.Max(1024, 2 * (uint)flows.Count));
        if (_table.Length < entries)
            _table = new Entry[entries];
        // Of a table that was larger once, no more is used than these flows need.
        _mask = entries - 1;
        Array.Clear(_table, 0, (int)entries);
        _vacancies = (int)(entries / 4 * 3); // more than there are flows, but some can begin meanwhile
    }

    /// <summary>
    /// Finds the reverse of the flow, takes it into <see cref="_other"/> and off the table; or leaves the flow there to be
    /// found.
    /// </summary>
    private bool TryTakeReverse(in FlowRecord record, uint hash, uint number)
    {
        if (!Biflow.TryReverse(in record.Key, out FlowKey reverse))
            return false;
        uint at = hash & _mask;
        for (; _table[at].Flow != Free; at = (at + 1) & _mask)
        {
            ref Entry entry = ref _table[at];
            if (entry.Hash != hash || entry.Flow == Taken)
                continue;
            uint other = entry.Flow - 1;
            if (!TryReadAgain(other) || _other.Record.ObservationPoint != record.ObservationPoint || !Biflow.AreSame(in _other.Record.Key, in reverse))
                continue;
            entry.Flow = Taken;
            _alone[other / 64] &= ~(1UL << (int)(other % 64));
            return true;
        }
        if (_vacancies > 0)
        {
            _table[at] = new Entry { Hash = hash, Flow = number + 1 };
            _vacancies--;
        }
        return false;
    }

    private bool TryReadAgain(uint number)
    {
        int cache = _first.Length - 1;
        while (_first[cache] > number)
            cache--;
        return flows.TryReadAgain(cache, (int)(number - _first[cache]), ref _other);
    }

    private void OfferBiflow(ref FlowSink sink, ref FlowRow row)
    {
        if (Biflow.IsForward(in row.Record, in _other.Record))
            Offer(ref sink, ref row, in _other);
        else
            Offer(ref sink, ref _other, in row);
    }

    private static void Offer(ref FlowSink sink, ref FlowRow forward, ref readonly FlowRow reverse)
    {
        forward.SetReverse(in reverse);
        sink.Offer(in forward);
        forward.RemoveReverse();
    }

    /// <summary>A flow that may yet be found by its reverse.</summary>
    private struct Entry
    {
        public uint Hash;

        /// <summary>Its number, counted from 1; or that there is none, or that there was one.</summary>
        public uint Flow;
    }
}
