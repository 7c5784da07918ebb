using System.Runtime.CompilerServices;

namespace XdpTop.Flows;

/// <summary>Which flow makes room for another where all slots are taken.</summary>
internal sealed unsafe partial class FlowCache
{
    /// <summary>Among so many records the one not seen for the longest time makes room.</summary>
    private const int EvictionReach = 8;

    /// <summary>Among so many, if all before were seen much later than the last one that made room.</summary>
    private const int MaximumEvictionReach = 1024;

    /// <summary>So many evictions ahead the flow is chosen that is to make room.</summary>
    private const int VictimsAhead = 8;

    /// <summary>So many slots ahead entries are fetched that may be chosen.</summary>
    private const int EvictionPrefetch = 16;

    private int _evictAt;
    private long _victimEnd;     // the End of the last flow that was chosen to make room
    private uint _evictions;
    private Victims _victims;

    /// <summary>
    /// Ends a flow to have its slot. The flow was chosen some evictions ago, so that what it takes to end it has come to
    /// the processor's cache by now; unless it had packets since, and so is not the right one any more.
    /// </summary>
    private int Evict(long now)
    {
        ref Victim victim = ref _victims[(int)(_evictions++ % VictimsAhead)];
        if (!victim.IsUnchanged(_entries + victim.Slot))
            victim = ChooseVictim(now);
        int slot = victim.Slot;
        if ((_entries[slot].State & FlowState.Reported) == 0)
            _counters.LackOfResources++;
        Report(slot, FlowEndReason.LackOfResources);
        Unlink(slot, victim.Hash);
        victim = ChooseVictim(now);
        _index.Prefetch(victim.Hash);
        Prefetch(_entries + victim.Slot);
        return slot;
    }

    /// <summary>
    /// The first flow at the turn that has been quiet for about as long as the last victim was, or else that of some which
    /// has been for the longest time. Under a flood the first is mostly old enough, as slots had their flows in turn.
    /// Where many lasting flows stand side by side, as those do that came first, the turn passes them by. All slots have
    /// flows.
    /// </summary>
    private Victim ChooseVictim(long now)
    {
        long quiet = now - _victimEnd;
        long oldEnough = now - quiet / 8 * 7, tooYoung = now - quiet / 2;
        int oldest = _evictAt;
        for (int i = 1; i <= MaximumEvictionReach; i++)
        {
            int slot = _evictAt;
            _evictAt = slot + 1 < Capacity ? slot + 1 : 0;
            Prefetch(_entries + (slot + EvictionPrefetch < Capacity ? slot + EvictionPrefetch : 0));
            if (_entries[slot].End < _entries[oldest].End)
                oldest = slot;
            if (_entries[slot].End <= oldEnough || (i >= EvictionReach && _entries[oldest].End <= tooYoung))
                break;
        }
        FlowEntry* entry = _entries + oldest;
        _victimEnd = entry->End;
        return new Victim { Slot = oldest, Hash = HashOf(entry), Sequence = entry->Sequence, End = entry->End };
    }

    // A flow that is to make room, as it was when it was chosen.
    private struct Victim
    {
        public int Slot;
        public uint Hash;
        public uint Sequence; // 0 before the first was chosen, which no flow has
        public long End;

        // The number alone might come round again.
        public readonly bool IsUnchanged(FlowEntry* entry) => entry->Sequence == Sequence && entry->End == End;
    }

    [InlineArray(VictimsAhead)]
    private struct Victims
    {
        private Victim _first;
    }
}
