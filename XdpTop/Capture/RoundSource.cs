using System.Diagnostics;
using XdpTop.Packets;

namespace XdpTop.Capture;

/// <summary>
/// Frames from memory, for measuring what comes after the socket: in rounds of equal length, of which is kept when each
/// began and ended. Time is the machine's, as with live frames. Worker thread only, but for <see cref="RoundTime"/>.
/// </summary>
internal abstract class RoundSource : IFrameSource
{
    private readonly long[] _roundEnds; // Stopwatch ticks; the first is when round 0 began
    private int _round = -1;
    private long _sentInRound;

    /// <param name="packets">In a round.</param>
    /// <param name="rounds">After so many there are no more frames.</param>
    protected RoundSource(long packets, int rounds)
    {
        Packets = packets;
        _roundEnds = new long[rounds + 1];
        _sentInRound = packets;
    }

    /// <summary>In a round.</summary>
    public long Packets { get; }

    public int Rounds => _roundEnds.Length - 1;

    public virtual LinkType LinkType => LinkType.Ethernet;

    public bool Ended => _round == Rounds;

    public long Now => CaptureClock.Now;

    /// <summary>How long a round took, after the end: from its first frame to the first of the next.</summary>
    public TimeSpan RoundTime(int round) => Stopwatch.GetElapsedTime(_roundEnds[round], _roundEnds[round + 1]);

    public int Receive(Span<Frame> frames)
    {
        if (_sentInRound == Packets)
        {
            if (Ended)
                return 0;
            _roundEnds[++_round] = Stopwatch.GetTimestamp();
            if (Ended)
                return 0;
            _sentInRound = 0;
        }
        int count = Lend(frames[..(int)Math.Min(frames.Length, Packets - _sentInRound)], _round * Packets + _sentInRound, CaptureClock.Now);
        _sentInRound += count;
        return count;
    }

    public void Release()
    {
    }

    public void Wait(int milliseconds)
    {
    }

    public abstract void Dispose();

    /// <summary>Lends one frame or more.</summary>
    /// <param name="first">Frames lent before, in all rounds.</param>
    /// <param name="now">For their time stamps.</param>
    protected abstract int Lend(Span<Frame> frames, long first, long now);
}
