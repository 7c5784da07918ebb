using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Packets;

namespace XdpTop.Tests.Monitoring;

public sealed class TopRowsTests
{
    public static TheoryData<int, bool, int> Cases()
    {
        TheoryData<int, bool, int> cases = [];
        foreach (FlowSortKey key in Enum.GetValues<FlowSortKey>())
        {
            foreach (int flows in (int[])[0, 1, 19, 20, 21, 500])
            {
                cases.Add((int)key, false, flows);
                cases.Add((int)key, true, flows);
            }
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Keeps_what_sorting_all_would_put_first(int sortKey, bool inverse, int flows)
    {
        FlowSortKey key = (FlowSortKey)sortKey;
        Random random = new(flows);
        FlowRow[] all = [.. Enumerable.Range(0, flows).Select(_ => Row(random))];
        FlowRow[] kept = new FlowRow[20];
        FlowRowOrder order = new(key, inverse);
        TopRows<FlowRow, FlowRowOrder> top = new(kept, order);
        for (int i = 0; i < all.Length; i++)
            top.Offer(in all[i]);
        top.Sort();

        Array.Sort(all, (a, b) => order.Compare(in a, in b));
        Assert.Equal(Math.Min(flows, 20), top.Count);
        Assert.Equal(all.Take(20).Select(Fields), kept.Take(top.Count).Select(Fields));

        static object Fields(FlowRow row) =>
            (row.OctetsPerSecond, row.PacketsPerSecond, row.Record.Octets, row.Record.Packets, row.Record.Start, row.Record.End,
                row.Record.Key.DestinationPort, row.Record.Key.SourcePort, row.Record.Key.Source.ToString(4), row.Record.Key.Destination.ToString(4));
    }

    [Theory]
    [InlineData(nameof(FlowSortKey.Rate), "0 1")]
    [InlineData(nameof(FlowSortKey.PacketRate), "1 0")]
    [InlineData(nameof(FlowSortKey.Octets), "1 0")]
    [InlineData(nameof(FlowSortKey.Packets), "0 1")]
    [InlineData(nameof(FlowSortKey.Age), "1 0")]
    [InlineData(nameof(FlowSortKey.Idle), "0 1")]
    [InlineData(nameof(FlowSortKey.Source), "1 0")]
    [InlineData(nameof(FlowSortKey.Destination), "1 0")]
    [InlineData(nameof(FlowSortKey.SourcePort), "1 0")]
    [InlineData(nameof(FlowSortKey.DestinationPort), "1 0")]
    [InlineData(nameof(FlowSortKey.Protocol), "1 0")]
    public void Large_numbers_old_flows_and_low_addresses_come_first(string sortKey, string order)
    {
        FlowSortKey key = Enum.Parse<FlowSortKey>(sortKey);
        FlowRow[] rows =
        [
            new() { OctetsPerSecond = 9, PacketsPerSecond = 1, Record = new() { Octets = 1, Packets = 9, Start = 5, End = 6,
                Key = new() { IpVersion = 6, Source = IpAddress.Parse("1::"), Destination = IpAddress.Parse("::2"), SourcePort = 10, DestinationPort = 443, Protocol = 17 } } },
            new() { OctetsPerSecond = 8, PacketsPerSecond = 2, Record = new() { Octets = 2, Packets = 8, Start = 4, End = 7,
                Key = new() { IpVersion = 4, Source = IpAddress.Parse("10.0.0.1"), Destination = IpAddress.Parse("10.0.0.2"), SourcePort = 9, DestinationPort = 80, Protocol = 6 } } },
        ];
        int first = new FlowRowOrder(key, inverse: false).Compare(in rows[0], in rows[1]) < 0 ? 0 : 1;
        Assert.Equal(order, $"{first} {1 - first}");
    }

    private static FlowRow Row(Random random) => new()
    {
        OctetsPerSecond = random.Next(5),
        PacketsPerSecond = random.Next(5),
        Record = new FlowRecord
        {
            Octets = (ulong)random.Next(5),
            Packets = (ulong)random.Next(5),
            Start = random.Next(1000),
            End = random.Next(5),
            Key = new FlowKey
            {
                IpVersion = (byte)(random.Next(2) == 0 ? 4 : 6),
                Source = IpAddress.Parse($"10.0.0.{random.Next(5)}"),
                Destination = IpAddress.Parse($"10.0.0.{random.Next(256)}"),
                SourcePort = (ushort)random.Next(65536),
                DestinationPort = (ushort)random.Next(5),
                Protocol = (byte)random.Next(5),
            },
        },
    };
}
