using XdpTop.Cli.Configuration;
using XdpTop.Export;
using XdpTop.Ui;

namespace XdpTop.Cli;

/// <summary>Lets the screen drive the Exporting Process.</summary>
/// <param name="configuration">Where collectors are saved; null where there is no place for it.</param>
internal sealed class ExportControl(ExportingProcess exporting, ConfigurationFile? configuration) : IExportControl
{
    private IReadOnlyList<CollectorStatus> _statuses = [];
    private IReadOnlyList<CollectorRow> _rows = [];

    public ExportState State
    {
        get
        {
            ExportStatus status = exporting.Status;
            return new ExportState
            {
                IsOn = status.IsOn,
                Collector = status.Collector,
                Problem = status.Problem,
                RecordsSent = status.RecordsSent,
                RecordsLost = status.RecordsLost,
                RecordsWaiting = status.RecordsWaiting,
                Collectors = RowsOf(status.Collectors),
            };
        }
    }

    public void SwitchOn() => exporting.SwitchOn();

    public void SwitchOff() => exporting.SwitchOff();

    public bool TryAddCollector(string url, out string reason) => exporting.Collectors.TryAdd(url, out reason);

    public bool TryReplaceCollector(string url, string newUrl, out string reason) =>
        exporting.Collectors.TryReplace(url, newUrl, out reason);

    public void RemoveCollector(string url) => exporting.Collectors.Remove(url);

    public Task<(bool IsWell, string Sentence)> TestCollectorAsync(string url, CancellationToken cancellation) =>
        exporting.TestCollectorAsync(url, cancellation);

    public string Save()
    {
        if (configuration is null)
            return "There is no home directory, and so no configuration file: give one with --config.";
        string collectors = $"[{string.Join(", ", exporting.Collectors.Addresses.Select(address => $"\"{address}\""))}]";
        try
        {
            configuration.Save([("collectors", collectors), ("export", exporting.Status.IsOn ? collectors : "[]")]);
            return $"Saved to {configuration.Path}";
        }
        catch (ConfigurationException e)
        {
            return e.Message;
        }
    }

    /// <summary>The same list as before while nothing has changed.</summary>
    private IReadOnlyList<CollectorRow> RowsOf(IReadOnlyList<CollectorStatus> statuses)
    {
        if (statuses != _statuses)
            _rows = [.. statuses.Select(RowOf)];
        _statuses = statuses;
        return _rows;
    }

    private static CollectorRow RowOf(CollectorStatus status) => new()
    {
        Url = status.Url,
        State = status.State switch
        {
            CollectorState.Off => "off",
            CollectorState.Connecting => "connecting",
            CollectorState.Up => "up",
            _ => "failing",
        },
        Since = status.Since,
        Problem = status.Problem,
        IsInUse = status.IsInUse,
        RecordsPerSecond = status.RecordsPerSecond,
        RecordsWaiting = status.RecordsWaiting,
        QueueFill = status.QueueFill,
        RecordsSent = status.Sent.Records,
        RecordsLost = status.NotSent.Records,
        PacketsLost = status.NotSent.Packets,
        OctetsLost = status.NotSent.Octets,
        MessageOctets = status.MessageOctets,
        TemplatesSent = status.TemplatesSent,
    };
}
