using System.Runtime.CompilerServices;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Tests.Ui;

/// <summary>The one table of keys, and what comes from it.</summary>
public sealed class KeyBindingTests
{
    [Fact]
    public void The_README_has_the_table_as_it_is() =>
        Assert.Contains(KeyBindings.ToMarkdown(), File.ReadAllText(Readme()).ReplaceLineEndings("\n"), StringComparison.Ordinal);

    [Fact]
    public void No_key_means_two_things()
    {
        string[] names = [.. KeyBindings.All.SelectMany(binding => binding.Names)];
        Assert.Equal(names.Order(), names.Distinct().Order());
    }

    [Fact]
    public void Every_key_but_the_cursor_s_and_those_that_open_menus_stands_in_a_menu_too()
    {
        string[] others = ["Down", "Up", "PgDn", "PgUp", "Home", "End", "Shift-Tab", "<", "F6", "F9", "e"];
        Assert.Equal(others.Order(), KeyBindings.All.Where(binding => binding.Menu == MenuName.None).Select(binding => binding.Names[0]).Order());
    }

    [Fact]
    public void No_menu_has_one_letter_for_two_items()
    {
        foreach (IGrouping<MenuName, string> menu in KeyBindings.All.Where(b => b.Menu != MenuName.None).GroupBy(b => b.Menu, b => b.Title)
            .Concat(FlowColumn.SortNames.GroupBy(_ => MenuName.None, name => name.Text))
            .Concat(GroupColumn.SortNames.GroupBy(_ => MenuName.None, name => name.Text)))
        {
            char[] letters = [.. menu.Where(title => title.Contains('_')).Select(title => char.ToLowerInvariant(title[title.IndexOf('_') + 1]))];
            Assert.True(letters.Distinct().Count() == letters.Length, $"{menu.Key}: {string.Join(' ', letters.Order())}");
        }
    }

    [Fact]
    public void Every_line_of_the_help_fits_80_columns_and_names_every_key()
    {
        using TestScreen screen = new(80, 24);
        foreach (ScreenPage page in Enum.GetValues<ScreenPage>())
            Assert.All(screen.Model[page].Help, line => Assert.InRange(line.Length, 1, 79));
        CellGrid grid = new();
        grid.Reset(200, 100);
        screen.Model[ScreenPage.Help].Draw(grid);
        string wide = grid.ToString();
        grid.Reset(80, 200);
        screen.Model[ScreenPage.Help].Draw(grid);
        foreach (KeyBinding binding in KeyBindings.All)
        {
            Assert.Contains(string.Join(' ', binding.Names), wide, StringComparison.Ordinal);
            Assert.Contains(binding.Does, grid.ToString(), StringComparison.Ordinal);
        }
    }

    private static string Readme([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "README.md"));
}
