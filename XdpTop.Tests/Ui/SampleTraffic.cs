using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Packets;

namespace XdpTop.Tests.Ui;

/// <summary>Made-up snapshots, the same ones each time.</summary>
internal static class SampleTraffic
{
    private const long Now = 1_800_000_000_000_000_000;
    private const long Second = 1_000_000_000;

    /// <summary>Fills in a snapshot with this many flows, the fastest first.</summary>
    public static void Fill(TrafficSnapshot snapshot, int flows, ulong kernelDrops = 0, string notice = "", int seed = 1)
    {
        Random random = new(seed);
        snapshot.Time = Now;
        snapshot.Interval = TimeSpan.FromSeconds(1);
        for (int i = 0; i < flows; i++)
            snapshot.Rows[i] = Flow(random, i);
        snapshot.RowCount = snapshot.MatchingFlows = flows;
        snapshot.LiveFlows = flows;
        snapshot.PacketsPerSecond = 1_480_000;
        snapshot.BitsPerSecond = 9.87e9;
        snapshot.NewFlowsPerSecond = 12_345;
        snapshot.EvictionsPerSecond = 350_000;
        snapshot.Totals = new ObservationPointCounters
        {
            ReceivedPackets = 123_456_789, ReceivedOctets = 98_765_432_100, MeteredPackets = 123_450_000, NotIp = 6_700,
            Malformed = 80, Truncated = 9, Flows = 5_000_000, RingFullDrops = kernelDrops - kernelDrops / 4, OtherDrops = kernelDrops / 4,
            UnresolvedFragments = 17, InterfacePackets = 123_456_789 + kernelDrops, InterfaceMissed = kernelDrops > 0 ? 5UL : 0,
        };
        (snapshot.Collections, snapshot.CollectionPauses) = (3, TimeSpan.FromMicroseconds(4210));
        snapshot.Interfaces =
        [
            new InterfaceStatus
            {
                Name = "ens2f1", Mode = "redirect", Attach = "native", Bind = "zero-copy", Queues = 2, RxQueues = 2, Notice = notice,
                HasCounters = true, Counters = snapshot.Totals, InterfaceDrops = kernelDrops > 0 ? [("rx_dropped", 3), ("rx_missed_errors", 5)] : [],
            },
        ];
        snapshot.Queues = [Queue(0, kernelDrops), Queue(1, 0)];
    }

    /// <summary>Adds what the request asks for besides flows, by the real means.</summary>
    public static void Answer(TrafficSnapshot snapshot, SnapshotRequest request)
    {
        using GroupTable groups = new([1]);
        groups.Begin(request.Grouping);
        foreach (ref readonly FlowRow row in snapshot.Rows.AsSpan(0, snapshot.RowCount))
            groups.Add(in row);
        snapshot.GroupKind = request.Grouping;
        snapshot.GroupCount = groups.CopyTop(snapshot.Groups, request.GroupOrder);
        snapshot.AllGroups = groups.Count;
        snapshot.AllFlows = groups.All;
        groups.Lengths.CopyTo(snapshot.Lengths, 0);
        FillHistory(snapshot.History, snapshot.Time, 1.2e9, 1_480_000);
        snapshot.Watched = request.Watched;
        if (request.Watched is not { } watched)
            return;
        snapshot.WatchedRow = snapshot.Rows.First(row => row.Record.Key.Equals(watched.Key));
        FillHistory(snapshot.WatchedForward, snapshot.Time, 3e9, 5_000_000);
        FillHistory(snapshot.WatchedReverse, snapshot.Time, 3e8, 2_500_000);
    }

    /// <summary>An hour that goes up and down, with a gap of nothing in it.</summary>
    private static void FillHistory(RateHistory history, long now, double octets, double packets)
    {
        history.Clear();
        for (int second = 3000; second > 0; second--)
        {
            double part = second is > 20 and < 25 ? 0 : (1.5 + Math.Sin(second / 9.0) / 2 + Math.Sin(second / 400.0)) / 3;
            history.Add(now - second * Second, now - (second - 1) * Second, octets * part, packets * part);
        }
    }

    /// <summary>Gives every other row a reverse direction.</summary>
    public static void Pair(TrafficSnapshot snapshot)
    {
        for (int i = 0; i < snapshot.RowCount; i += 2)
        {
            ref FlowRow row = ref snapshot.Rows[i];
            row.Reverse = row.Record;
            (row.Reverse.Key.Source, row.Reverse.Key.Destination) = (row.Record.Key.Destination, row.Record.Key.Source);
            (row.Reverse.Key.SourcePort, row.Reverse.Key.DestinationPort) = (row.Record.Key.DestinationPort, row.Record.Key.SourcePort);
            row.Reverse.Packets /= 2;
            row.Reverse.Octets /= 10;
            row.Reverse.TcpFlags = (ushort)(row.Record.Key.Protocol == 6 ? 0x04 : 0);
            row.ReversePacketsPerSecond = row.PacketsPerSecond / 2;
            row.ReverseOctetsPerSecond = row.OctetsPerSecond / 10;
        }
    }

    public static FlowRecord Record(string source, string destination, byte protocol, ushort sourcePort = 0, ushort destinationPort = 0) =>
        new()
        {
            Key = new FlowKey
            {
                Source = IpAddress.Parse(source), Destination = IpAddress.Parse(destination),
                IpVersion = (byte)(source.Contains(':') ? 6 : 4), Protocol = protocol,
                SourcePort = sourcePort, DestinationPort = destinationPort,
            },
        };

    private static FlowRow Flow(Random random, int index)
    {
        FlowRecord record = (index % 8) switch
        {
            0 => Record("2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8::443", 6, 51000, 443),
            1 => Record("10.0.0.1", "192.168.200.100", 17, 40000, 53),
            2 => Record("10.0.0.2", "10.0.0.3", 1, 0, 8 << 8),
            3 => Record("10.0.0.3", "10.0.0.2", 1, 0, (3 << 8) | 1),
            4 => Record("fe80::1", "ff02::1", 58, 0, 135 << 8),
            5 => Record("172.16.0.9", "172.16.0.10", 47),
            6 => Record("203.0.113.77", "198.51.100.200", 132, 2905, 2905),
            _ => Record("10.1.2.3", "10.3.2.1", 253),
        };
        record.Key.SourcePort += (ushort)(record.Key.SourcePort == 0 ? 0 : index % 1000);
        record.Key.OuterVlan = (ushort)(index % 3 == 0 ? 100 : 0);
        record.Key.InnerVlan = (ushort)(index % 9 == 0 ? 4094 : 0);
        // No two flows are the same.
        int last = record.Key.IpVersion == 4 ? 3 : 15;
        record.Key.Destination[last] = (byte)index;
        record.Key.Destination[last - 1] += (byte)(index >> 8);
        record.Packets = (ulong)random.NextInt64(1, 50_000_000);
        record.Octets = record.Packets * (ulong)random.Next(40, 1500);
        record.TcpFlags = (ushort)(record.Key.Protocol == 6 ? 0x1b : 0);
        (record.MinimumTtl, record.MaximumTtl) = ((byte)(index % 5 == 0 ? 57 : 64), 64);
        (record.MinimumLength, record.MaximumLength) = (40, 1500);
        record.PayloadOctets = record.Octets * 9 / 10;
        record.Layer2Octets = record.Octets + 14 * record.Packets;
        for (int bin = 0; bin < LengthHistogram.Bins - 2; bin++)
            record.LengthHistogram[bin] = (uint)(record.Packets / (ulong)(2 + bin));
        record.Start = Now - random.NextInt64(1, 200_000) * Second;
        record.End = Now - random.NextInt64(0, 15) * Second;
        double rate = 5e6 / Math.Pow(1.3, index);
        return new FlowRow { Record = record, PacketsPerSecond = rate, OctetsPerSecond = rate * 700 };
    }

    private static QueueStatus Queue(int queue, ulong drops) => new()
    {
        Interface = "ens2f1", Queues = $"{queue}", Cpu = queue == 0 ? 3 : -1, ReceivedPackets = 61_728_394,
        PacketsPerSecond = 740_000, BatchFill = 31.7, LongestGap = TimeSpan.FromMicroseconds(431), LiveFlows = 123_456,
        FlowCapacity = 1 << 20, LackOfResources = 0, RingFill = 17, RingSize = 4096,
        Xsk = new XskStatistics { RxDropped = drops, RxRingFull = queue == 0 ? 0 : null, RxFillRingEmptyDescs = 0, RxInvalidDescs = 0, TxInvalidDescs = 0 },
    };
}
