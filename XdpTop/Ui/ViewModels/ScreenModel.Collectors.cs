namespace XdpTop.Ui.ViewModels;

/// <summary>What the user can do with export and its collectors.</summary>
internal sealed partial class ScreenModel
{
    /// <summary>For how long something has been so.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The last test of a collector; null before the first.</summary>
    public CollectorTrial? CollectorTrial { get; private set; }

    private CollectorRow? SelectedCollector => ((ExportModel)this[ScreenPage.Export]).Selected;

    /// <summary>Switches export on or off; asks for a collector first if there is none.</summary>
    public void ToggleExport()
    {
        if (Export.IsOn)
            _exportControl.SwitchOff();
        else if (Export.Collector is null or "")
            AddCollector();
        else
            _exportControl.SwitchOn();
        _export.Refresh();
    }

    /// <summary>The menu, or in the Export view what its first item does.</summary>
    public void OpenOrToggleExport()
    {
        if (Page == ScreenPage.Export)
            ToggleExport();
        else
            OpenMenu(MenuName.Export);
    }

    /// <summary>Asks for one more.</summary>
    public void AddCollector() => Prompt = new CollectorPrompt(this, before: null);

    /// <summary>Asks for what is to stand in the place of the one under the cursor.</summary>
    public void EditCollector()
    {
        if (SelectedCollector is { } collector)
            Prompt = new CollectorPrompt(this, collector.Url);
        else
            AddCollector();
    }

    /// <summary>Asks whether to do without the one under the cursor.</summary>
    public void AskToRemoveCollector()
    {
        if (TryShowCollector(out CollectorRow? collector))
            Prompt = new RemovalPrompt(this, collector.Url);
    }

    /// <summary>Tests the one under the cursor.</summary>
    public void TestCollector()
    {
        if (TryShowCollector(out CollectorRow? collector))
            TestCollector(collector.Url);
    }

    public void TestCollector(string url)
    {
        CollectorTrial?.Dispose();
        CollectorTrial = new CollectorTrial(_exportControl, url);
        CollectorTrial.Start();
    }

    /// <summary>Takes one more, or one in the place of another. The first there is switches export on. False with the reason if the URL is none.</summary>
    public bool TryTakeCollector(string url, string? before, out string reason)
    {
        bool isFirst = Export.Collector is null or "";
        bool isTaken = before is null
            ? _exportControl.TryAddCollector(url, out reason) : _exportControl.TryReplaceCollector(before, url, out reason);
        if (isTaken && isFirst)
            _exportControl.SwitchOn();
        _export.Refresh();
        return isTaken;
    }

    public void RemoveCollector(string url)
    {
        _exportControl.RemoveCollector(url);
        _export.Refresh();
    }

    /// <summary>Saves the collectors, and whether export is on, for the next start.</summary>
    public void SaveCollectors() => Message = _exportControl.Save();

    private bool TryShowCollector([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CollectorRow? collector)
    {
        if (Page != ScreenPage.Export)
            Show(ScreenPage.Export);
        collector = SelectedCollector;
        if (collector is null)
            Message = "There is no collector.";
        return collector is not null;
    }
}
