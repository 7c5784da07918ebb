using Terminal.Gui.Views;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Ui.Views;

/// <summary>The menu bar. Every item does what a key does, and shows that key.</summary>
internal static class ScreenMenu
{
    public static MenuBar Create(ScreenModel screen, ScreenKeys keys, Action changed)
    {
        return new MenuBar(
        [
            new MenuBarItem("_File",
            [
                Item("_Help", "?", () => screen.Show(ScreenPage.Help)),
                Item("_Quit", "q", keys.Quit),
            ]),
            new MenuBarItem("_View",
            [
                Item("_Flows", "1", () => screen.Show(ScreenPage.Flows)),
                Item("_Queues", "2", () => screen.Show(ScreenPage.Queues)),
                Item("_Both directions on a line", "a", screen.ToggleBiflows),
                Item("_Pause on/off", "Space", screen.TogglePause),
                Item("Fi_lter…", "/", screen.AskForFilter),
            ]),
            new MenuBarItem("_Sort",
            [
                .. FlowColumn.SortNames.Select(name => Item(name.Text, "", () => screen.SortBy(name.Key))),
                Item("In_verse", "i", screen.Invert),
            ]),
            new MenuBarItem("_Export",
            [
                Item("_On/Off", "e", screen.ToggleExport),
                Item("_Collector…", "c", screen.AskForCollector),
            ]),
        ]);

        MenuItem Item(string title, string key, Action action) => new(title, key, () =>
        {
            action();
            changed();
        });
    }
}
