namespace XdpTop.Ui.ViewModels;

/// <summary>The last line: what the user is asked for, or else the filter in force and the keys.</summary>
internal static class KeyLineModel
{
    private static readonly (string Key, string Meaning)[] Keys =
    [
        ("q", "Quit"), ("?", "Help"), ("/", "Filter"), ("s", "Sort"), ("i", "Inverse"), ("Space", "Pause"),
        ("Tab", "View"), ("e", "Export"), ("a", "Both ways"), ("F9", "Menu"),
    ];

    public static void Draw(CellGrid grid, ScreenModel screen)
    {
        if (screen.Prompt is { } prompt)
        {
            prompt.Draw(grid);
            return;
        }
        int column = 0;
        if (screen.Request.Filter is { Text.Length: > 0 } filter)
            column = grid.Write(grid.Write(column, 0, "Filter: ", Style.Faint), 0, filter.Text, Style.Warning) + 2;
        foreach ((string key, string meaning) in Keys)
        {
            if (column + key.Length + meaning.Length + 1 > grid.Width)
                break;
            column = grid.Write(column, 0, key, Style.Strong);
            column = grid.Write(column + 1, 0, meaning, Style.Faint) + 2;
        }
    }
}
