using System.Globalization;

namespace XdpTop.Ui.ViewModels;

/// <summary>The settings, each on a line of its own, over any view: what is changed is in force at once, and can be saved.</summary>
internal sealed class SettingsModel : PageModel
{
    private const int HeadLines = 2;
    private const int ValueColumn = 20;

    private readonly ScreenModel _screen;
    private readonly RowCursor _cursor = new();
    private readonly Setting[] _settings;
    private int _width;

    public SettingsModel(ScreenModel screen)
    {
        _screen = screen;
        _settings =
        [
            new("Theme", () => Themes.Names[(int)screen.Theme], screen.StepTheme),
            new("Units", () => ScreenSettings.WordOf(screen.Amounts.Unit), screen.StepUnit),
            new("Flows sorted by", () => FlowColumn.NameOf(screen.Request.SortKey), screen.StepSortKey),
            new("Host names", () => OnOrOff(screen.Request.HostNames is not null), _ => screen.ToggleHostNames()),
            new("Service names", () => OnOrOff(screen.Request.ServiceNames), _ => screen.ToggleServiceNames()),
            new("Refresh every", () => string.Create(CultureInfo.InvariantCulture, $"{screen.Request.Interval.TotalSeconds:0.###} s"), screen.StepInterval),
            new("Save", () => screen.SettingsPlace, _ => screen.SaveSettings()),
            new("Flow columns", () => screen.Columns.Count == 0 ? "those that there is room for" : "chosen: here to let the room decide", _ => screen.Columns = []),
            .. FlowColumn.Names.Select(name => new Setting($"  {name}", () => Shown().Contains(name) ? "[x]" : "[ ]", _ => Toggle(name))),
        ];
    }

    public override IReadOnlyList<(string Keys, string Label)> Keys { get; } =
    [
        ("Esc", "Back"), ("↑ ↓", "Choose"), ("← →", "Change"),
    ];

    public override IReadOnlyList<string> Help { get; } =
    [
        "Settings: up and down choose one, left, right, Space, Enter and a click on it",
        "change it, at once. They are forgotten at the end, unless 'Save' has written",
        "them to the configuration file. Of the columns chosen those are shown, from the",
        "left, that there is room for. F2 or Esc leaves.",
    ];

    public override int PageSize => _cursor.PageSize;

    public override void Draw(CellGrid grid)
    {
        _width = grid.Width;
        Fit();
        _cursor.Fit(_settings.Length, grid.Height - HeadLines);
        grid.Paint(0, Style.Heading);
        grid.Write(1, 0, "Settings: in force at once; 'Save' keeps them for the next run", Style.Heading);
        for (int line = HeadLines; line < grid.Height && _cursor.Top + line - HeadLines < _settings.Length; line++)
        {
            int index = _cursor.Top + line - HeadLines;
            Style style = index == _cursor.Row ? Style.Cursor : Style.Normal;
            if (index == _cursor.Row)
                grid.Paint(line, style);
            grid.Write(1, line, _settings[index].Label, style);
            grid.WriteFitted(ValueColumn, line, grid.Width - ValueColumn, _settings[index].Value(), right: false, index == _cursor.Row ? style : Style.Strong);
        }
    }

    public override bool Handle(string key)
    {
        int step = key switch { "Left" => -1, "Right" or "Space" or "Enter" => 1, _ => 0 };
        if (step != 0)
            Change(step);
        return step != 0;
    }

    public override void Move(int rows)
    {
        Fit();
        _cursor.Move(rows);
    }

    public override void Scroll(int rows)
    {
        Fit();
        _cursor.Scroll(rows);
    }

    public override void Click(int column, int row)
    {
        Fit();
        if (row < HeadLines || _cursor.Top + row - HeadLines >= _settings.Length)
            return;
        _cursor.Click(row - HeadLines);
        Change(1);
    }

    private void Change(int step)
    {
        Fit();
        _settings[_cursor.Row].Step(step);
    }

    // There is always a setting under the cursor.
    private void Fit()
    {
        _cursor.Fit(_settings.Length);
        if (_cursor.Row < 0)
            _cursor.Put(0);
    }

    private string[] Shown() =>
        [.. FlowColumn.For(_width, _screen.Request.Biflows, _screen.Request.ServiceNames, _screen.Amounts, _screen.Columns).Select(column => column.Name).Union(_screen.Columns)];

    private void Toggle(string name)
    {
        string[] shown = Shown();
        _screen.Columns = [.. FlowColumn.Names.Where(other => shown.Contains(other) != (other == name))];
    }

    private static string OnOrOff(bool isOn) => isOn ? "on" : "off";

    private sealed record Setting(string Label, Func<string> Value, Action<int> Step);
}
