using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

/// <summary>The last line: what the user is asked for, or what came of a key, or else what is in force and the keys.</summary>
internal static class KeyLineModel
{
    /// <summary>What a user who knows nothing yet needs in any view.</summary>
    private static readonly (string Keys, string Label)[] s_first = [("q", "Quit"), ("?", "Help")];

    public static void Draw(CellGrid grid, ScreenModel screen)
    {
        if (screen.Prompt is { } prompt)
        {
            prompt.Draw(grid);
            return;
        }
        int column = grid.Write(0, 0, screen.Message, Style.Strong);
        if (column > 0)
            column += 2;
        if (screen.Request.Within is { } group)
            column = grid.WriteField(column, 0, group.Kind == GroupKind.Hosts ? "Host:" : "Service:", GroupTableModel.NameOf(group), Style.Warning);
        if (screen.Request.Filter is { Text.Length: > 0 } filter)
            column = grid.WriteField(column, 0, "Filter:", filter.Text, Style.Warning);
        if (screen.Current.HiddenOrder(grid.Width) is { Length: > 0 } order)
            column = grid.WriteField(column, 0, "Sorted by:", order);
        if (screen.Message.Length > 0)
            return;
        foreach ((string keys, string label) in s_first.Concat(screen.Current.Keys))
        {
            if (column + keys.Length + label.Length + 1 > grid.Width)
                break;
            column = grid.Write(column, 0, keys, Style.Strong);
            column = grid.Write(column + 1, 0, label, Style.Label) + 2;
        }
    }
}
