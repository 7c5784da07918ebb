using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using XdpTop.Packets;

namespace XdpTop.Monitoring.Names;

/// <summary>
/// Looks for names in the background and remembers them. Bounded in every respect: so many questions a second, so many at
/// once, so many answers kept, each for so long. Threads begin with the first question; nobody waits for them, not even
/// at the end.
/// </summary>
/// <param name="resolve">
/// Asks for the name of one address, and may take long: the name as it came, or null where there is none. Called on several threads.
/// </param>
/// <param name="time">For the answers' age and the questions' rate.</param>
internal sealed class HostNames(Func<IpAddress, byte, string?> resolve, TimeProvider time) : INameSource, IDisposable
{
    /// <summary>Questions under way at once: one for each thread.</summary>
    public const int MostAtOnce = 4;

    /// <summary>Questions that wait for a thread. What finds no room is asked for again when it is drawn again.</summary>
    public const int MostWaiting = 64;

    public const int MostPerSecond = 50;

    /// <summary>Answers that are kept; those that nobody has asked for longest go first.</summary>
    public const int MostKept = 16384;

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Of the answer that there is no name, or none was to be had.</summary>
    public static readonly TimeSpan NegativeLifetime = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly BlockingCollection<(IpAddress Address, byte Version)> _questions = new(MostWaiting);
    // Two generations: when the young one is full, it becomes the old one, and what was in that is forgotten.
    private Dictionary<(IpAddress, byte), Answer> _young = [];
    private Dictionary<(IpAddress, byte), Answer> _old = [];
    private bool _isStarted;
    private long _second;
    private int _askedInSecond;
    private int _underWay;

    /// <summary>Questions that have not been answered yet.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public string? Find(in IpAddress address, byte ipVersion)
    {
        (IpAddress, byte) key = (address, ipVersion);
        lock (_lock)
        {
            bool isKnown = TryGet(key, out Answer? answer);
            if (isKnown && (answer!.IsAwaited || time.GetTimestamp() < answer.Until))
                return answer.Name;
            if (MayAsk() && _questions.TryAdd(key))
            {
                _askedInSecond++;
                Interlocked.Increment(ref _underWay);
                // Until the new answer is there the old one stands.
                Keep(key, new Answer(answer?.Name, 0, IsAwaited: true));
                Start();
            }
            return answer?.Name;
        }
    }

    public string? Recall(in IpAddress address, byte ipVersion)
    {
        lock (_lock)
            return _young.TryGetValue((address, ipVersion), out Answer? answer) || _old.TryGetValue((address, ipVersion), out answer) ? answer.Name : null;
    }

    /// <summary>Takes no more questions. A thread that still waits for an answer ends when it has it.</summary>
    public void Dispose() => _questions.CompleteAdding();

    private void Start()
    {
        if (_isStarted)
            return;
        _isStarted = true;
        for (int i = 0; i < MostAtOnce; i++)
            new Thread(Run) { IsBackground = true, Name = "names" }.Start();
    }

    private void Run()
    {
        foreach ((IpAddress address, byte version) in _questions.GetConsumingEnumerable())
        {
            string? name = HostName.Clean(resolve(address, version));
            TimeSpan lifetime = name is null ? NegativeLifetime : Lifetime;
            long until = time.GetTimestamp() + (long)(lifetime.TotalSeconds * time.TimestampFrequency);
            lock (_lock)
                Keep((address, version), new Answer(name, until, IsAwaited: false));
            Interlocked.Decrement(ref _underWay);
        }
    }

    private bool TryGet((IpAddress, byte) key, [NotNullWhen(true)] out Answer? answer)
    {
        if (_young.TryGetValue(key, out answer))
            return true;
        if (!_old.TryGetValue(key, out answer))
            return false;
        Keep(key, answer);
        return true;
    }

    private void Keep((IpAddress, byte) key, Answer answer)
    {
        _young[key] = answer;
        if (_young.Count < MostKept / 2)
            return;
        _old = _young;
        _young = [];
    }

    private bool MayAsk()
    {
        if (_questions.IsAddingCompleted)
            return false;
        long second = time.GetTimestamp() / time.TimestampFrequency;
        if (second != _second)
            (_second, _askedInSecond) = (second, 0);
        return _askedInSecond < MostPerSecond;
    }

    private sealed record Answer(string? Name, long Until, bool IsAwaited);
}
