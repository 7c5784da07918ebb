using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>
/// One of the collectors: its session, the records that wait for it, and what has become of them. Used by the exporter
/// thread; <see cref="Status"/> can be kept by any.
/// </summary>
internal sealed class CollectorEntry(CollectorSession session, ExportCounters counters, RecordBuffer waiting, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_rateInterval = TimeSpan.FromSeconds(1);

    private long _ratedAt = time.GetTimestamp();
    private ulong _sentBefore;
    private double _recordsPerSecond;

    public CollectorSession Session => session;

    public ExportCounters Counters => counters;

    /// <summary>Of several collectors that stand in for each other, the same.</summary>
    public RecordBuffer Waiting => waiting;

    public CollectorStatus Status { get; private set; } = new() { Url = session.Collector.ToString() };

    public void Keep(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions)
    {
        for (int i = 0, length; i < records.Length; i += length)
        {
            length = records[i].HasReverse ? 2 : 1;
            counters.AddNotSent(waiting.Add(records.Slice(i, length), ByteDistribution.At(distributions, i)));
        }
    }

    /// <summary>True if it is another one than before.</summary>
    public bool RefreshStatus(bool isOn, bool isInUse)
    {
        CollectorState state = isOn ? session.State : CollectorState.Off;
        bool isSame = state == Status.State && Status.Since != default;
        CollectorStatus before = Status;
        Status = before with
        {
            State = state,
            Since = isSame ? before.Since : time.GetUtcNow(),
            Problem = isOn ? session.Problem : "",
            IsInUse = isOn && isInUse,
            RecordsPerSecond = RecordsPerSecond(),
            RecordsWaiting = waiting.Count + session.RecordsUnderway,
            QueueFill = waiting.Fill,
            Sent = counters.Sent,
            NotSent = counters.NotSent,
            MessageOctets = counters.MessageOctets,
            TemplatesSent = session.TemplatesSent,
        };
        return Status != before;
    }

    public void Dispose() => session.Dispose();

    private double RecordsPerSecond()
    {
        TimeSpan elapsed = time.GetElapsedTime(_ratedAt);
        if (elapsed < s_rateInterval)
            return _recordsPerSecond;
        _ratedAt = time.GetTimestamp();
        // Records counted as sent can turn out to be lost.
        _recordsPerSecond = Math.Max(0.0, (double)counters.Sent.Records - _sentBefore) / elapsed.TotalSeconds;
        _sentBefore = counters.Sent.Records;
        return _recordsPerSecond;
    }
}
