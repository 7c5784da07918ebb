namespace XdpTop.Ui.ViewModels;

/// <summary>The test of a collector: under way, or what came of it. UI thread only.</summary>
internal sealed class CollectorTrial(IExportControl export, string url) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private Task<(bool IsWell, string Sentence)>? _test;

    /// <summary>What happened, or that it is not known yet.</summary>
    public string Sentence { get; private set; } = $"testing {url}, for 20 seconds at most";

    public Style Style { get; private set; } = Style.Normal;

    public void Start() => _test = export.TestCollectorAsync(url, _cancellation.Token);

    /// <summary>True if it has ended since this was last called.</summary>
    public bool Poll()
    {
        if (_test is not { IsCompleted: true } ended)
            return false;
        _test = null;
        if (!ended.IsCompletedSuccessfully)
            return false; // another one has begun
        (bool isWell, Sentence) = ended.Result;
        Style = isWell ? Style.Good : Style.Warning;
        return true;
    }

    /// <summary>Ends it, if it is still under way; what comes of it is not waited for.</summary>
    public void Dispose()
    {
        _cancellation.Cancel();
        _cancellation.Dispose();
    }
}
