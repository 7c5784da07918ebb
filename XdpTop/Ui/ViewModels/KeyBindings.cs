using System.Text;

namespace XdpTop.Ui.ViewModels;

/// <summary>The menus of the menu bar.</summary>
internal enum MenuName
{
    None,
    File,
    View,
    Show,
    Sort,
    Export,
}

/// <summary>A key, or several, and what it does. Help, menus, the last line and the README's table come from these.</summary>
/// <param name="Keys">Their names with spaces between: a character for itself, "Space", "F1", "Enter", "Ctrl-C", …</param>
/// <param name="Does">What they do, for the help.</param>
/// <param name="Run">Does it.</param>
/// <param name="Menu">The menu that has it, too.</param>
/// <param name="Title">Its name there; '_' stands before the letter that chooses.</param>
/// <param name="For">The views that it does something in.</param>
/// <param name="IsOn">Of what is on or off, whether it is on: the menu says so.</param>
internal sealed record KeyBinding(
    string Keys, string Does, Action<ScreenModel> Run, MenuName Menu = MenuName.None, string Title = "",
    ScreenPages For = ScreenPages.All, Func<ScreenModel, bool>? IsOn = null)
{
    public string[] Names { get; } = Keys.Split(' ');

    public bool IsFor(ScreenPage page) => ((int)For & (1 << (int)page)) != 0;
}

/// <summary>All keys that mean something where nothing is being typed and no menu is open.</summary>
internal static class KeyBindings
{
    private const ScreenPages HasHosts = ScreenPages.Flows | ScreenPages.Hosts | ScreenPages.Details;
    private const ScreenPages HasServices = ScreenPages.Flows | ScreenPages.Ports | ScreenPages.Details;
    private const ScreenPages HasAmounts = ScreenPages.Tables | ScreenPages.Graphs | ScreenPages.Details;

    public static KeyBinding Quit { get; } = new("q F10 Ctrl-C", "quit", s => s.Quit(), MenuName.File, "_Quit");

    public static KeyBinding Help { get; } = new("? h F1", "help for the view, and all keys", s => s.Show(ScreenPage.Help), MenuName.File, "_Help");

    /// <summary>Whatever the menu has is for the same views.</summary>
    public static KeyBinding SortMenu { get; } = new("F6", "sort menu", s => s.OpenMenu(MenuName.Sort), For: ScreenPages.Tables);

    public static IReadOnlyList<KeyBinding> All { get; } =
    [
        Quit,
        Help,
        new("1", "flows", s => s.Show(ScreenPage.Flows), MenuName.View, "_Flows"),
        new("2", "hosts", s => s.Show(ScreenPage.Hosts), MenuName.View, "_Hosts"),
        new("3", "ports and protocols", s => s.Show(ScreenPage.Ports), MenuName.View, "_Ports & protocols"),
        new("4", "queues and workers", s => s.Show(ScreenPage.Queues), MenuName.View, "_Queues"),
        new("5", "graphs", s => s.Show(ScreenPage.Graphs), MenuName.View, "_Graphs"),
        new("6", "export", s => s.Show(ScreenPage.Export), MenuName.View, "_Export"),
        new("Tab", "next view", s => s.StepPage(1), MenuName.View, "_Next view"),
        new("Shift-Tab", "view before", s => s.StepPage(-1)),
        new("Enter", "details of a flow; flows of a host or port; edit a collector", s => s.Enter(), MenuName.View, "_Into the row", For: ScreenPages.Tables | ScreenPages.Export),
        new("Esc", "back; cursor off; filter off", s => s.StepBack(), MenuName.View, "_Back"),
        new("Down j", "cursor down", s => s.Move(1)),
        new("Up k", "cursor up", s => s.Move(-1)),
        new("PgDn", "a page down", s => s.MovePages(1)),
        new("PgUp", "a page up", s => s.MovePages(-1)),
        new("Home g", "first row", s => s.Move(-ScreenModel.AllTheWay)),
        new("End G", "last row", s => s.Move(ScreenModel.AllTheWay)),
        new("/ F4", "filter what is shown, as you type; what is metered stays", s => s.AskForFilter(), MenuName.Show, "Fi_lter…", For: ScreenPages.Tables | ScreenPages.Graphs),
        new("a", "both directions of a conversation on one line, or each alone", s => s.ToggleBiflows(), MenuName.Show, "_Both directions on a line", For: ScreenPages.Flows, IsOn: s => s.Request.Biflows),
        new("n", "hosts by name or by address", s => s.ToggleHostNames(), MenuName.Show, "Host _names", For: HasHosts, IsOn: s => s.Request.HostNames is not null),
        new("p", "services by name or by number", s => s.ToggleServiceNames(), MenuName.Show, "Ser_vice names", For: HasServices, IsOn: s => s.Request.ServiceNames),
        new("u", "bits, bytes or packets", s => s.StepUnit(1), MenuName.Show, "Bits, bytes, _packets", For: HasAmounts),
        new("T", "rates or totals first", s => s.ToggleTotals(), MenuName.Show, "_Rates or totals", For: ScreenPages.Tables),
        new("t", "flows that have ended are shown for 10 seconds more, dimmed", s => s.ToggleEnded(), MenuName.Show, "_Ended flows stay", For: ScreenPages.Flows, IsOn: s => s.Request.ShowsEnded),
        new("Space", "pause the screen; metering and export go on", s => s.TogglePause(), MenuName.Show, "Pa_use", IsOn: s => s.IsPaused),
        new("o", "freeze: the same flows at the same places, numbers go on", s => s.ToggleFreeze(), MenuName.Show, "Free_ze the order", For: ScreenPages.Flows, IsOn: s => s.Request.IsFrozen),
        new("F", "the cursor follows its row, or stays at its place", s => s.ToggleFollow(), MenuName.Show, "F_ollow the row", For: ScreenPages.Tables, IsOn: s => s.IsFollowing),
        new("r", "set the counters of the view back to 0", s => s.ResetCounters(), MenuName.Show, "Re_set counters"),
        new("+ =", "refresh more often", s => s.StepInterval(-1), MenuName.Show, "Refresh more often"),
        new("-", "refresh less often", s => s.StepInterval(1), MenuName.Show, "Refresh less often"),
        new("F2", "settings: theme, units, sorting, names, refresh, columns; save", s => s.Show(ScreenPage.Settings), MenuName.Show, "Se_ttings…"),
        new("Left", "graphs: a shorter time", s => s.Graphs.StepSpan(-1), MenuName.Show, "Graphs: shorter time", For: ScreenPages.Graphs),
        new("Right", "graphs: a longer time", s => s.Graphs.StepSpan(1), MenuName.Show, "Graphs: longer time", For: ScreenPages.Graphs),
        new("l", "graphs: linear or logarithmic scale", s => s.Graphs.ToggleScale(), MenuName.Show, "Graphs: lo_garithmic scale", For: ScreenPages.Graphs, IsOn: s => s.Graphs.IsLogarithmic),
        new("s >", "next sort key", s => s.StepSortKey(1), MenuName.Sort, "_Next key", For: ScreenPages.Tables),
        new("<", "sort key before", s => s.StepSortKey(-1), For: ScreenPages.Tables),
        new("S I", "inverse order", s => s.Invert(), MenuName.Sort, "In_verse", For: ScreenPages.Tables),
        SortMenu,
        new("e", "export menu; in the Export view: on or off", s => s.OpenOrToggleExport()),
        new("E", "export on or off; meanwhile the newest 65,536 records wait", s => s.ToggleExport(), MenuName.Export, "S_end records", IsOn: s => s.Export.IsOn),
        new("C", "one more collector", s => s.AddCollector(), MenuName.Export, "_Add a collector…"),
        new("d Del", "remove the collector under the cursor", s => s.AskToRemoveCollector(), MenuName.Export, "_Remove the collector…"),
        new("y", "test that collector: bring it templates, and say what happened", s => s.TestCollector(), MenuName.Export, "_Test the collector"),
        new("W", "save the collectors, and on or off, to the configuration file", s => s.SaveCollectors(), MenuName.Export, "_Save the collectors"),
        new("w", "write the table to a file, CSV or JSON by its name's ending", s => s.AskForFile(), MenuName.File, "_Write the table…"),
        new("c", "copy the row to the clipboard of your terminal (OSC 52)", s => s.CopyRow(), MenuName.File, "_Copy the row"),
        new("F9", "menu bar", s => s.OpenMenu(MenuName.File)),
    ];

    private static readonly Dictionary<string, KeyBinding> s_byName =
        All.SelectMany(binding => binding.Names.Select(name => (name, binding))).ToDictionary(pair => pair.name, pair => pair.binding);

    /// <summary>What the key of this name does, or null.</summary>
    public static KeyBinding? Find(string name) => s_byName.GetValueOrDefault(name);

    /// <summary>The README's table.</summary>
    public static string ToMarkdown()
    {
        StringBuilder text = new("| key | does |\n|---|---|\n");
        foreach (KeyBinding binding in All)
            text.Append($"| {string.Join(", ", binding.Names.Select(name => $"`{name}`"))} | {binding.Does} |\n");
        return text.ToString();
    }
}
