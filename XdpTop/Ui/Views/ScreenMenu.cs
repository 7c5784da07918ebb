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
        return new MenuBar([.. s_menus.Select(menu => new MenuBarItem(TitleOf(menu), ItemsOf(menu, screen, glyphs, changed)))]);
    }

    /// <summary>The sort menu has the keys of the view that is shown.</summary>
    public static void FillSortMenu(MenuBar bar, ScreenModel screen, GlyphSet glyphs, Action changed)
    {
        MenuBarItem sort = bar.SubViews.OfType<MenuBarItem>().ElementAt(IndexOf(MenuName.Sort));
        if (sort.PopoverMenu is { } popover)
            popover.Root = new Menu(ItemsOf(MenuName.Sort, screen, glyphs, changed));
    }

    private static MenuItem[] ItemsOf(MenuName menu, ScreenModel screen, GlyphSet glyphs, Action changed)
    {
        IEnumerable<MenuItem> keys = menu != MenuName.Sort ? []
            : screen.IsOfGroups ? GroupColumn.SortNames.Select(name => Item(name.Text, "", () => screen.SortGroupsBy(name.Key)))
            : FlowColumn.SortNames.Select(name => Item(name.Text, "", () => screen.SortBy(name.Key)));
        return
        [
            .. keys,
            .. KeyBindings.All.Where(binding => binding.Menu == menu).Select(binding => Item(binding.Title, binding.Names[0], () => binding.Run(screen))),
        ];

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
