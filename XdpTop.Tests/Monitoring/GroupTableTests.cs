using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Packets;

namespace XdpTop.Tests.Monitoring;

public sealed class GroupTableTests
{
    [Fact]
    public void Hosts_have_what_they_sent_and_what_they_received()
    {
        FlowRow[] flows = Flows(500);
        GroupRow[] groups = Group(GroupKind.Hosts, flows, new GroupRowOrder(GroupSortKey.Octets, false), out _);
        string[] hosts = [.. flows.SelectMany(f => new[] { Source(f), Destination(f) }).Distinct()];
        Assert.Equal(hosts.Order(), groups.Select(g => g.Key.Address.ToString(4)).Order());
        foreach (GroupRow group in groups)
        {
            string host = group.Key.Address.ToString(4);
            FlowRow[] sent = [.. flows.Where(f => Source(f) == host)], received = [.. flows.Where(f => Destination(f) == host && Source(f) != host)];
            Assert.Equal(sent.Aggregate(0ul, (sum, f) => sum + f.Octets), group.Sent.Octets);
            Assert.Equal(received.Aggregate(0ul, (sum, f) => sum + f.Octets), group.Received.Octets);
            Assert.Equal(sent.Sum(f => f.PacketsPerSecond), group.Sent.PacketsPerSecond, 6);
            Assert.Equal(received.Sum(f => f.OctetsPerSecond), group.Received.OctetsPerSecond, 6);
            Assert.Equal(sent.Length + received.Length, group.Flows);
            Assert.Equal(sent.Concat(received).Min(f => f.Record.Start), group.Start);
            Assert.Equal(sent.Concat(received).Max(f => f.Record.End), group.End);
        }
        Assert.Equal(groups.Select(g => g.Octets).OrderDescending(), groups.Select(g => g.Octets));
    }

    /// <summary>65,536 keys thrown at 262,144 places by chance hit 57,988 of them, give or take a hundred.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Keys_that_differ_in_a_few_octets_are_spread(int seed)
    {
        byte[] secrets = new byte[GroupTable.SeedLength];
        new Random(seed).NextBytes(secrets);
        using GroupTable groups = new([], seed: secrets);
        foreach ((int one, int other) in (ReadOnlySpan<(int, int)>)[(7, 15), (6, 7), (14, 15), (0, 8), (3, 11)])
        {
            byte[] address = IpAddress.Parse("2001:db8::").Bytes(6).ToArray();
            Assert.InRange(Places(i =>
            {
                (address[one], address[other]) = ((byte)(i >> 8), (byte)i);
                return new GroupKey(GroupKind.Hosts, IpAddress.FromBytes(address), 6, 0, 0);
            }), 57_500, 58_500);
        }
        Assert.InRange(Places(i => new GroupKey(GroupKind.Hosts, IpAddress.FromBytes([10, 1, (byte)(i >> 8), (byte)i]), 4, 0, 0)), 57_500, 58_500);
        Assert.InRange(Places(i => new GroupKey(GroupKind.Ports, default, 0, 6, (ushort)i)), 57_500, 58_500);

        int Places(Func<int, GroupKey> key) => Enumerable.Range(0, 1 << 16).Select(i => groups.Hash(key(i))).Distinct().Count();
    }

    [Fact]
    public void Services_are_told_by_the_lower_port()
    {
        FlowRow[] flows = [.. Flows(300)];
        GroupRow[] groups = Group(GroupKind.Ports, flows, new GroupRowOrder(GroupSortKey.Name, true), out _);
        var expected = flows.GroupBy(f => (f.Record.Key.Protocol, Port(f)))
            .Select(g => (g.Key.Protocol, g.Key.Item2, g.Aggregate(0ul, (sum, f) => sum + f.Packets), g.Count()))
            .OrderDescending();
        Assert.Equal(expected, groups.Select(g => (g.Key.Protocol, g.Key.Port, g.Packets, g.Flows)));

        static ushort Port(FlowRow f) =>
            f.Record.Key.Protocol == 1 ? (ushort)0 : Math.Min(f.Record.Key.SourcePort, f.Record.Key.DestinationPort);
    }

    [Fact]
    public void A_biflow_counts_for_its_two_directions()
    {
        FlowRow row = Flows(1)[0];
        FlowRow other = Reversed(row);
        row.SetReverse(in other);
        GroupRow[] groups = Group(GroupKind.Hosts, [row], new GroupRowOrder(GroupSortKey.Rate, false), out _);
        Assert.All(groups, group => Assert.Equal((group.Sent.Octets, 2), (group.Received.Octets, group.Flows)));
    }

    /// <summary>Flows come and go, and others take their slots, between snapshots that give counts alone wherever these will do.</summary>
    [Theory]
    [InlineData((int)GroupKind.Hosts, GroupTable.Capacity)]
    [InlineData((int)GroupKind.Hosts, 20)]
    [InlineData((int)GroupKind.Ports, GroupTable.Capacity)]
    [InlineData((int)GroupKind.Ports, 8)]
    [InlineData((int)GroupKind.Protocols, GroupTable.Capacity)]
    public void Flows_known_by_their_slots_count_as_those_that_are_looked_at(int kindNumber, int capacity)
    {
        GroupKind kind = (GroupKind)kindNumber;
        Random random = new(7);
        FlowRow[] flows = Flows(300);
        GroupRow[] rows = new GroupRow[1000], expected = new GroupRow[1000];
        GroupRowOrder order = new(GroupSortKey.Flows, false);
        int known = 0;
        using GroupTable table = new([flows.Length], capacity);
        for (int snapshot = 0; snapshot < 50; snapshot++)
        {
            FlowRow[] others = Flows(300 + snapshot);
            for (int i = random.Next(5) * flows.Length / 5; i < flows.Length; i += random.Next(1, 20))
            {
                flows[i].Record = others[i].Record;
                flows[i].Record.Start += snapshot * 10_000;
            }
            FlowRow[] alive = [.. flows.Where(_ => random.Next(snapshot % 7 + 1) < 2)];
            table.Begin(kind);
            foreach (ref readonly FlowRow flow in alive.AsSpan())
            {
                if (!table.TryAdd(flow.Place, FlowCounts.Of(in flow.Record), flow.Rate))
                {
                    table.Add(in flow);
                    continue;
                }
                known++;
                if (kind == GroupKind.Protocols)
                    table.AddLengths(in flow.Record.LengthHistogram);
            }
            using GroupTable fresh = new([flows.Length]);
            fresh.Begin(kind);
            foreach (ref readonly FlowRow flow in alive.AsSpan())
                fresh.Add(in flow);
            int count = table.CopyTop(rows, order), all = fresh.CopyTop(expected, order);
            Assert.Equal(table.Count, count);
            Assert.Equal(fresh.All, table.All);
            Assert.Equal(fresh.Lengths, table.Lengths);
            // Those that found room are whole, and each flow of the others is counted.
            Dictionary<GroupKey, GroupRow> byKey = expected[..all].ToDictionary(row => row.Key);
            Assert.All(rows[..count], row => Assert.Equal(byKey[row.Key], row));
            Assert.Equal(expected[..all].Sum(row => row.Flows), rows[..count].Sum(row => row.Flows) + table.WithoutRoom);
            Assert.Equal(Math.Min(all, capacity), count);
        }
        Assert.True(known > 1000);
    }

    [Fact]
    public void Flows_of_groups_that_find_no_room_are_counted()
    {
        FlowRow[] flows = Flows(400);
        using GroupTable table = new([400], capacity: 10);
        table.Begin(GroupKind.Hosts);
        foreach (ref readonly FlowRow flow in flows.AsSpan())
            table.Add(in flow);
        GroupRow[] rows = new GroupRow[100];
        int count = table.CopyTop(rows, new GroupRowOrder(GroupSortKey.Flows, false));
        Assert.Equal((10, 10), (count, table.Count));
        Assert.Equal(flows.Sum(f => Source(f) == Destination(f) ? 1 : 2), rows[..count].Sum(row => row.Flows) + table.WithoutRoom);
        Assert.Equal(flows.Aggregate(0ul, (sum, f) => sum + f.Octets), table.All.Octets);
        table.Begin(GroupKind.Ports);
        Assert.Equal((0, 0, 0ul), (table.Count, table.WithoutRoom, table.All.Octets));
    }

    private static GroupRow[] Group(GroupKind kind, FlowRow[] flows, GroupRowOrder order, out GroupSum all)
    {
        using GroupTable table = new([1000]);
        for (int round = 0; round < 2; round++) // what was there before is forgotten
        {
            table.Begin(kind);
            foreach (ref readonly FlowRow flow in flows.AsSpan())
                table.Add(in flow);
        }
        GroupRow[] rows = new GroupRow[1000];
        all = table.All;
        return rows[..table.CopyTop(rows, order)];
    }

    private static string Source(FlowRow row) => row.Record.Key.Source.ToString(4);

    private static string Destination(FlowRow row) => row.Record.Key.Destination.ToString(4);

    private static FlowRow Reversed(FlowRow row)
    {
        FlowRow other = row;
        (other.Record.Key.Source, other.Record.Key.Destination) = (row.Record.Key.Destination, row.Record.Key.Source);
        (other.Record.Key.SourcePort, other.Record.Key.DestinationPort) = (row.Record.Key.DestinationPort, row.Record.Key.SourcePort);
        return other;
    }

    private static FlowRow[] Flows(int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(slot => new FlowRow
        {
            Place = new FlowPlace(0, slot),
            OctetsPerSecond = random.Next(1000), PacketsPerSecond = random.Next(10),
            Record = new FlowRecord
            {
                LengthHistogram = Lengths(random), Packets = (ulong)random.Next(1, 100), Octets = (ulong)random.Next(10_000), Start = random.Next(1000), End = random.Next(1000, 2000),
                Key = new FlowKey
                {
                    IpVersion = 4, Protocol = (byte)(random.Next(3) switch { 0 => 1, 1 => 6, _ => 17 }),
                    Source = IpAddress.Parse($"10.0.0.{random.Next(30)}"), Destination = IpAddress.Parse($"10.0.0.{random.Next(30)}"),
                    SourcePort = (ushort)random.Next(40000, 60000), DestinationPort = (ushort)random.Next(5),
                },
            },
        })];
    }

    private static LengthHistogram Lengths(Random random)
    {
        LengthHistogram lengths = default;
        lengths[random.Next(LengthHistogram.Bins)] = (uint)random.Next(100);
        return lengths;
    }
}
