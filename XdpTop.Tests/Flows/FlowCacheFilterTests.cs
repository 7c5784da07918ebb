using XdpTop.Flows;
using XdpTop.Packets;
using XdpTop.Tests.Monitoring.Filters;

namespace XdpTop.Tests.Flows;

public sealed class FlowCacheFilterTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private readonly FlowRecordQueue _ended = new(1 << 12);

    public void Dispose() => _ended.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Flows_are_there_if_they_match_with_all_their_packets_and_repeats(int seed)
    {
        FlowKeyFilter filter = TestFilter.ForMetering("src port 1 or (src portrange 3-5 and not net 10.0.0.0/31)")!;
        using FlowCache cache = new(new FlowCacheOptions { Capacity = 1024, Filter = filter }, _ended);
        Random random = new(seed);
        Dictionary<FlowKey, ulong> expected = [];
        ulong sent = 0, refused = 0;
        ParsedPacket[] batch = new ParsedPacket[FlowCache.MaximumBatch];
        uint[] repeats = new uint[FlowCache.MaximumBatch];
        for (int i = 0; i < 200; i++)
        {
            bool hasRepeats = random.Next(2) == 0;
            for (int p = 0; p < batch.Length; p++)
            {
                batch[p] = new ParsedPacket
                {
                    IpVersion = 4, Protocol = IpProtocol.Tcp, SourcePort = (ushort)random.Next(8), Timestamp = Second, IpOctets = 40,
                    Source = IpAddress.FromBytes([10, 0, 0, (byte)random.Next(4)]),
                };
                repeats[p] = hasRepeats ? (uint)random.Next(3) : 0;
                cache.Announce(ref batch[p]);
                FlowKey key = FlowKey.Of(in batch[p]);
                sent += 1 + repeats[p];
                if (key.SourcePort == 1 || (key.SourcePort is >= 3 and <= 5 && key.Source.Bytes(4)[3] > 1))
                    expected[key] = expected.GetValueOrDefault(key) + 1 + repeats[p];
            }
            refused += cache.Observe(batch, repeats: hasRepeats ? repeats : default);
        }
        cache.EndAll(Second);
        Dictionary<FlowKey, ulong> found = [];
        FlowRecord[] records = new FlowRecord[64];
        foreach (ref readonly FlowRecord record in records.AsSpan(0, _ended.TryDequeue(records)))
            found.Add(record.Key, record.Packets);
        Assert.Equal(10, found.Count);
        Assert.Equal(expected.OrderBy(flow => flow.Key.GetHashCode()), found.OrderBy(flow => flow.Key.GetHashCode()));
        Assert.Equal(sent, refused + found.Values.Aggregate((a, b) => a + b));
    }
}
