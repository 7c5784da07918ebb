using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

/// <summary>What the screen shows and what its keys do, with no terminal in it. UI thread only.</summary>
internal sealed partial class ScreenModel
{
    /// <summary>A move beyond any end, for <see cref="Move"/>.</summary>
    public const int AllTheWay = 1 << 24;

    /// <summary>Views that have a number.</summary>
    private const int Views = 6;

    private readonly SnapshotExchange _exchange;
    private readonly IExportControl _exportControl;
    private readonly Action _requestChanged;
    private readonly ExportedView _export;
    private readonly PageModel[] _pages;
    private ScreenPage _pageBeforeHelp;
    private ScreenPage _pageBeforeSettings;
    private ScreenPage _pageOfGroup;

    /// <param name="exchange">Where snapshots come from, and where requests go.</param>
    /// <param name="export">IPFIX export.</param>
    /// <param name="requestChanged">Called when there is a new request, for the snapshot thread not to sleep until its interval is over.</param>
    public ScreenModel(SnapshotExchange exchange, IExportControl export, Action requestChanged)
    {
        (_exchange, _exportControl, _requestChanged) = (exchange, export, requestChanged);
        _export = new ExportedView(export);
        Flows = new FlowTableModel(this);
        Graphs = new GraphsModel(this);
        Details = new DetailsModel(this);
        _pages =
        [
            Flows, new GroupTableModel(this, GroupKind.Hosts), new GroupTableModel(this, GroupKind.Ports),
            new QueuesModel(this), Graphs, new ExportModel(this), Details, new HelpModel(this), new SettingsModel(this),
        ];
    }

    /// <summary>The snapshot on the screen; an empty one until there is a first.</summary>
    public TrafficSnapshot Snapshot { get; private set; } = new(0);

    public SnapshotRequest Request => _exchange.Request;

    public ExportState Export => _export.State;

    public ScreenPage Page { get; private set; }

    public PageModel Current => _pages[(int)Page];

    /// <summary>The view that the help is about: the one that it lies over.</summary>
    public ScreenPage PageOfHelp => _pageBeforeHelp;

    public FlowTableModel Flows { get; }

    public GraphsModel Graphs { get; }

    public DetailsModel Details { get; }

    /// <summary>What the user is being asked in the last line, or null.</summary>
    public PromptModel? Prompt { get; private set; }

    /// <summary>Whether the user wants to quit.</summary>
    public bool IsQuitting { get; private set; }

    /// <summary>Whether the user wants the process to be stopped, as a job of the shell.</summary>
    public bool IsStopping { get; set; }

    /// <summary>The menu that the user wants to see, until the window takes it.</summary>
    public MenuName WantedMenu { get; set; }

    /// <summary>Text for the terminal's clipboard, until the window takes it; null if there is none.</summary>
    public string? Copied { get; set; }

    public PageModel this[ScreenPage page] => _pages[(int)page];

    /// <summary>Takes what is new. True if the screen has to be drawn again.</summary>
    public bool Poll()
    {
        bool isChanged = _export.Refresh() | (CollectorTrial?.Poll() ?? false);
        if (IsPaused || !_exchange.TryTake(out TrafficSnapshot snapshot))
            return isChanged;
        Snapshot = snapshot;
        return true;
    }

    public void Quit() => IsQuitting = true;

    public void OpenMenu(MenuName menu) => WantedMenu = menu;

    /// <summary>Shows a view from its beginning, with all flows; the help or the settings, or what was there before them.</summary>
    public void Show(ScreenPage page)
    {
        if (page == ScreenPage.Help)
        {
            if (Page == ScreenPage.Help)
                GoTo(_pageBeforeHelp, Request);
            else
                (_pageBeforeHelp, Page) = (Page, ScreenPage.Help);
            return;
        }
        if (page == ScreenPage.Settings)
        {
            if (Page == ScreenPage.Settings)
                GoTo(_pageBeforeSettings, Request);
            else if (Page != ScreenPage.Help)
                (_pageBeforeSettings, Page) = (Page, ScreenPage.Settings);
            else if (_pageBeforeHelp == ScreenPage.Settings)
                Page = ScreenPage.Settings;
            else
                (_pageBeforeSettings, Page) = (_pageBeforeHelp, ScreenPage.Settings);
            return;
        }
        GoTo(page, Request with { Within = null });
    }

    /// <summary>Goes from one view to the next, or back with -1.</summary>
    public void StepPage(int step)
    {
        ScreenPage page = Page == ScreenPage.Help ? _pageBeforeHelp : Page;
        page = page == ScreenPage.Settings ? _pageBeforeSettings : page;
        int view = page == ScreenPage.Details ? (int)ScreenPage.Flows : (int)page;
        Show((ScreenPage)((view + step + Views) % Views));
    }

    /// <summary>Shows the flows of one group alone.</summary>
    public void ShowFlowsOf(GroupKey group)
    {
        _pageOfGroup = Page;
        Flows.TryLeave();
        GoTo(ScreenPage.Flows, Request with { Within = group });
    }

    /// <summary>Shows all that is known of a flow, or of both directions of a conversation.</summary>
    public void ShowDetails(ref readonly FlowRow row)
    {
        Details.Open(in row);
        GoTo(ScreenPage.Details, Request);
    }

    /// <summary>Enter: into the row under the cursor, which is put on the first one in sight if it is on none.</summary>
    public void Enter()
    {
        Current.Move(0);
        Current.Enter();
    }

    /// <summary>Esc: leaves the help, the settings, the details or a group, else takes the cursor away, else the filter. Never the program.</summary>
    public void StepBack()
    {
        if (Page is ScreenPage.Help or ScreenPage.Settings)
            Show(Page);
        else if (Page == ScreenPage.Details)
            GoTo(ScreenPage.Flows, Request);
        else if (Page == ScreenPage.Flows && Request.Within is not null)
            GoTo(_pageOfGroup, Request with { Within = null });
        else if (!Current.TryLeave())
            SetFilter("");
    }

    public void Move(int rows)
    {
        Current.Move(rows);
        if (rows > 0 && Current.RowCount > 0 && Current.Cursor == Current.RowCount - 1)
            Message = Current.Rest;
    }

    public void MovePages(int pages) => Move(pages * Current.PageSize);

    public void AskForFilter() => Prompt = new FilterPrompt(this);

    /// <summary>Asks for the file to write the table to, if the view has one.</summary>
    public void AskForFile()
    {
        if (Current.RowCount > 0)
            Prompt = new FilePrompt(this);
        else
            Message = "There is no table here to write to a file.";
    }

    /// <summary>Writes the table to a new file. False with the reason if that cannot be.</summary>
    public bool TryWrite(string file, out string reason)
    {
        PageModel page = Current;
        reason = TableFile.Write(file, Enumerable.Range(0, page.RowCount).Select(page.Fields));
        if (reason.Length == 0)
            Message = page.Rest.Length == 0 ? $"{page.RowCount} rows written to {file}" : $"{page.RowCount} rows written to {file}. {page.Rest}";
        return reason.Length == 0;
    }

    /// <summary>Copies the row under the cursor, which is put on the first one in sight if it is on none, as text with tabs between.</summary>
    public void CopyRow()
    {
        if (Current.RowCount == 0)
        {
            Message = "There is no row here to copy.";
            return;
        }
        Current.Move(0);
        Copied = TableFile.ToLine(Current.Fields(Math.Clamp(Current.Cursor, 0, Current.RowCount - 1)));
        Message = $"{(Current.Cursor < 0 ? "The first row" : "The row")} is on its way to the clipboard, if the terminal takes it (OSC 52).";
    }

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

    /// <summary>Shows a view, and asks for what it needs.</summary>
    private void GoTo(ScreenPage page, SnapshotRequest request)
    {
        Page = page;
        request = request with
        {
            Grouping = page switch
            {
                ScreenPage.Hosts => GroupKind.Hosts,
                ScreenPage.Ports => GroupKind.Ports,
                ScreenPage.Graphs => GroupKind.Protocols,
                _ => GroupKind.None,
            },
            Watched = page == ScreenPage.Details ? Details.Watched : null,
        };
        if (request == Request)
            return;
        // A paused screen goes on to show what is at hand: of the details, the flow as it was in its row.
        if (IsPaused && request with { Grouping = Request.Grouping, Watched = Request.Watched } == Request
            && (request.Grouping == GroupKind.None || request.Grouping == Snapshot.GroupKind))
            Send(request);
        else
            Ask(request);
    }

    private void Ask(SnapshotRequest request)
    {
        // What was asked for comes with the next snapshot, which a paused screen would not take.
        _goesOn |= IsPaused;
        IsPaused = false;
        Send(request);
    }

    private void Send(SnapshotRequest request)
    {
        _exchange.Request = request;
        _requestChanged();
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
