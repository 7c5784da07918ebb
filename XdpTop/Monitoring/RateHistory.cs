namespace XdpTop.Monitoring;

/// <summary>
/// Octets and packets of each second of the last hour: a ring with a place for each. What was counted between two
/// snapshots is spread evenly over the time between them. Written by the snapshot thread; readers get copies.
/// </summary>
internal sealed class RateHistory
{
    /// <summary>How far back it goes.</summary>
    public const int Length = 3600;

    private const double Second = 1e9;

    private readonly float[] _octets = new float[Length];
    private readonly float[] _packets = new float[Length];

    /// <summary>The oldest second that is known in full, and the one after the newest: seconds since 1970-01-01 UTC.</summary>
    public long From { get; private set; }

    public long To { get; private set; }

    // The second in which the newest count lies, which is not complete yet.
    private long _current;

    /// <summary>Adds what was counted from one moment to another, both in nanoseconds since 1970-01-01 UTC.</summary>
    public void Add(long from, long to, double octets, double packets)
    {
        if (to <= from)
            return;
        double start = from / Second, end = to / Second;
        if (_current == 0 || start < _current || start > _current + Length)
            Restart(start);
        double perSecond = 1 / (end - start);
        for (long second = Math.Max((long)start, (long)end - Length + 1); second <= (long)end; second++)
        {
            for (; _current < second; _current++)
                Clear(_current + 1);
            double share = (Math.Min(end, second + 1) - Math.Max(start, second)) * perSecond;
            _octets[second % Length] += (float)(octets * share);
            _packets[second % Length] += (float)(packets * share);
        }
        To = _current;
        From = Math.Max(From, To - Length + 1);
    }

    /// <summary>Octets per second over these seconds, as far as they are known; NaN where none is.</summary>
    public double OctetRate(long from, long to) => Mean(_octets, from, to);

    /// <summary>Packets per second, likewise.</summary>
    public double PacketRate(long from, long to) => Mean(_packets, from, to);

    public void CopyFrom(RateHistory other)
    {
        (From, To, _current) = (other.From, other.To, other._current);
        other._octets.CopyTo(_octets, 0);
        other._packets.CopyTo(_packets, 0);
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => (From, To, _current) = (0, 0, 0);

    // What came before the first snapshot, in its second, is not known.
    private void Restart(double start)
    {
        _current = (long)start;
        From = To = _current + 1;
        Clear(_current);
    }

    private void Clear(long second) => _octets[second % Length] = _packets[second % Length] = 0;

    private double Mean(float[] values, long from, long to)
    {
        from = Math.Max(from, From);
        to = Math.Min(to, To);
        double sum = 0;
        for (long second = from; second < to; second++)
            sum += values[second % Length];
        return to > from ? sum / (to - from) : double.NaN;
    }
}
