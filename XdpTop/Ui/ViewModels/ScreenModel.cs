using XdpTop.Monitoring;
using XdpTop.Monitoring.Filters;

namespace XdpTop.Ui.ViewModels;

internal enum ScreenPage
{
    Flows,
    Queues,
    Help,
}

/// <summary>What the screen shows and what its keys do, with no terminal in it. UI thread only.</summary>
/// <param name="exchange">Where snapshots come from, and where requests go.</param>
/// <param name="export">IPFIX export.</param>
/// <param name="requestChanged">Called when there is a new request, for the snapshot thread not to sleep until its interval is over.</param>
internal sealed class ScreenModel(SnapshotExchange exchange, IExportControl export, Action requestChanged)
{
    /// <summary>A move beyond any end, for <see cref="Move"/>.</summary>
    public const int AllTheWay = 1 << 24;

    private static readonly int SortKeys = Enum.GetValues<FlowSortKey>().Length;

    private readonly ExportedView _export = new(export);
    private ScreenPage _pageBeforeHelp;

    /// <summary>The snapshot on the screen; an empty one until there is a first.</summary>
    public TrafficSnapshot Snapshot { get; private set; } = new(0);

    public SnapshotRequest Request => exchange.Request;

    public ExportState Export => _export.State;

    public ScreenPage Page { get; private set; }

    /// <summary>Whether the screen stands still. Metering and export go on.</summary>
    public bool IsPaused { get; private set; }

    public FlowTableModel Flows { get; } = new();

    public QueuesModel Queues { get; } = new();

    public HelpModel Help { get; } = new();

    /// <summary>What the user is being asked in the last line, or null.</summary>
    public PromptModel? Prompt { get; private set; }

    /// <summary>Takes what is new. True if the screen has to be drawn again.</summary>
    public bool Poll()
    {
        bool isChanged = _export.Refresh();
        if (IsPaused || !exchange.TryTake(out TrafficSnapshot snapshot))
            return isChanged;
        Snapshot = snapshot;
        return true;
    }

    /// <summary>Sorts by this key; by the same key again: inversely.</summary>
    public void SortBy(FlowSortKey key) =>
        Ask(Request with { SortKey = key, Inverse = key == Request.SortKey && !Request.Inverse });

    /// <summary>Goes on to the next sort key, or back to the previous one with -1.</summary>
    public void StepSortKey(int step) =>
        SortBy((FlowSortKey)(((int)Request.SortKey + step + SortKeys) % SortKeys));

    public void Invert() => Ask(Request with { Inverse = !Request.Inverse });

    /// <summary>The two directions of a conversation on one line, or each on its own.</summary>
    public void ToggleBiflows() => Ask(Request with { Biflows = !Request.Biflows });

    /// <summary>Filters by this, unless something is wrong with it, which is given: then the filter in force stays.</summary>
    public FilterError? SetFilter(string text)
    {
        if (text == Request.Filter.Text)
            return null;
        FilterError? error = DisplayFilter.Read(text, out DisplayFilter filter);
        if (error is null)
            Ask(Request with { Filter = filter });
        return error;
    }

    public void TogglePause() => IsPaused = !IsPaused;

    public void Show(ScreenPage page)
    {
        if (page == ScreenPage.Help && Page != ScreenPage.Help)
            _pageBeforeHelp = Page;
        Page = page == ScreenPage.Help && Page == ScreenPage.Help ? _pageBeforeHelp : page;
    }

    /// <summary>Goes from one view to the other.</summary>
    public void ShowNextPage() => Show(Page == ScreenPage.Flows ? ScreenPage.Queues : ScreenPage.Flows);

    /// <summary>Esc: leaves the help, else takes the cursor away, else the filter. Never the program.</summary>
    public void StepBack()
    {
        if (Page == ScreenPage.Help)
            Show(_pageBeforeHelp);
        else if (Flows.Cursor >= 0)
            Flows.RemoveCursor();
        else
            SetFilter("");
    }

    /// <summary>Moves the cursor, or scrolls the views that have none.</summary>
    public void Move(int rows)
    {
        switch (Page)
        {
            case ScreenPage.Flows:
                if (Math.Abs(rows) == AllTheWay)
                    Flows.PutCursor(rows, Snapshot);
                else
                    Flows.MoveCursor(rows, Snapshot);
                break;
            case ScreenPage.Queues:
                Queues.Scroll(rows);
                break;
            default:
                Help.Scroll(rows);
                break;
        }
    }

    public void MovePages(int pages) => Move(pages * Page switch
    {
        ScreenPage.Flows => Flows.PageSize,
        ScreenPage.Queues => Queues.PageSize,
        _ => Help.PageSize,
    });

    /// <summary>The mouse wheel: leaves the cursor where it is while that is in sight.</summary>
    public void Scroll(int rows)
    {
        if (Page == ScreenPage.Flows)
            Flows.Scroll(rows, Snapshot);
        else
            Move(Math.Sign(rows));
    }

    /// <summary>A click on a cell of the view: on a heading it sorts, on a row it puts the cursor there.</summary>
    public void Click(int column, int row)
    {
        if (Page != ScreenPage.Flows)
            return;
        if (row > 0)
            Flows.ClickRow(row - 1, Snapshot);
        else if (Flows.SortKeyAt(column) is { } key)
            SortBy(key);
    }

    public void AskForFilter() => Prompt = new FilterPrompt(this);

    public void AskForCollector() => Prompt = new CollectorPrompt(this);

    /// <summary>Ends what is asked for: with Enter (unless the answer is wrong) or with Esc.</summary>
    public void ClosePrompt(bool accept)
    {
        if (Prompt is not { } prompt)
            return;
        if (!accept)
            prompt.Cancel();
        else if (!prompt.TryAccept())
            return;
        Prompt = null;
    }

    /// <summary>Pasted text goes where text is being typed; otherwise it means nothing (its letters are not keys).</summary>
    public void Paste(string text)
    {
        Prompt?.Editor.Insert(text);
        Prompt?.Changed();
    }

    /// <summary>Switches export on or off; asks for the collector first if there is none.</summary>
    public void ToggleExport()
    {
        if (Export.IsOn)
            export.SwitchOff();
        else if (Export.Collector is null or "")
            AskForCollector();
        else
            export.SwitchOn();
        _export.Refresh();
    }

    /// <summary>Takes a collector and switches export on. False with the reason if the URL is none.</summary>
    public bool TrySetCollector(string url, out string reason)
    {
        if (!export.TrySetCollector(url, out reason))
            return false;
        export.SwitchOn();
        _export.Refresh();
        return true;
    }

    private void Ask(SnapshotRequest request)
    {
        exchange.Request = request;
        // What was asked for comes with the next snapshot, which a paused screen would not take.
        IsPaused = false;
        requestChanged();
    }

    /// <summary>The export's state as it was last looked at.</summary>
    private sealed class ExportedView(IExportControl export)
    {
        public ExportState State { get; private set; } = export.State;

        public bool Refresh()
        {
            ExportState state = export.State;
            bool isChanged = state != State;
            State = state;
            return isChanged;
        }
    }
}
