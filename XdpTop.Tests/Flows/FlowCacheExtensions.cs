using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Tests.Flows;

internal static class FlowCacheExtensions
{
    /// <summary>Announces the packets and counts them, as a worker does with a batch. Gives how many the filter refused.</summary>
    public static uint Meter(this FlowCache cache, Span<ParsedPacket> packets, ReadOnlySpan<PacketPayload> payloads = default)
    {
        foreach (ref ParsedPacket packet in packets)
            cache.Announce(ref packet);
        return cache.Observe(packets, payloads);
    }
}
