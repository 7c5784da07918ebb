using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Flows;
using XdpTop.Memory;

namespace XdpTop.Monitoring;

/// <summary>
/// Puts the flows of one snapshot after the other together in groups, and sums over all of them. Room is for a fixed number
/// of groups, off the managed heap and touched as it is used; flows of others are counted. Groups stay at their places from
/// one snapshot to the next, so that flows find them by <see cref="GroupMembers"/>. Snapshot thread only.
/// </summary>
internal sealed class GroupTable : IDisposable
{
    /// <summary>The most groups that are told apart.</summary>
    public const int Capacity = 1 << 17;

    /// <summary>Octets of the hash's seed.</summary>
    internal const int SeedLength = 4 * sizeof(ulong);

    private const int IndexBits = 18;
    private const int IndexSize = 1 << IndexBits; // at most half full

    // Secrets, so that nobody can send keys that all meet in one place.
    private readonly ulong[] _secrets;
    private readonly MappedMemory _rows = MappedMemory.Allocate((nuint)Capacity * (nuint)Unsafe.SizeOf<GroupRow>(), "groups of flows");
    private readonly MappedMemory _index = MappedMemory.Allocate(IndexSize * sizeof(int), "the index of groups");
    private readonly GroupMembers _members;
    private readonly int _capacity;
    private int _places; // rows in use, those without flows among them
    private GroupSum _all;

    /// <param name="flowCaches">The capacity of each flow cache.</param>
    /// <param name="capacity">Of groups; fewer than <see cref="Capacity"/> for tests.</param>
    /// <param name="seed">Of the hash, <see cref="SeedLength"/> octets; a random one if there is none.</param>
    public GroupTable(int[] flowCaches, int capacity = Capacity, byte[]? seed = null)
    {
        _members = new GroupMembers(flowCaches);
        _capacity = capacity;
        _secrets = MemoryMarshal.Cast<byte, ulong>(seed ?? HashSeed.Make(SeedLength)).ToArray();
    }

    public GroupKind Kind { get; private set; }

    /// <summary>Groups found so far in this snapshot.</summary>
    public int Count { get; private set; }

    /// <summary>The sum over all flows.</summary>
    public GroupSum All => _all;

    /// <summary>Flows, or ends of flows, whose group found no room.</summary>
    public int WithoutRoom { get; private set; }

    /// <summary>Packets by length, over all flows: of <see cref="GroupKind.Protocols"/> only.</summary>
    public ulong[] Lengths { get; } = new ulong[LengthHistogram.Bins];

    private Span<GroupRow> Rows => MemoryMarshal.Cast<byte, GroupRow>(_rows.Span);

    /// <summary>Begins a snapshot, with no flows in any group.</summary>
    public void Begin(GroupKind kind)
    {
        int empty = _places - Count;
        if (kind != Kind || empty > Count / 4 || (empty > 0 && WithoutRoom > 0))
            Forget();
        foreach (ref GroupRow row in Rows[.._places])
            row = new GroupRow { Key = row.Key, Start = long.MaxValue };
        (Kind, Count, WithoutRoom, _all) = (kind, 0, 0, default);
        Array.Clear(Lengths);
    }

    /// <summary>
    /// Adds a flow by its counts, if its groups are known from a snapshot before. If not, nothing has been added, and
    /// <see cref="Add"/> has to be given the flow itself. Of protocols, <see cref="AddLengths"/> is to follow.
    /// </summary>
    public bool TryAdd(FlowPlace place, in FlowCounts counts, in FlowRate rate)
    {
        if (Kind == GroupKind.None)
            return true;
        if (!_members.TryFind(place, counts.Identity, out GroupPair groups))
            return false;
        AddTo(groups, in counts, in rate);
        return true;
    }

    /// <summary>Adds a flow, or both directions of a Biflow.</summary>
    public void Add(ref readonly FlowRow row)
    {
        if (Kind == GroupKind.None)
            return;
        AddDirection(row.Place, in row.Record, row.Rate);
        if (row.IsBiflow)
            AddDirection(row.ReversePlace, in row.Reverse, row.ReverseRate);
    }

    /// <summary>Adds a flow's packets by length, for <see cref="GroupKind.Protocols"/>, after <see cref="TryAdd"/> has added its counts.</summary>
    public void AddLengths(in LengthHistogram lengths)
    {
        for (int bin = 0; bin < LengthHistogram.Bins; bin++)
            Lengths[bin] += lengths[bin];
    }

    /// <summary>Copies the first groups by this order; gives how many.</summary>
    public int CopyTop(Span<GroupRow> into, GroupRowOrder order)
    {
        TopRows<GroupRow, GroupRowOrder> top = new(into, order);
        foreach (ref readonly GroupRow row in Rows[.._places])
        {
            if (row.Flows > 0)
                top.Offer(in row);
        }
        top.Sort();
        return top.Count;
    }

    public void Dispose()
    {
        _rows.Dispose();
        _index.Dispose();
        _members.Dispose();
    }

    private void Forget()
    {
        if (_places > 0)
            _index.Span.Clear();
        _places = 0;
        _members.Forget();
    }

    private void AddDirection(FlowPlace place, in FlowRecord record, in FlowRate rate)
    {
        FlowCounts counts = FlowCounts.Of(in record);
        GroupPair groups = GroupsOf(in record.Key);
        if (groups.IsWhole)
            _members.Keep(place, counts.Identity, groups);
        AddTo(groups, in counts, in rate);
        if (Kind == GroupKind.Protocols)
            AddLengths(in record.LengthHistogram);
    }

    /// <summary>The groups of a flow, which begin here if there are none yet.</summary>
    private GroupPair GroupsOf(in FlowKey key)
    {
        switch (Kind)
        {
            case GroupKind.Hosts:
                int source = Find(GroupKey.OfSource(in key));
                bool isOwn = key.Source.Equals(key.Destination);
                return new GroupPair(source, isOwn ? GroupPair.None : Find(GroupKey.OfDestination(in key)));
            case GroupKind.Ports:
                GroupKey port = GroupKey.OfPort(in key);
                return port.IsSentBy(in key) ? new GroupPair(Find(in port), GroupPair.None) : new GroupPair(GroupPair.None, Find(in port));
            default:
                return new GroupPair(GroupPair.None, Find(GroupKey.OfProtocol(in key)));
        }
    }

    private void AddTo(GroupPair groups, in FlowCounts counts, in FlowRate rate)
    {
        GroupSum sum = new()
        {
            Packets = counts.Packets - rate.BasePackets, Octets = counts.Octets - rate.BaseOctets,
            PacketsPerSecond = rate.PacketsPerSecond, OctetsPerSecond = rate.OctetsPerSecond,
        };
        _all.Add(in sum);
        Span<GroupRow> rows = Rows;
        if (groups.Sent > 0)
        {
            ref GroupRow row = ref rows[groups.Sent - 1];
            Meet(ref row, in counts);
            row.Sent.Add(in sum);
        }
        if (groups.Received > 0)
        {
            ref GroupRow row = ref rows[groups.Received - 1];
            Meet(ref row, in counts);
            row.Received.Add(in sum);
        }
        WithoutRoom += groups.WithoutRoom;
    }

    private void Meet(ref GroupRow row, in FlowCounts counts)
    {
        if (row.Flows++ == 0)
            Count++;
        row.Start = Math.Min(row.Start, counts.Start);
        row.End = Math.Max(row.End, counts.End);
    }

    /// <summary>The place of the group, counted from 1, which begins here if there is none yet; <see cref="GroupPair.NoRoom"/> if it finds no room.</summary>
    private int Find(in GroupKey key)
    {
        Span<int> index = MemoryMarshal.Cast<byte, int>(_index.Span);
        Span<GroupRow> rows = Rows;
        int at = Hash(in key);
        for (; index[at] != 0; at = (at + 1) & (IndexSize - 1))
        {
            if (rows[index[at] - 1].Key.Equals(in key))
                return index[at];
        }
        if (_places == _capacity)
            return GroupPair.NoRoom;
        rows[_places] = new GroupRow { Key = key, Start = long.MaxValue };
        return index[at] = ++_places;
    }

    /// <summary>
    /// A folded product of words with secrets in them, twice: addresses of one network, or ports in a row, differ in few bits,
    /// and one product would put such keys at regular steps, and too many in one place.
    /// </summary>
    internal int Hash(in GroupKey key)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(key.Address.Bytes(6));
        ulong rest = ((ulong)key.Port << 16) | ((ulong)key.Protocol << 8) | key.IpVersion;
        ulong once = FoldedProduct.Of(words[0] ^ rest ^ _secrets[0], words[1] ^ _secrets[1]);
        return (int)(FoldedProduct.Of(once ^ _secrets[2], _secrets[3]) >> (64 - IndexBits));
    }
}
