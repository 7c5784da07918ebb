using System.Numerics;
using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>
/// Reads the live flows of all caches with the two directions of a conversation in one row, wherever RSS has put them. Which
/// flows belong together is remembered from one snapshot to the next, at their slots, so that only the other directions of
/// those that have begun since are looked for. Allocates only when more flows have begun than ever before. Snapshot thread
/// only.
/// </summary>
internal sealed class BiflowReader : IDisposable
{
    private readonly FlowReader _flows;
    private readonly SlotTable<Known> _known;
    private readonly uint[] _first; // each cache's first slot has this number, and those after it the next ones
    private readonly List<uint> _looking = []; // the numbers of flows that look for their other direction
    private Entry[] _table = [];
    private uint _mask;
    private FlowRow _row;
    private FlowRow _other;

    public BiflowReader(FlowReader flows)
    {
        _flows = flows;
        _known = new SlotTable<Known>(flows.Capacities, "the flows' other directions");
        _first = new uint[flows.Caches];
        for (int cache = 1; cache < _first.Length; cache++)
            _first[cache] = _first[cache - 1] + (uint)flows.Capacities[cache - 1];
    }

    /// <summary>Offers all rows.</summary>
    public void Read(ref FlowSink sink)
    {
        sink.LiveFlows += FindChanges();
        if (_looking.Count > 0)
            PairThoseLooking();
        for (int cache = 0; cache < _first.Length; cache++)
        {
            int slots = _flows.SlotsInUse(cache);
            for (int slot = 0; slot < slots; slot++)
            {
                FlowPlace place = new(cache, slot);
                Known known = _known[place];
                if (!known.HasPartner && known.IsAlive)
                    Offer(place, ref sink);
                else if (known.HasPartner && Known.NumberOf(known.Partner) < NumberOf(place))
                    Offer(PlaceOf(Known.NumberOf(known.Partner)), place, ref sink);
            }
        }
    }

    public void Dispose() => _known.Dispose();

    /// <summary>Looks for flows that have begun or ended since the snapshot before; gives how many are alive.</summary>
    private int FindChanges()
    {
        _looking.Clear();
        FlowCounts counts = default;
        int alive = 0;
        for (int cache = 0; cache < _first.Length; cache++)
        {
            int slots = _flows.SlotsInUse(cache);
            for (int slot = 0; slot < slots; slot++)
            {
                FlowPlace place = new(cache, slot);
                ref Known known = ref _known[place];
                bool isAlive = _flows.TryReadCounts(place, ref counts, out _);
                if (isAlive)
                    alive++;
                if (isAlive == known.IsAlive && (!isAlive || counts.Identity == known.Identity))
                    continue;
                Forget(ref known);
                if (!isAlive || !_flows.TryReadAgain(place, ref _row))
                    continue;
                bool canReverse = Biflow.TryReverse(in _row.Record.Key, out _);
                known = new Known
                {
                    Identity = FlowCounts.Of(in _row.Record).Identity,
                    Partner = canReverse ? Known.Alone : Known.NoReverse,
                    Hash = Biflow.Hash(in _row.Record.Key, _row.Record.ObservationPoint),
                };
                if (canReverse)
                    _looking.Add(NumberOf(place));
            }
        }
        return alive;
    }

    /// <summary>Of a flow that has gone; its other direction looks for another one.</summary>
    private void Forget(ref Known known)
    {
        if (known.HasPartner)
        {
            uint number = Known.NumberOf(known.Partner);
            _known[PlaceOf(number)].Partner = Known.Alone;
            _looking.Add(number);
        }
        known = default;
    }

    /// <summary>Each one that looks does so among those before it; then those that were alone already look among all that were left.</summary>
    private void PairThoseLooking()
    {
        uint entries = BitOperations.RoundUpToPowerOf2(2 * (uint)_looking.Count);
        if (_table.Length < entries)
            _table = new Entry[entries];
        // Of a table that was larger once, no more is used than these flows need.
        _mask = entries - 1;
        Array.Clear(_table, 0, (int)entries);
        foreach (uint number in _looking)
        {
            ref readonly Known known = ref _known[PlaceOf(number)];
            if (known.Partner == Known.Alone && !TryPair(number, known.Hash, out uint at))
                _table[at] = new Entry { Hash = known.Hash, Number = number + 1 };
        }
        for (int cache = 0; cache < _first.Length; cache++)
        {
            uint number = _first[cache];
            foreach (ref readonly Known known in _known[cache][.._flows.SlotsInUse(cache)])
            {
                if (known.Partner == Known.Alone)
                    TryPair(number, known.Hash, out _);
                number++;
            }
        }
    }

    /// <summary>Looks for the other direction of a flow that has none; where there is none either, gives where it belongs in the table.</summary>
    private bool TryPair(uint number, uint hash, out uint at)
    {
        for (at = hash & _mask; _table[at].Number != 0; at = (at + 1) & _mask)
        {
            uint other = _table[at].Number - 1;
            if (_table[at].Hash != hash || other == number)
                continue;
            ref Known one = ref _known[PlaceOf(number)];
            ref Known two = ref _known[PlaceOf(other)];
            if (two.Partner != Known.Alone || !ArePair(PlaceOf(number), PlaceOf(other)))
                continue;
            (one.Partner, two.Partner) = (Known.PartnerOf(other), Known.PartnerOf(number));
            return true;
        }
        return false;
    }

    private bool ArePair(FlowPlace one, FlowPlace other) =>
        TryReadKnown(one, ref _row) && TryReadKnown(other, ref _other)
        && _row.Record.ObservationPoint == _other.Record.ObservationPoint
        && Biflow.TryReverse(in _row.Record.Key, out FlowKey reverse) && Biflow.AreSame(in _other.Record.Key, in reverse);

    /// <summary>Offers a flow that is alone.</summary>
    private void Offer(FlowPlace place, ref FlowSink sink)
    {
        FlowCounts counts = default;
        if (!sink.TakesAll)
        {
            if (_flows.TryReadAgain(place, ref _row))
                sink.Offer(in _row);
        }
        else if (_flows.TryReadCountsAgain(place, ref counts, out FlowRate rate))
        {
            sink.Offer(place, in counts, in rate);
        }
    }

    /// <summary>Offers the two directions of a conversation.</summary>
    private void Offer(FlowPlace one, FlowPlace other, ref FlowSink sink)
    {
        FlowCounts counts = default, otherCounts = default;
        if (!sink.TakesAll)
        {
            if (TryReadBiflow(one, other))
            {
                sink.Offer(in _row);
                _row.RemoveReverse();
            }
            else
            {
                Offer(one, ref sink);
                Offer(other, ref sink);
            }
        }
        else if (_flows.TryReadCountsAgain(one, ref counts, out FlowRate rate) && _flows.TryReadCountsAgain(other, ref otherCounts, out FlowRate otherRate))
        {
            sink.Count(one, in counts, in rate);
            sink.Count(other, in otherCounts, in otherRate);
            counts.Add(in otherCounts);
            rate.Add(in otherRate);
            if (!sink.Wants(in counts, in rate))
                return;
            if (TryReadBiflow(one, other) || _flows.TryReadAgain(one, ref _row) || _flows.TryReadAgain(other, ref _row))
                sink.OfferWanted(in _row);
            _row.RemoveReverse();
        }
        else
        {
            Offer(one, ref sink);
            Offer(other, ref sink);
        }
    }

    /// <summary>Reads both into one row; false where one of them is there no more.</summary>
    private bool TryReadBiflow(FlowPlace one, FlowPlace other)
    {
        if (!TryReadKnown(one, ref _row) || !TryReadKnown(other, ref _other))
            return false;
        if (Biflow.IsForward(in _row.Record, in _other.Record))
        {
            _row.SetReverse(in _other);
        }
        else
        {
            _row.SetReverse(in _row);
            _row.SetForward(in _other);
        }
        return true;
    }

    /// <summary>Reads the flow that is known to be at a place; false if it is there no more.</summary>
    private bool TryReadKnown(FlowPlace place, ref FlowRow row) =>
        _flows.TryReadAgain(place, ref row) && FlowCounts.Of(in row.Record).Identity == _known[place].Identity;

    private uint NumberOf(FlowPlace place) => _first[place.Cache] + (uint)place.Slot;

    private FlowPlace PlaceOf(uint number)
    {
        int cache = _first.Length - 1;
        while (_first[cache] > number)
            cache--;
        return new FlowPlace(cache, (int)(number - _first[cache]));
    }

    /// <summary>What is known of the flow at a slot.</summary>
    private struct Known
    {
        public const uint NoFlow = 0;
        public const uint Alone = 1;
        public const uint NoReverse = 2; // there can be none


        /// <summary>By <see cref="FlowCounts.Identity"/>.</summary>
        public ulong Identity;
        public uint Hash;

        /// <summary>Its other direction, by <see cref="NumberOf"/>; or why there is none.</summary>
        public uint Partner;

        public readonly bool IsAlive => Partner != NoFlow;

        public readonly bool HasPartner => Partner > NoReverse;

        public static uint PartnerOf(uint number) => number + NoReverse + 1;

        public static uint NumberOf(uint partner) => partner - NoReverse - 1;
    }

    /// <summary>A flow that may yet be found by its other direction.</summary>
    private struct Entry
    {
        public uint Hash;

        /// <summary>Its number, counted from 1; 0 is none.</summary>
        public uint Number;
    }
}
