using Terminal.Gui.Input;
using XdpTop.Monitoring;
using XdpTop.Ui;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Tests.Ui;

/// <summary>F2, and the settings that the screen begins with, through the real application.</summary>
[Collection("Screen")]
public sealed class SettingsTests
{
    private const int HeadingRow = 6;
    private const int FirstLine = 3;

    [Fact]
    public void The_screen_begins_with_its_settings()
    {
        ScreenSettings settings = new()
        {
            Theme = Theme.Light, Units = AmountUnit.Packets, Columns = ["source", "packets", "packet-rate", "ttl"], Services = true,
        };
        using TestScreen screen = new(80, 24, settings: settings);
        Assert.Equal(["Source", "▼pkt/s", "Pkts", "TTL"], screen.Lines[HeadingRow].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((FlowSortKey.PacketRate, GroupSortKey.PacketRate, true), (screen.Exchange.Request.SortKey, screen.Exchange.Request.GroupSortKey, screen.Exchange.Request.ServiceNames));
        Assert.Equal(settings.Columns, screen.Model.Settings.Columns);
        Assert.Equal(settings with { Columns = [], Sort = FlowSortKey.PacketRate }, screen.Model.Settings with { Columns = [] });
    }

    [Fact]
    public void Units_do_not_change_a_sort_key_that_was_set() =>
        Assert.Equal(FlowSortKey.Age, new ScreenSettings { Sort = FlowSortKey.Age, Units = AmountUnit.Bytes }.FirstRequest(false, default, null!).SortKey);

    [Fact]
    public void F2_changes_each_setting_by_the_cursor_s_keys_and_saves_them_all()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.F2);
        foreach (string expected in new[] { "Theme dark", "Units bytes", "Flows sorted by packets per second", "Host names off", "Service names on", "Refresh every 2 s" })
        {
            screen.Press(Key.CursorRight);
            Assert.Contains(expected, string.Join('\n', screen.Lines.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))));
            screen.Press(Key.CursorDown);
        }
        screen.Press(Key.Space); // on Save
        Assert.Contains("Saved to /home/a/.config/xdptop/config.toml", screen.Lines[^1]);
        (ScreenSettings saved, TimeSpan interval) = screen.Store.Saved!.Value;
        Assert.Equal((Theme.Dark, AmountUnit.Bytes, FlowSortKey.PacketRate, false, true, 2), (saved.Theme, saved.Units, saved.Sort, saved.Names, saved.Services, interval.TotalSeconds));
        Assert.Empty(saved.Columns);
        screen.Press(Key.CursorUp, Key.CursorLeft);
        Assert.Equal(1, screen.Exchange.Request.Interval.TotalSeconds);
        screen.Press(Key.Esc);
        Assert.Equal(ScreenPage.Flows, screen.Model.Page);
    }

    [Fact]
    public void A_column_can_be_taken_away_and_brought_back_and_the_room_decides_again()
    {
        using TestScreen screen = new(80, 40);
        string before = screen.Lines[HeadingRow];
        screen.Press(Key.F2);
        Click("  protocol"); // shown: goes
        Click("  ttl");      // not shown: comes
        screen.Press(Key.F2);
        Assert.DoesNotContain("Proto", screen.Lines[HeadingRow]);
        Assert.EndsWith("TTL    Age", screen.Lines[HeadingRow]);
        screen.Press(Key.F2);
        Click("Flow columns");
        screen.Press(Key.Esc);
        Assert.Equal(before, screen.Lines[HeadingRow]);

        void Click(string label) => screen.Click(5, Array.FindIndex(screen.Lines, line => line.StartsWith($" {label} ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(300)]
    public void Of_all_columns_those_are_shown_that_there_is_room_for(int width)
    {
        FlowColumn[] columns = FlowColumn.For(width, biflows: true, false, default, FlowColumn.Names);
        Assert.InRange(columns.Sum(c => (c.IsName ? 12 : c.Width) + 1), width / 2, width + 1);
        Assert.Equal(columns.Length, columns.Select(c => c.Name).Distinct().Count());
        Assert.Equal(width == 300, columns.Length == FlowColumn.Names.Count + 1); // and the mark
    }

    [Fact]
    public void Columns_that_only_both_directions_have_are_not_all_that_is_shown() =>
        Assert.NotEmpty(FlowColumn.For(80, biflows: false, false, default, ["forward-amount"]));

    [Fact]
    public void Help_over_the_settings_and_settings_over_the_help_lead_back()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("2");
        screen.Press(Key.F2);
        screen.Type("?");
        Assert.StartsWith(" Settings: up and down", screen.Lines[1]);
        screen.Press(Key.F2, Key.Esc);
        Assert.Equal(ScreenPage.Hosts, screen.Model.Page);
        screen.Type("?");
        screen.Press(Key.F2, Key.Esc);
        Assert.Equal(ScreenPage.Hosts, screen.Model.Page);
    }

    [Fact]
    public void On_the_smallest_screen_every_setting_can_be_scrolled_to()
    {
        using TestScreen screen = new(60, 10);
        screen.Press(Key.F2, Key.End);
        Assert.Contains("  idle", screen.Text);
        screen.Press(Key.Home);
        Assert.StartsWith(" Theme ", screen.Lines[FirstLine]);
    }
}
