using XdpTop.Export;

namespace XdpTop.Cli;

/// <summary>
/// Finds out what has befallen collectors and outputs since it was last asked: whoever watches no screen is told at once, not
/// at the end, that nothing arrives. Used by one thread.
/// </summary>
internal sealed class ExportNews
{
    private readonly HashSet<string> _failing = []; // collectors' URLs
    private bool _outputFails;

    /// <summary>What is to be said now.</summary>
    public IReadOnlyList<ExportEvent> Since(in ExportStatus status, DateTime now)
    {
        List<ExportEvent> news = [];
        foreach (CollectorStatus collector in status.Collectors)
        {
            if (collector.State == CollectorState.Failing && _failing.Add(collector.Url))
                news.Add(new ExportEvent(now, collector.Url, IsWell: false, collector.Problem));
            else if (collector.State == CollectorState.Up && _failing.Remove(collector.Url))
                news.Add(new ExportEvent(now, collector.Url, IsWell: true, $"the collector {collector.Url} takes records again"));
        }
        if (status.OutputProblem.Length > 0 && !_outputFails)
            news.Add(new ExportEvent(now, Collector: null, IsWell: false, status.OutputProblem));
        _outputFails = status.OutputProblem.Length > 0;
        return news;
    }
}

/// <summary>Something that befell a collector or an output.</summary>
/// <param name="Time">When it was noticed, UTC.</param>
/// <param name="Collector">Its URL; null of an output.</param>
/// <param name="IsWell">Whether records arrive again, or do not any more.</param>
/// <param name="Message">For people, as one sentence.</param>
internal sealed record ExportEvent(DateTime Time, string? Collector, bool IsWell, string Message);
