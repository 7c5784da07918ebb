using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Flows;
using XdpTop.Memory;

namespace XdpTop.Monitoring;

/// <summary>
/// Puts the flows of one snapshot together in groups, and sums over all of them. Room is for a fixed number of groups, off
/// the managed heap and touched as it is used; flows of others are counted. Snapshot thread only.
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
    private readonly int _capacity;

    /// <param name="capacity">Of groups; fewer than <see cref="Capacity"/> for tests.</param>
    /// <param name="seed">Of the hash, <see cref="SeedLength"/> octets; a random one if there is none.</param>
    public GroupTable(int capacity = Capacity, byte[]? seed = null)
    {
        _capacity = capacity;
        _secrets = MemoryMarshal.Cast<byte, ulong>(seed ?? HashSeed.Make(SeedLength)).ToArray();
    }

    public GroupKind Kind { get; private set; }

    /// <summary>Groups found so far.</summary>
    public int Count { get; private set; }

    /// <summary>The sum over all flows.</summary>
    public GroupSum All { get; private set; }

    /// <summary>Flows, or ends of flows, whose group found no room.</summary>
    public int WithoutRoom { get; private set; }

    /// <summary>Packets by length, over all flows.</summary>
    public ulong[] Lengths { get; } = new ulong[LengthHistogram.Bins];

    private Span<GroupRow> Rows => MemoryMarshal.Cast<byte, GroupRow>(_rows.Span);

    /// <summary>Begins with no groups.</summary>
    public void Begin(GroupKind kind)
    {
        if (Count > 0)
            _index.Span.Clear();
        (Kind, Count, WithoutRoom, All) = (kind, 0, 0, default);
        Array.Clear(Lengths);
    }

    /// <summary>Adds a flow, or both directions of a Biflow.</summary>
    public void Add(ref readonly FlowRow row)
    {
        if (Kind == GroupKind.None)
            return;
        AddDirection(in row.Record, row.BasePackets, row.BaseOctets, row.PacketsPerSecond, row.OctetsPerSecond);
        if (row.IsBiflow)
            AddDirection(in row.Reverse, row.ReverseBasePackets, row.ReverseBaseOctets, row.ReversePacketsPerSecond, row.ReverseOctetsPerSecond);
    }

    /// <summary>Copies the first groups by this order; gives how many.</summary>
    public int CopyTop(Span<GroupRow> into, GroupRowOrder order)
    {
        TopRows<GroupRow, GroupRowOrder> top = new(into, order);
        foreach (ref readonly GroupRow row in Rows[..Count])
            top.Offer(in row);
        top.Sort();
        return top.Count;
    }

    public void Dispose()
    {
        _rows.Dispose();
        _index.Dispose();
    }

    private void AddDirection(in FlowRecord record, ulong basePackets, ulong baseOctets, double packetRate, double octetRate)
    {
        GroupSum sum = new()
        {
            Packets = record.Packets - basePackets, Octets = record.Octets - baseOctets,
            PacketsPerSecond = packetRate, OctetsPerSecond = octetRate,
        };
        All += sum;
        switch (Kind)
        {
            case GroupKind.Hosts:
                AddTo(GroupKey.OfSource(in record.Key), in record, in sum);
                if (!record.Key.Source.Equals(record.Key.Destination))
                    AddTo(GroupKey.OfDestination(in record.Key), in record, in sum);
                break;
            case GroupKind.Ports:
                AddTo(GroupKey.OfPort(in record.Key), in record, in sum);
                break;
            default:
                AddTo(GroupKey.OfProtocol(in record.Key), in record, in sum);
                for (int bin = 0; bin < LengthHistogram.Bins; bin++)
                    Lengths[bin] += record.LengthHistogram[bin];
                break;
        }
    }

    private void AddTo(GroupKey key, in FlowRecord record, in GroupSum sum)
    {
        int at = Find(in key);
        if (at < 0)
        {
            WithoutRoom++;
            return;
        }
        ref GroupRow row = ref Rows[at];
        row.Flows++;
        row.Start = Math.Min(row.Start, record.Start);
        row.End = Math.Max(row.End, record.End);
        ref GroupSum direction = ref key.IsSentBy(in record.Key) ? ref row.Sent : ref row.Received;
        direction += sum;
    }

    /// <summary>Where the group is, which begins here if there is none yet; −1 if there is no room.</summary>
    private int Find(in GroupKey key)
    {
        Span<int> index = MemoryMarshal.Cast<byte, int>(_index.Span);
        Span<GroupRow> rows = Rows;
        int at = Hash(in key);
        for (; index[at] != 0; at = (at + 1) & (IndexSize - 1))
        {
            int row = index[at] - 1;
            if (rows[row].Key.Equals(in key))
                return row;
        }
        if (Count == _capacity)
            return -1;
        rows[Count] = new GroupRow { Key = key, Start = long.MaxValue };
        index[at] = ++Count;
        return Count - 1;
    }

    /// <summary>
    /// Folded multiplication, twice: both halves of the product of two words with secrets in them. Addresses of one network,
    /// or ports in a row, differ in few bits; one product would put such keys at regular steps, and too many in one place.
    /// </summary>
    internal int Hash(in GroupKey key)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(key.Address.Bytes(6));
        ulong rest = ((ulong)key.Port << 16) | ((ulong)key.Protocol << 8) | key.IpVersion;
        ulong once = Fold(words[0] ^ rest ^ _secrets[0], words[1] ^ _secrets[1]);
        return (int)(Fold(once ^ _secrets[2], _secrets[3]) >> (64 - IndexBits));
    }

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
