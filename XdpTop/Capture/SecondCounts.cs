namespace XdpTop.Capture;

/// <summary>
/// Frames and octets of each second of a capture's last hour, by the frames' own time. Written by the worker thread; to be
/// read when there are no more frames.
/// </summary>
internal sealed class SecondCounts
{
    private const int Length = 3600;
    private const long Nanoseconds = 1_000_000_000;

    private readonly ulong[] _frames = new ulong[Length];
    private readonly ulong[] _octets = new ulong[Length];

    /// <summary>Time of the earliest frame: nanoseconds since 1970-01-01 UTC; 0 before the first.</summary>
    public long Earliest { get; private set; }

    /// <summary>The newest second that a frame came in, and the oldest that is known: since 1970-01-01 UTC.</summary>
    public long Newest { get; private set; }

    public long Oldest => Math.Max(Earliest / Nanoseconds, Newest - Length + 1);

    public (ulong Frames, ulong Octets) this[long second] => (_frames[second % Length], _octets[second % Length]);

    public void Add(ReadOnlySpan<Frame> frames)
    {
        foreach (ref readonly Frame frame in frames)
        {
            long time = Math.Max(frame.Timestamp, 1), second = time / Nanoseconds;
            if (second != Newest)
                GoTo(time, second);
            Earliest = Math.Min(Earliest, time);
            if (second <= Newest - Length)
                continue; // out of order by more than an hour
            _frames[second % Length]++;
            _octets[second % Length] += frame.WireOctets;
        }
    }

    private void GoTo(long time, long second)
    {
        if (Earliest == 0)
            (Earliest, Newest) = (time, second - 1);
        for (long next = Math.Max(Newest + 1, second - Length + 1); next <= second; next++)
            _frames[next % Length] = _octets[next % Length] = 0;
        Newest = Math.Max(Newest, second);
    }
}
