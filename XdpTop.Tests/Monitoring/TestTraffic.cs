using XdpTop.Flows;
using XdpTop.Memory;
using XdpTop.Monitoring;
using XdpTop.Packets;
using XdpTop.Tests.Flows;

namespace XdpTop.Tests.Monitoring;

/// <summary>Made-up flows in a real flow cache, on a clock that stands still until it is told to go on.</summary>
internal sealed class TestTraffic : ITrafficSource, IDisposable
{
    private const long Second = 1_000_000_000;

    private readonly FlowRecordQueue _ended;
    private readonly InterfaceStatus[] _interfaces = [new() { Name = "test0", Mode = "redirect" }];
    private ulong _packets;

    public TestTraffic(bool countsBytes = false)
    {
        _ended = new FlowRecordQueue(64, countsBytes);
        Cache = new FlowCache(new FlowCacheOptions { Capacity = 100, ByteDistribution = countsBytes }, _ended);
        FlowCaches = [Cache];
    }

    public FlowCache Cache { get; }

    public IReadOnlyList<FlowCache> FlowCaches { get; }

    public long Now { get; set; } = 1000 * Second;

    public bool IsFinished { get; set; }

    public long Began { get; set; }

    public void ReadHistory(RateHistory history) => history.Add(Began, Now, 100 * _packets, _packets);

    public int QueueCount => 1;

    /// <summary>Called at each look.</summary>
    public Action? Looked { get; set; }

    public ObservationPointCounters ReadTotals()
    {
        Looked?.Invoke();
        return new() { ReceivedPackets = _packets, Flows = Cache.Counters.Flows };
    }

    public InterfaceStatus[] ReadInterfaces() => _interfaces;

    public void ReadQueues(Span<QueueStatus> queues) => queues[0].ReceivedPackets = _packets;

    public void Send(int flow, int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            Cache.Meter([new ParsedPacket
            {
                IpVersion = 4, Protocol = IpProtocol.Udp, SourcePort = (ushort)flow, IpOctets = 100, Timestamp = Now,
                Source = IpAddress.Parse($"10.0.0.{flow % 5}"), Destination = IpAddress.Parse($"10.1.0.{flow % 3}"),
            }]);
        }
        Cache.Expire(Now);
        _packets += (ulong)packets;
    }

    /// <summary>Sends a packet that is nothing but its payload.</summary>
    public void Send(MappedMemory payload)
    {
        ParsedPacket packet = new()
        {
            IpVersion = 4, Protocol = IpProtocol.Udp, Timestamp = Now,
            IpOctets = (uint)payload.Length, FrameOctets = (uint)payload.Length, PayloadOctets = (uint)payload.Length,
        };
        Cache.Meter([packet], [PacketPayload.Of(payload.Span, in packet)]);
    }

    public void Dispose()
    {
        Cache.Dispose();
        _ended.Dispose();
    }
}
