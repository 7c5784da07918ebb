using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Memory;

namespace XdpTop.Monitoring;

/// <summary>
/// Remembers the groups that each flow was found to be in, at its slot in the flow cache: a flow that was there before is
/// put to them without a look at its key. Room is off the managed heap and touched as slots are used. Snapshot thread only.
/// </summary>
/// <param name="capacities">Of the flow caches.</param>
internal sealed class GroupMembers(int[] capacities) : IDisposable
{
    private readonly MappedMemory?[] _memory = new MappedMemory?[capacities.Length];
    private readonly int[] _used = new int[capacities.Length]; // no slot at or above was written to

    /// <summary>The groups of the flow that has been at this place since then; false where they are not known.</summary>
    /// <param name="start">When the flow, or its record, began: another than before is another flow.</param>
    public bool TryFind(FlowPlace place, long start, out GroupPair groups)
    {
        if (place.Slot >= _used[place.Cache])
        {
            groups = default;
            return false;
        }
        ref readonly Member member = ref Members(place.Cache)[place.Slot];
        groups = member.Groups;
        return member.Start == start && groups.IsWhole;
    }

    /// <param name="groups">All of the flow's.</param>
    public void Keep(FlowPlace place, long start, GroupPair groups)
    {
        _memory[place.Cache] ??= MappedMemory.Allocate((nuint)capacities[place.Cache] * (nuint)Unsafe.SizeOf<Member>(), "the flows' groups");
        _used[place.Cache] = Math.Max(_used[place.Cache], place.Slot + 1);
        Members(place.Cache)[place.Slot] = new Member { Start = start, Groups = groups };
    }

    /// <summary>Knows nothing of any flow any more.</summary>
    public void Forget()
    {
        for (int cache = 0; cache < capacities.Length; cache++)
        {
            if (_used[cache] > 0)
                Members(cache)[.._used[cache]].Clear();
            _used[cache] = 0;
        }
    }

    public void Dispose()
    {
        foreach (MappedMemory? memory in _memory)
            memory?.Dispose();
    }

    private Span<Member> Members(int cache) => MemoryMarshal.Cast<byte, Member>(_memory[cache]!.Span);

    private struct Member
    {
        public long Start;
        public GroupPair Groups;
    }
}
