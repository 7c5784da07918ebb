namespace XdpTop.Export;

/// <summary>
/// What a transport has taken of one session and the collector's host does not have yet: so that each record is counted
/// once, as sent when it is there, or as not sent when the session ends before that. Used by the exporter thread.
/// </summary>
internal sealed class MessagesUnderway(ExportCounters counters)
{
    private readonly Queue<(Tally Records, int Octets)> _messages = [];
    private Tally _sum;
    private (Tally Records, int Octets)? _last;
    private ulong _delivered;
    private long _progressAt;

    public int Records => (int)_sum.Records;

    public bool IsEmpty => _messages.Count == 0;

    public ulong Messages => (ulong)_messages.Count;

    /// <summary>Of these messages.</summary>
    public ulong Octets { get; private set; }

    /// <summary>Whether a message with records of this session has arrived.</summary>
    public bool HasDelivered { get; private set; }

    /// <param name="message">What is in a message that the transport has taken.</param>
    /// <param name="octets">How long the message is.</param>
    public void Add(in Tally message, int octets, long now)
    {
        if (IsEmpty)
            _progressAt = now;
        _messages.Enqueue((message, octets));
        _sum += message;
        Octets += (ulong)octets;
    }

    /// <param name="delivered">Messages of this session that have arrived.</param>
    public void Count(ulong delivered, long now)
    {
        if (_delivered != delivered)
            _progressAt = now;
        for (; _delivered < delivered; _delivered++)
        {
            (Tally records, int octets) = _messages.Dequeue();
            _last = (records, octets);
            _sum -= records;
            Octets -= (ulong)octets;
            counters.AddSent(in records);
            counters.AddMessage(octets);
            HasDelivered |= records.Records > 0;
        }
    }

    /// <summary>Whether something is underway, and nothing has arrived for so long.</summary>
    public bool IsStalled(long now, long ticks) => !IsEmpty && now - _progressAt > ticks;

    /// <summary>When all was last seen to be well: now, unless something is underway.</summary>
    public long WellUntil(long now) => IsEmpty ? now : _progressAt;

    /// <summary>The message that was delivered last was not, as has turned out.</summary>
    public void TakeBackLast()
    {
        if (_last is var (records, octets))
            counters.MoveToNotSent(in records, octets);
        _last = null;
    }

    /// <summary>The session has ended: what is underway does not arrive any more.</summary>
    public void GiveUp()
    {
        counters.AddNotSent(in _sum);
        _messages.Clear();
        (_sum, Octets) = (default, 0);
        _last = null;
        _delivered = 0;
        HasDelivered = false;
    }
}
