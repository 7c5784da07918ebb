using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Filters;
using XdpTop.Monitoring.Names;

namespace XdpTop.Ui.ViewModels;

/// <summary>What the user can choose of how the traffic is shown.</summary>
internal sealed partial class ScreenModel
{
    private static readonly int SortKeys = Enum.GetValues<FlowSortKey>().Length;
    private static readonly int GroupSortKeys = Enum.GetValues<GroupSortKey>().Length;

    private static readonly int Units = Enum.GetValues<AmountUnit>().Length;

    private static readonly double[] s_intervals = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

    private ExportState _exportBase;

    /// <summary>Whether the screen stands still. Metering and export go on.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Whether the cursor stays on its row wherever that moves to, rather than at its place.</summary>
    public bool IsFollowing { get; private set; } = true;

    public Amounts Amounts { get; private set; }

    public Theme Theme { get; private set; }

    /// <summary>The flow table's columns by name; none for those that there is room for.</summary>
    public IReadOnlyList<string> Columns { get; set; } = [];

    /// <summary>What is in force, as it can be saved; at the beginning what the screen begins with, but for what the request has.</summary>
    public ScreenSettings Settings
    {
        get => new()
        {
            Theme = Theme, Units = Amounts.Unit, Columns = Columns, Sort = Request.SortKey,
            Names = Request.HostNames is not null, Services = Request.ServiceNames,
        };
        init => (Theme, Amounts, Columns) = (value.Theme, new Amounts(value.Units, IsTotals: false), value.Columns);
    }

    /// <summary>Where settings are saved; null for nowhere.</summary>
    public ISettingsStore? SettingsStore { get; init; }

    public string SettingsPlace => SettingsStore?.Place ?? "";

    /// <summary>Where the names of hosts come from when they are to be shown; null where there are none.</summary>
    public INameSource? HostNames { get; init; }

    /// <summary>The counts since start, or since they were set back.</summary>
    public ObservationPointCounters Totals => Snapshot.Totals - Base.Totals;

    /// <summary>What the counters were when they were set back.</summary>
    public CounterBase Base { get; private set; } = new(new TrafficSnapshot(0));

    public ExportState ExportSince => Export.Since(_exportBase);

    /// <summary>Whether what is sorted are groups of flows.</summary>
    public bool IsOfGroups => Page is ScreenPage.Hosts or ScreenPage.Ports;

    /// <summary>Sorts flows by this key; by the same key again: inversely.</summary>
    public void SortBy(FlowSortKey key) =>
        Ask(Request with { SortKey = key, Inverse = key == Request.SortKey && !Request.Inverse, IsFrozen = false });

    /// <summary>Sorts groups by this key; by the same key again: inversely.</summary>
    public void SortGroupsBy(GroupSortKey key) =>
        Ask(Request with { GroupSortKey = key, GroupInverse = key == Request.GroupSortKey && !Request.GroupInverse, GroupAmount = GroupColumn.KeyOf(Amounts.Unit, Amounts.IsTotals) });

    /// <summary>Goes on to the next sort key, or back to the previous one with -1.</summary>
    public void StepSortKey(int step)
    {
        if (IsOfGroups)
            SortGroupsBy((GroupSortKey)(((int)Request.GroupSortKey + step + GroupSortKeys) % GroupSortKeys));
        else
            SortBy((FlowSortKey)(((int)Request.SortKey + step + SortKeys) % SortKeys));
    }

    public void Invert() =>
        Ask(IsOfGroups ? Request with { GroupInverse = !Request.GroupInverse } : Request with { Inverse = !Request.Inverse, IsFrozen = false });

    /// <summary>The two directions of a conversation on one line, or each on its own.</summary>
    public void ToggleBiflows() => Ask(Request with { Biflows = !Request.Biflows, IsFrozen = false });

    /// <summary>Filters by this, unless something is wrong with it, which is given: then the filter in force stays.</summary>
    public FilterError? SetFilter(string text)
    {
        if (text == Request.Filter.Text)
            return null;
        FilterError? error = DisplayFilter.Read(text, out DisplayFilter filter);
        if (error is null)
            Ask(Request with { Filter = filter, IsFrozen = false });
        return error;
    }

    /// <summary>Hosts by name, which is looked for in the background, or by address.</summary>
    public void ToggleHostNames()
    {
        Ask(Request with { HostNames = Request.HostNames is null ? HostNames : null });
        Message = Request.HostNames is null ? "Hosts are shown by address." : "Hosts are shown by name as soon as it is known.";
    }

    /// <summary>Services by name or by number.</summary>
    public void ToggleServiceNames() => Ask(Request with { ServiceNames = !Request.ServiceNames });

    /// <summary>Counts in the next unit; what is sorted by the amount shown first stays so.</summary>
    public void StepUnit(int step) => ShowAmounts(Amounts with { Unit = (AmountUnit)(((int)Amounts.Unit + step + Units) % Units) });

    public void ToggleTotals() => ShowAmounts(Amounts with { IsTotals = !Amounts.IsTotals });

    public void TogglePause() => IsPaused = !IsPaused;

    /// <summary>Keeps the flows that are shown at their places.</summary>
    public void ToggleFreeze() => Ask(Request with { IsFrozen = !Request.IsFrozen });

    public void ToggleFollow()
    {
        IsFollowing = !IsFollowing;
        Message = IsFollowing ? "The cursor follows its row." : "The cursor stays at its place.";
    }

    public void StepTheme(int step) => Theme = (Theme)(((int)Theme + step + Themes.Names.Count) % Themes.Names.Count);

    public void SaveSettings() => Message = SettingsStore?.Save(Settings, Request.Interval) ?? "";

    /// <summary>Flows that have ended stay for a while, or go at once.</summary>
    public void ToggleEnded()
    {
        Ask(Request with { ShowsEnded = !Request.ShowsEnded });
        Message = Request.ShowsEnded ? "Flows that have ended stay for 10 seconds, dimmed." : "Flows that have ended go at once.";
    }

    /// <summary>Sets the counters of the view back to 0: of flows in their tables, of the interfaces and queues, and of the export in its view.</summary>
    public void ResetCounters()
    {
        if (Page == ScreenPage.Export)
            _exportBase = Export;
        else
            Base = new CounterBase(Snapshot);
        if (Page is ScreenPage.Flows or ScreenPage.Hosts or ScreenPage.Ports)
            Ask(Request with { Resets = Request.Resets + 1 });
        Message = "Counters are at 0.";
    }

    /// <summary>Refreshes less often, or more often with -1.</summary>
    public void StepInterval(int step)
    {
        double now = Request.Interval.TotalSeconds;
        double[] candidates = [.. s_intervals.Where(seconds => step > 0 ? seconds > now * 1.01 : seconds < now * 0.99)];
        if (candidates.Length > 0)
            Send(Request with { Interval = TimeSpan.FromSeconds(step > 0 ? candidates[0] : candidates[^1]) });
        Message = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"A refresh every {Request.Interval.TotalSeconds:0.###} seconds.");
    }

    private void ShowAmounts(Amounts amounts)
    {
        FlowSortKey key = FlowColumn.KeyOf(Amounts.Unit, Amounts.IsTotals);
        GroupSortKey groupKey = GroupColumn.KeyOf(Amounts.Unit, Amounts.IsTotals);
        SnapshotRequest request = Request;
        if (request.SortKey == key)
            request = request with { SortKey = FlowColumn.KeyOf(amounts.Unit, amounts.IsTotals) };
        if (request.GroupSortKey == groupKey)
            request = request with { GroupSortKey = GroupColumn.KeyOf(amounts.Unit, amounts.IsTotals) };
        if (request.GroupSortKey is GroupSortKey.Sent or GroupSortKey.Received)
            request = request with { GroupAmount = GroupColumn.KeyOf(amounts.Unit, amounts.IsTotals) };
        Amounts = amounts;
        if (request != Request)
            Ask(request);
    }
}
