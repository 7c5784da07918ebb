using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Packets;
using XdpTop.Tests.Flows;

namespace XdpTop.Tests.Export;

public sealed class BiflowPairingTests
{
    private const long Second = 1_000_000_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(18);

    private readonly List<FlowRecord> _out = [];

    [Fact]
    public void The_two_directions_go_out_together_the_one_that_began_first_before_the_other()
    {
        BiflowPairing pairing = New(10);
        FlowRecord client = Record(1, start: 5), server = Reverse(client, start: 6);
        server.Key.Direction = 1; // as on an interface in use
        pairing.Add([server], 0);
        Assert.Empty(_out);
        pairing.Add([client], 0);
        Assert.Equal([client.Start, server.Start], _out.Select(record => record.Start));
        Assert.Equal([true, false], _out.Select(record => record.HasReverse));
        Assert.Equal((0, 1u, 0u), (pairing.Count, pairing.Biflows, pairing.Uniflows));
    }

    [Fact]
    public void What_can_have_no_reverse_goes_out_at_once()
    {
        BiflowPairing pairing = New(10);
        FlowRecord record = Record(1);
        record.Key.Destination = IpAddress.Parse("224.0.0.1");
        pairing.Add([record], 0);
        Assert.Single(_out);
        Assert.Equal((0, 1u), (pairing.Count, pairing.Uniflows));
    }

    [Fact]
    public void A_record_waits_until_either_clock_says_that_its_time_is_over()
    {
        BiflowPairing pairing = New(10);
        pairing.Add([Record(1)], 100 * Second);
        Assert.Equal(0, pairing.Release(118 * Second, 10));
        Assert.Equal(1, pairing.Release(118 * Second + 1, 10));
        Assert.Single(_out);

        pairing.Add([Record(2, start: 0, length: 1)], 0);
        pairing.Add([Record(3, start: 0, length: 19)], 0);
        Assert.Equal(0, pairing.Release(0, 10));
        pairing.Add([Record(4, start: 0, length: 20)], 0);
        Assert.Equal(1, pairing.Release(0, 10)); // the first: the other two came later by the records' clock
        Assert.Equal(2, pairing.Count);
    }

    [Fact]
    public void Records_of_one_direction_pair_in_order_and_only_with_those_near_in_time()
    {
        BiflowPairing pairing = New(10);
        FlowRecord first = Record(1, start: 0, length: 60), second = Record(1, start: 60, length: 5);
        FlowRecord tooLate = Reverse(first, start: 71);
        pairing.Add([first, second, tooLate], 0);
        Assert.Empty(_out);
        FlowRecord firstBack = Reverse(first, start: 1, length: 59), secondBack = Reverse(first, start: 61, length: 4);
        pairing.Add([firstBack, secondBack], 0);
        Assert.Equal([first.Start, firstBack.Start, second.Start, secondBack.Start], _out.Select(record => record.Start));
        Assert.Equal(1, pairing.Count);
    }

    [Theory]
    [InlineData("observation point")]
    [InlineData("VLAN")]
    [InlineData("protocol")]
    [InlineData("port")]
    public void Records_that_differ_in_more_than_direction_are_no_pair(string field)
    {
        BiflowPairing pairing = New(10);
        FlowRecord record = Record(1), other = Reverse(record, start: 0);
        switch (field)
        {
            case "observation point": other.ObservationPoint++; break;
            case "VLAN": other.Key.InnerVlan = ParsedPacket.VlanPresent; break;
            case "protocol": other.Key.Protocol = 17; break;
            default: other.Key.SourcePort++; break;
        }
        pairing.Add([record, other], 0);
        Assert.Equal(2, pairing.Count);
    }

    [Theory]
    [InlineData(0x02, 0x14)] // a refused connection: SYN, RST
    [InlineData(0x12, 0x11)] // only one side said FIN
    [InlineData(0x11, 0x11)]
    [InlineData(0x10, 0x10)] // both fall silent
    public void However_the_directions_end_they_are_paired(int clientFlags, int serverFlags)
    {
        using FlowRecordQueue ended = new(64);
        using FlowCache cache = new(new FlowCacheOptions { Capacity = 100 }, ended);
        BiflowPairing pairing = new(10, new ExportOptions().BiflowPatience, records => _out.AddRange(records));
        long start = TestRecords.NewYear, now = start;
        ParsedPacket client = new()
        {
            IpVersion = 4, Protocol = 6, Source = IpAddress.Parse("10.0.0.1"), Destination = IpAddress.Parse("10.0.0.2"),
            SourcePort = 1000, DestinationPort = 80, IpOctets = 40, TcpFlags = (ushort)clientFlags, Timestamp = now,
        };
        ParsedPacket server = client;
        (server.Source, server.Destination, server.SourcePort, server.DestinationPort) = (client.Destination, client.Source, 80, 1000);
        (server.TcpFlags, server.Timestamp) = ((ushort)serverFlags, now + 20_000_000);
        cache.Meter([client, server]);
        FlowRecord[] records = new FlowRecord[8];
        for (; now < start + 60 * Second; now += Second / 10)
        {
            while (cache.Expire(now))
                continue;
            pairing.Add(records.AsSpan(0, ended.TryDequeue(records)), now);
            pairing.Release(now, 10);
        }
        Assert.Equal((1u, 0u), (pairing.Biflows, pairing.Uniflows));
        Assert.Equal(1000, _out[0].Key.SourcePort);
    }

    [Fact]
    public void When_there_is_no_room_the_one_that_has_waited_longest_goes_alone()
    {
        BiflowPairing pairing = New(3);
        for (int i = 0; i < 5; i++)
            pairing.Add([Record(i)], 0);
        Assert.Equal([Record(0).Key.SourcePort, Record(1).Key.SourcePort], _out.Select(record => record.Key.SourcePort));
        pairing.Add([Reverse(Record(3), start: 0)], 0);
        Assert.Equal((2, 1u, 2u), (pairing.Count, pairing.Biflows, pairing.Uniflows));
        Assert.Equal(1, pairing.ReleaseAll(1));
        Assert.Equal(1, pairing.ReleaseAll(10));
        Assert.Equal(6, _out.Count);
    }

    [Theory]
    [InlineData(1, 1_000_000, 100)]
    [InlineData(2, 1_000_000, 3)]
    [InlineData(3, 50, 100)]
    [InlineData(4, 7, 1000)]
    [InlineData(5, 1, 20)]
    public void It_does_what_a_plain_list_does(int seed, int capacity, int conversations)
    {
        Random random = new(seed);
        BiflowPairing pairing = New(Math.Min(capacity, 4096));
        Model model = new(Math.Min(capacity, 4096));
        long now = 0;
        List<FlowRecord> all = [];
        for (int i = 0; i < 4000; i++)
        {
            FlowRecord record = Record(random.Next(conversations), start: now / 1e9 - random.Next(20), length: random.Next(20));
            record.Packets = (ulong)i + 1; // tells records apart
            if (random.Next(2) == 0)
                record = Reverse(record);
            record.ObservationPoint = (byte)random.Next(2);
            record.Key.Direction = (byte)random.Next(2);
            all.Add(record);
            pairing.Add([record], now);
            model.Add(record, now);
            now += random.Next(2_000_000_000);
            pairing.Release(now, int.MaxValue);
            model.Release(now);
            Assert.Equal(model.Waiting.Count, pairing.Count);
        }
        pairing.ReleaseAll(int.MaxValue);
        model.ReleaseAll();
        Assert.Equal(model.Out.Select(record => (record.Packets, record.HasReverse)), _out.Select(record => (record.Packets, record.HasReverse)));
        // Nothing is lost, nothing is doubled.
        Assert.Equal(all.Select(record => record.Packets).Order(), _out.Select(record => record.Packets).Order());
        Assert.Equal((ulong)all.Count, pairing.Uniflows + 2 * pairing.Biflows);
        Assert.Equal((ulong)_out.Count(record => record.HasReverse), pairing.Biflows);
        Assert.True(pairing.Biflows > 0 || capacity == 1);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_record()
    {
        int delivered = 0;
        BiflowPairing pairing = new(1000, s_patience, records => delivered += records.Length);
        FlowRecord[] records = [.. Enumerable.Range(0, 2000).Select(i => Record(i % 1500))];
        FlowRecord[] reverse = [.. records.Select(record => Reverse(record, start: 1))];
        long least = long.MaxValue; // the runtime itself allocates now and then
        for (int turn = 0; turn < 5; turn++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Turn();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
        Assert.Equal(5 * 4000, delivered);

        void Turn()
        {
            pairing.Add(records, 0);
            pairing.Add(reverse, 0);
            pairing.Release(0, 100);
            pairing.ReleaseAll(10_000);
        }
    }

    private BiflowPairing New(int capacity) => new(capacity, s_patience, records => _out.AddRange(records));

    private static FlowRecord Record(int conversation, double start = 0, double length = 1)
    {
        FlowRecord record = TestRecords.Tcp(sourcePort: (ushort)(1000 + conversation));
        record.Start = TestRecords.NewYear + (long)(start * Second);
        record.End = record.Start + (long)(length * Second);
        return record;
    }

    /// <summary>A record of the other direction; at the same time, if none is given.</summary>
    private static FlowRecord Reverse(FlowRecord record, double? start = null, double length = 1)
    {
        FlowRecord reverse = record;
        Assert.True(Biflow.TryReverse(in record.Key, out reverse.Key));
        if (start is not { } seconds)
            return reverse;
        reverse.Start = TestRecords.NewYear + (long)(seconds * Second);
        reverse.End = reverse.Start + (long)(length * Second);
        return reverse;
    }

    /// <summary>What pairing is to do, with no thought of speed, from the words of its comments.</summary>
    private sealed class Model(int capacity)
    {
        private long _recordTime = long.MinValue;

        public List<(FlowRecord Record, long Since, long SinceRecordTime)> Waiting { get; } = [];

        public List<FlowRecord> Out { get; } = [];

        public void Add(FlowRecord record, long now)
        {
            _recordTime = Math.Max(_recordTime, record.End);
            int found = Waiting.FindIndex(w => IsPair(record, w.Record));
            if (found >= 0)
            {
                FlowRecord[] pair = [record, Waiting[found].Record];
                int forward = pair[0].Start != pair[1].Start ? (pair[0].Start < pair[1].Start ? 0 : 1) : pair[0].Key.SourcePort == 80 ? 1 : 0;
                pair[forward].HasReverse = true;
                Out.Add(pair[forward]);
                Out.Add(pair[1 - forward]);
                Waiting.RemoveAt(found);
                return;
            }
            if (Waiting.Count == capacity)
                ReleaseFirst();
            Waiting.Add((record, now, _recordTime));
        }

        public void Release(long now)
        {
            while (Waiting.Count > 0 && (now - Waiting[0].Since > 18 * Second || _recordTime - Waiting[0].SinceRecordTime > 18 * Second))
                ReleaseFirst();
        }

        public void ReleaseAll()
        {
            while (Waiting.Count > 0)
                ReleaseFirst();
        }

        private void ReleaseFirst()
        {
            Out.Add(Waiting[0].Record);
            Waiting.RemoveAt(0);
        }

        // All are 10.0.0.1 to port 80 of 10.0.0.2, or back: the addresses follow from the ports.
        private static bool IsPair(FlowRecord one, FlowRecord other) =>
            one.ObservationPoint == other.ObservationPoint
            && one.Key.SourcePort == other.Key.DestinationPort && one.Key.DestinationPort == other.Key.SourcePort
            && (one.Start <= other.End + 5 * Second && other.Start <= one.End + 5 * Second);
    }
}
