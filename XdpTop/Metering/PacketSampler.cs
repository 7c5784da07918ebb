using XdpTop.Flows;

namespace XdpTop.Metering;

/// <summary>
/// Takes packets out of a worker's (RFC 5475), by counting down to the next: so many each time, or, at random, as many as
/// lie between two of which each has the same probability. One thread.
/// </summary>
internal sealed class PacketSampler
{
    private readonly PacketSampling _sampling;
    private readonly Random _random;
    private readonly double _logOfPassing; // of the probability that a packet is passed over
    private ulong _untilNext; // packets up to the next one taken, which counts

    /// <param name="seed">For tests; at random if not given.</param>
    public PacketSampler(PacketSampling sampling, int? seed = null)
    {
        _sampling = sampling;
        _random = seed is { } known ? new Random(known) : new Random();
        _logOfPassing = Math.Log(1 - 1.0 / sampling.Interval);
        _untilNext = Gap();
    }

    /// <summary>Whether the next packet is taken.</summary>
    public bool TakesNext()
    {
        if (--_untilNext > 0)
            return false;
        _untilNext = Gap();
        return true;
    }

    /// <summary>How many of the next packets are taken.</summary>
    public uint Take(uint packets)
    {
        uint taken = 0;
        ulong left = packets;
        for (; left >= _untilNext; taken++)
        {
            left -= _untilNext;
            _untilNext = Gap();
        }
        _untilNext -= left;
        return taken;
    }

    /// <summary>Packets to the next one taken: 1 or more; at random, geometrically distributed.</summary>
    private ulong Gap() => _sampling.IsRandom
        ? 1 + (ulong)(Math.Log(1 - _random.NextDouble()) / _logOfPassing)
        : _sampling.Interval;
}
