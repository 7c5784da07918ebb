namespace XdpTop.Metering;

/// <summary>
/// How long a worker was away from its source between two looks, waits for frames left out: counts by the microsecond.
/// The worker writes; any thread may read.
/// </summary>
internal sealed class GapHistogram
{
    /// <summary>Gaps from here on share the last bin.</summary>
    private const int Bins = 8192;

    private const long BinWidth = 1000; // ns

    private readonly uint[] _counts = new uint[Bins];
    private long _longest;
    private long _longestSinceTaken;

    /// <summary>The longest gap since start.</summary>
    public TimeSpan Longest => Time(Volatile.Read(ref _longest));

    /// <summary>Worker only.</summary>
    /// <param name="gap">In nanoseconds.</param>
    public void Add(long gap)
    {
        _counts[Math.Clamp(gap / BinWidth, 0, Bins - 1)]++;
        if (gap > _longest)
            _longest = gap;
        if (gap > _longestSinceTaken)
            _longestSinceTaken = gap;
    }

    /// <summary>The longest gap since this was last called.</summary>
    public TimeSpan TakeLongest() => Time(Interlocked.Exchange(ref _longestSinceTaken, 0));

    /// <summary>So long, or up to a microsecond less, were the gaps up to this share of all, as 0.999; zero if there were none.</summary>
    public TimeSpan Quantile(double share)
    {
        ulong all = 0;
        foreach (uint count in _counts)
            all += count;
        double wanted = all * share;
        ulong seen = 0;
        for (int bin = 0; bin < Bins - 1; bin++)
        {
            seen += _counts[bin];
            if (seen > 0 && seen >= wanted)
                return Time((bin + 1) * BinWidth);
        }
        return Longest;
    }

    private static TimeSpan Time(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
}
