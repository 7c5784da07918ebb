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
        using GroupTable groups = new(seed: secrets);
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

    [Fact]
    public void Flows_of_groups_that_find_no_room_are_counted()
    {
        FlowRow[] flows = Flows(400);
        using GroupTable table = new(capacity: 10);
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
        using GroupTable table = new();
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
        return [.. Enumerable.Range(0, count).Select(_ => new FlowRow
        {
            OctetsPerSecond = random.Next(1000), PacketsPerSecond = random.Next(10),
            Record = new FlowRecord
            {
                Packets = (ulong)random.Next(1, 100), Octets = (ulong)random.Next(10_000), Start = random.Next(1000), End = random.Next(1000, 2000),
                Key = new FlowKey
                {
                    IpVersion = 4, Protocol = (byte)(random.Next(3) switch { 0 => 1, 1 => 6, _ => 17 }),
                    Source = IpAddress.Parse($"10.0.0.{random.Next(30)}"), Destination = IpAddress.Parse($"10.0.0.{random.Next(30)}"),
                    SourcePort = (ushort)random.Next(40000, 60000), DestinationPort = (ushort)random.Next(5),
                },
            },
        })];
    }
}
