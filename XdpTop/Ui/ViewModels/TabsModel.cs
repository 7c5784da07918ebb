namespace XdpTop.Ui.ViewModels;

/// <summary>The views with their keys, beside the menus.</summary>
internal static class TabsModel
{
    private static readonly string[] s_names = ["1Flows", "2Hosts", "3Ports", "4Queues", "5Graphs", "6Export"];

    public static int Width { get; } = s_names.Sum(name => name.Length + 1);

    public static void Draw(CellGrid grid, ScreenPage page)
    {
        int column = 0;
        for (int i = 0; i < s_names.Length; i++)
            column = grid.Write(column, 0, s_names[i], i == (int)page || (page == ScreenPage.Details && i == 0) ? Style.Cursor : Style.Label) + 1;
    }

    /// <summary>The view at this column, or null.</summary>
    public static ScreenPage? PageAt(int column)
    {
        for (int i = 0; i < s_names.Length; i++)
        {
            if (column < s_names[i].Length)
                return (ScreenPage)i;
            column -= s_names[i].Length + 1;
        }
        return null;
    }
}
