namespace XdpTop.Export;

/// <summary>
/// Connects to a collector, and again when that has failed: after one interval, then after twice as long each time, up to
/// the longest, and at random a bit sooner or later, so that many probes do not come back at the same moment. RFC 7011
/// section 10.4.4 wants one try a minute at most; as records wait meanwhile, and are lost when there are too many, the
/// first tries come sooner here. Used by the exporter thread, which never waits for it.
/// </summary>
internal sealed class Reconnection(CollectorAddress collector, ExportOptions options, TransportConnector connect, TimeProvider time) : IDisposable
{
    /// <summary>What all was well with for so long has not failed again: the next failure is a first one.</summary>
    private static readonly TimeSpan s_lasting = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _cancellation = new();
    private Task<ITransport>? _connecting;
    private int _failures;
    private bool _isInHurry;
    private long _connectedAt = long.MaxValue;
    private long _dueAt = time.GetTimestamp();

    /// <summary>A transport once there is one; null while there is none, with the reason if that was found just now.</summary>
    public ITransport? TryTake(out string failure)
    {
        failure = "";
        if (_connecting is null && time.GetTimestamp() >= _dueAt)
            _connecting = connect(collector, _cancellation.Token);
        if (_connecting is not { IsCompleted: true } connected)
            return null;
        _connecting = null;
        if (connected.IsCompletedSuccessfully)
        {
            _connectedAt = time.GetTimestamp();
            return connected.Result;
        }
        failure = connected.Exception?.GetBaseException().Message ?? "connecting was cancelled";
        OnFailed(time.GetTimestamp());
        return null;
    }

    /// <summary>The transport, or the way to one, has failed.</summary>
    /// <param name="wellUntil">When it was last seen to take what it was given.</param>
    public void OnFailed(long wellUntil)
    {
        long now = time.GetTimestamp();
        if (_connectedAt <= wellUntil && time.GetElapsedTime(_connectedAt, wellUntil) >= s_lasting)
            _failures = 0;
        _connectedAt = long.MaxValue;
        if (_isInHurry)
            _failures = 0;
        double seconds = Math.Min(
            options.RetryInterval.TotalSeconds * Math.Pow(2, _failures++), options.LongestRetryInterval.TotalSeconds);
        seconds *= 1 + options.RetryJitter * (2 * Random.Shared.NextDouble() - 1);
        _dueAt = now + (long)(seconds * time.TimestampFrequency);
    }

    /// <summary>The end is near: tries at once, and from then on after the first interval each time.</summary>
    public void Hurry()
    {
        if (_isInHurry)
            return;
        _isInHurry = true;
        _dueAt = Math.Min(_dueAt, time.GetTimestamp());
    }

    public void Dispose()
    {
        _cancellation.Cancel();
        // A connection that is still being made has no owner any more.
        _connecting?.ContinueWith(
            static task =>
            {
                if (task.IsCompletedSuccessfully)
                    task.Result.Dispose();
                else
                    _ = task.Exception; // marks it as seen
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _connecting = null;
        _cancellation.Dispose();
    }
}
