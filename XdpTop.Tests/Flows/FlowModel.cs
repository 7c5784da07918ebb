using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Tests.Flows;

/// <summary>
/// What a flow cache of unlimited room has to do, as plainly as can be said: a dictionary, and the rules for ending.
/// </summary>
internal sealed class FlowModel(FlowCacheOptions options)
{
    private readonly Dictionary<FlowKey, FlowRecord> _alive = [];
    private readonly HashSet<FlowKey> _closing = [];

    public List<FlowRecord> Ended { get; } = [];

    public int Count => _alive.Count;

    public void Observe(ParsedPacket packet)
    {
        FlowKey key = FlowKey.Of(in packet);
        EndIfDue(key, packet.Timestamp);
        if (_closing.Contains(key) && (packet.TcpFlags & 2) != 0)
            End(key, FlowEndReason.EndOfFlow);
        if (!_alive.TryGetValue(key, out FlowRecord record))
        {
            record = new FlowRecord
            {
                Key = key,
                Start = packet.Timestamp,
                End = packet.Timestamp,
                MinimumLength = ushort.MaxValue,
                MinimumTtl = byte.MaxValue,
                ClassOfService = packet.ClassOfService,
            };
        }
        record.Start = Math.Min(record.Start, packet.Timestamp);
        record.End = Math.Max(record.End, packet.Timestamp);
        record.Packets++;
        record.Octets += packet.IpOctets;
        record.PayloadOctets += packet.PayloadOctets;
        record.Layer2Octets += packet.FrameOctets;
        record.TcpOptions |= packet.TcpOptions;
        record.IpOptions |= packet.IpOptions;
        record.TcpFlags |= packet.TcpFlags;
        record.FragmentFlags |= packet.FragmentFlags;
        record.MinimumLength = (ushort)Math.Min(record.MinimumLength, packet.IpOctets);
        record.MaximumLength = (ushort)Math.Max(record.MaximumLength, Math.Min(packet.IpOctets, 65535));
        record.MinimumTtl = Math.Min(record.MinimumTtl, packet.Ttl);
        record.MaximumTtl = Math.Max(record.MaximumTtl, packet.Ttl);
        record.LengthHistogram[packet.IpOctets switch { < 64 => 0, < 128 => 1, < 256 => 2, < 512 => 3, < 1024 => 4, < 2048 => 5, < 4096 => 6, _ => 7 }]++;
        _alive[key] = record;
        if ((packet.TcpFlags & 5) != 0)
            _closing.Add(key);
    }

    public void EndAll(long now)
    {
        foreach (FlowKey key in _alive.Keys.ToList())
        {
            EndIfDue(key, now);
            if (_alive.ContainsKey(key))
                End(key, _closing.Contains(key) ? FlowEndReason.EndOfFlow : FlowEndReason.ForcedEnd);
        }
    }

    private void EndIfDue(FlowKey key, long now)
    {
        if (!_alive.TryGetValue(key, out FlowRecord record))
            return;
        bool closing = _closing.Contains(key);
        TimeSpan quiet = closing ? options.Linger : options.IdleTimeout;
        long quietEnd = record.End + quiet.Ticks * 100;
        long activeEnd = record.Start + options.ActiveTimeout.Ticks * 100;
        if (now >= Math.Min(quietEnd, activeEnd))
            End(key, activeEnd < quietEnd ? FlowEndReason.ActiveTimeout : closing ? FlowEndReason.EndOfFlow : FlowEndReason.IdleTimeout);
    }

    private void End(FlowKey key, FlowEndReason reason)
    {
        Ended.Add(_alive[key] with { EndReason = reason });
        _alive.Remove(key);
        _closing.Remove(key);
    }
}
