using Terminal.Gui.Drawing;
using Terminal.Gui.Views;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Ui.Views;

/// <summary>The menu bar. Every item does what a key does, and shows that key.</summary>
internal static class ScreenMenu
{
    /// <summary>The menus, in their order.</summary>
    public static IReadOnlyList<MenuName> Names { get; } = [.. Enum.GetValues<MenuName>().Where(menu => menu != MenuName.None)];

    /// <summary>The bar, with menus that are empty yet.</summary>
    public static MenuBar Create() => new([.. Names.Select(menu => new MenuBarItem(TitleOf(menu), Array.Empty<MenuItem>()))]);

    /// <summary>Gives a menu its items; that to sort by has the keys of the view that is shown.</summary>
    /// <param name="screen">What the items act upon.</param>
    /// <param name="glyphs">The characters that the terminal can show.</param>
    /// <param name="changed">Called after each.</param>
    public static void Fill(MenuBar bar, MenuName menu, ScreenModel screen, GlyphSet glyphs, Action changed)
    {
        if (bar.SubViews.OfType<MenuBarItem>().ElementAt(IndexOf(menu)).PopoverMenu is { } popover)
            popover.Root = new Menu(ItemsOf(menu, screen, glyphs, changed));
    }

    /// <summary>Has the items of what is on or off say which it is.</summary>
    public static void ShowStates(MenuBar bar, ScreenModel screen)
    {
        foreach (MenuItem item in bar.SubViews.OfType<MenuBarItem>().SelectMany(menu => menu.PopoverMenu?.Root?.SubViews.OfType<MenuItem>() ?? []))
        {
            if (item.Data is KeyBinding { IsOn: not null } binding)
                item.Title = TitleOf(binding, screen);
        }
    }

    /// <summary>Gives the bar and all menus these colours; what pops up does not take over those of the bar.</summary>
    public static void SetScheme(MenuBar bar, Scheme scheme)
    {
        bar.SetScheme(scheme);
        foreach (PopoverMenu popover in bar.SubViews.OfType<MenuBarItem>().Select(item => item.PopoverMenu).OfType<PopoverMenu>())
        {
            popover.SetScheme(scheme);
            popover.Root?.SetScheme(scheme);
        }
    }

    private static MenuItem[] ItemsOf(MenuName menu, ScreenModel screen, GlyphSet glyphs, Action changed)
    {
        IEnumerable<MenuItem> keys = menu != MenuName.Sort ? []
            : screen.IsOfGroups ? GroupColumn.SortNames.Select(name => Item(name.Text, "", KeyBindings.SortMenu, s => s.SortGroupsBy(name.Key)))
            : FlowColumn.SortNames.Select(name => Item(name.Text, "", KeyBindings.SortMenu, s => s.SortBy(name.Key)));
        return
        [
            .. keys,
            .. KeyBindings.All.Where(binding => binding.Menu == menu)
                .OrderBy(binding => binding == KeyBindings.Quit) // the way out is the last, not what Enter chooses at once
                .Select(binding => Item(TitleOf(binding, screen), binding.Names[0], binding, binding.Run)),
        ];

        MenuItem Item(string title, string key, KeyBinding binding, Action<ScreenModel> run) => new(glyphs == GlyphSet.Unicode ? title : title.Replace("…", "..."), key, () =>
        {
            screen.Choose(binding, run);
            changed();
        }) { Data = binding };
    }

    /// <summary>Where the menu stands in the bar.</summary>
    public static int IndexOf(MenuName menu) => (int)menu - (int)Names[0];

    private static string TitleOf(KeyBinding binding, ScreenModel screen) =>
        binding.IsOn is { } isOn ? $"{binding.Title}: {(isOn(screen) ? "on" : "off")}" : binding.Title;

    private static string TitleOf(MenuName menu) => menu switch
    {
        MenuName.Show => "Sho_w",
        _ => $"_{menu}",
    };
}
