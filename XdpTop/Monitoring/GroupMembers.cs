namespace XdpTop.Monitoring;

/// <summary>
/// Remembers the groups that each flow was found to be in, at its slot in the flow cache: a flow that was there before is
/// put to them without a look at its key. Snapshot thread only.
/// </summary>
/// <param name="capacities">Of the flow caches.</param>
internal sealed class GroupMembers(int[] capacities) : IDisposable
{
    private readonly SlotTable<Member> _members = new(capacities, "the flows' groups");
    private readonly int[] _used = new int[capacities.Length]; // no slot at or above was written to

    /// <summary>The groups of the flow at this place; false where they are not known.</summary>
    /// <param name="identity">By <see cref="Flows.FlowCounts.Identity"/>.</param>
    public bool TryFind(FlowPlace place, ulong identity, out GroupPair groups)
    {
        groups = default;
        if (place.Slot >= _used[place.Cache])
            return false;
        ref readonly Member member = ref _members[place];
        groups = member.Groups;
        return member.Identity == identity && groups.IsWhole;
    }

    /// <param name="groups">All of the flow's.</param>
    public void Keep(FlowPlace place, ulong identity, GroupPair groups)
    {
        _used[place.Cache] = Math.Max(_used[place.Cache], place.Slot + 1);
        _members[place] = new Member { Identity = identity, Groups = groups };
    }

    /// <summary>Knows nothing of any flow any more.</summary>
    public void Forget()
    {
        for (int cache = 0; cache < _used.Length; cache++)
        {
            if (_used[cache] > 0)
                _members[cache][.._used[cache]].Clear();
            _used[cache] = 0;
        }
    }

    public void Dispose() => _members.Dispose();

    private struct Member
    {
        public ulong Identity;
        public GroupPair Groups;
    }
}
