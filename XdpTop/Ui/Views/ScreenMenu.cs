using Terminal.Gui.Views;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Ui.Views;

/// <summary>The menu bar. Every item does what a key does, and shows that key.</summary>
internal static class ScreenMenu
{
    private static readonly MenuName[] s_menus = [.. Enum.GetValues<MenuName>().Where(menu => menu != MenuName.None)];

    /// <param name="screen">What the items act upon.</param>
    /// <param name="glyphs">The characters that the terminal can show.</param>
    /// <param name="changed">Called after each.</param>
    public static MenuBar Create(ScreenModel screen, GlyphSet glyphs, Action changed)
    {
        return new MenuBar([.. s_menus.Select(menu => new MenuBarItem(TitleOf(menu), [.. ItemsOf(menu)]))]);

        IEnumerable<MenuItem> ItemsOf(MenuName menu)
        {
            IEnumerable<MenuItem> items = KeyBindings.All.Where(binding => binding.Menu == menu)
                .Select(binding => Item(binding.Title, binding.Names[0], () => binding.Run(screen)));
            return menu != MenuName.Sort ? items
                : [.. FlowColumn.SortNames.Select(name => Item(name.Text, "", () => screen.SortBy(name.Key))), .. items];
        }

        MenuItem Item(string title, string key, Action action) => new(glyphs == GlyphSet.Unicode ? title : title.Replace("…", "..."), key, () =>
        {
            action();
            changed();
        });
    }

    /// <summary>Where the menu stands in the bar.</summary>
    public static int IndexOf(MenuName menu) => Array.IndexOf(s_menus, menu);

    private static string TitleOf(MenuName menu) => menu switch
    {
        MenuName.Show => "Sho_w",
        _ => $"_{menu}",
    };
}
