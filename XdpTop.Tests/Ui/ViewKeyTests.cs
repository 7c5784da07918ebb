using Terminal.Gui.Input;
using XdpTop.Monitoring;
using XdpTop.Ui.ViewModels;
using KeyBindings = XdpTop.Ui.ViewModels.KeyBindings;

namespace XdpTop.Tests.Ui;

/// <summary>What keys and clicks do in one view and not in another, through the real application.</summary>
[Collection("Screen")]
public sealed class ViewKeyTests
{
    private const int HeadingRow = 6;

    [Theory]
    [InlineData("4", "s", "s does nothing in this view: it is for Flows, Hosts, Ports.")]
    [InlineData("6", "S", "S does nothing in this view: it is for Flows, Hosts, Ports.")]
    [InlineData("4", "a", "a does nothing in this view: it is for Flows.")]
    [InlineData("2", "o", "o does nothing in this view: it is for Flows.")]
    [InlineData("5", "t", "t does nothing in this view: it is for Flows.")]
    [InlineData("6", "F", "F does nothing in this view: it is for Flows, Hosts, Ports.")]
    [InlineData("1", "l", "l does nothing in this view: it is for Graphs.")]
    [InlineData("4", "/", "/ does nothing in this view: it is for Flows, Hosts, Ports, Graphs.")]
    public void A_key_does_nothing_unseen(string view, string key, string message)
    {
        using TestScreen screen = new(80, 24);
        screen.Type(view);
        SnapshotRequest before = screen.Exchange.Request;
        screen.Type(key);
        Assert.Equal((before, message), (screen.Exchange.Request, screen.Lines[^1]));
        Assert.True(screen.Model.IsFollowing);
        Assert.Null(screen.Model.Prompt);
    }

    [Fact]
    public void Nor_does_a_menu()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("4");
        screen.Press(Key.S.WithAlt);
        screen.Type("y");
        Assert.Equal(FlowSortKey.Rate, screen.Exchange.Request.SortKey);
        Assert.Contains("F6 does nothing in this view", screen.Lines[^1]);
    }

    [Theory]
    [InlineData("1", "q Quit  ? Help  / Filter  a Both ways  u Unit  s Sort  Tab View  Space Pause")]
    [InlineData("2", "q Quit  ? Help  Enter Flows  / Filter  u Unit  s Sort  Tab View  Space Pause")]
    [InlineData("4", "q Quit  ? Help  r Reset  w Write  Tab View  Space Pause  e Export  F9 Menu")]
    [InlineData("5", "q Quit  ? Help  ← → Time  l Scale  u Unit  Tab View  Space Pause  e Export")]
    [InlineData("6", "q Quit  ? Help  C Add  Enter Edit  d Remove  y Test  e On/off  W Save  Tab View")]
    public void The_last_line_has_the_keys_of_the_view(string view, string keys)
    {
        using TestScreen screen = new(80, 24);
        screen.Type(view);
        Assert.Equal(keys, screen.Lines[^1]);
    }

    [Fact]
    public void Every_key_of_a_last_line_is_for_the_view()
    {
        using TestScreen screen = new(80, 24);
        foreach (ScreenPage page in Enum.GetValues<ScreenPage>().Where(page => page != ScreenPage.Settings)) // has keys of its own
        {
            IEnumerable<string> names = screen.Model[page].Keys.SelectMany(entry => entry.Keys.Split(' '))
                .Select(name => name switch { "←" => "Left", "→" => "Right", _ => name });
            Assert.All(names, name => Assert.True(KeyBindings.Find(name)?.IsFor(page), $"{name} in {page}"));
        }
    }

    [Fact]
    public void The_help_has_the_view_s_keys_first()
    {
        using TestScreen screen = new(80, 60);
        screen.Type("5?");
        int own = Array.FindIndex(screen.Lines, line => line == " Keys of this view");
        int all = Array.FindIndex(screen.Lines, line => line == " Keys of all views");
        int scale = Array.FindIndex(screen.Lines, line => line.StartsWith("  l  ", StringComparison.Ordinal));
        Assert.True(own > 0 && scale > own && all > scale, $"{own} {scale} {all}");
    }

    [Fact]
    public void The_end_of_a_pause_is_said()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.Space);
        screen.Type("s");
        Assert.StartsWith("No longer paused.", screen.Lines[^1]);
        screen.Press(Key.Space);
        screen.Type("n");
        Assert.Contains("No longer paused.", screen.Lines[^1]);
        screen.Type("j");
        Assert.DoesNotContain("paused", screen.Lines[^1]);
    }

    [Fact]
    public void A_pause_goes_on_while_what_is_at_hand_can_be_shown()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.Space, Key.Enter);
        Assert.Equal((ScreenPage.Details, true), (screen.Model.Page, screen.Model.IsPaused));
        Assert.StartsWith(" tcp 2001:db8:1234…f0:1234:5678 51000 → 2001:db8::400 443", screen.Lines[HeadingRow]);
        screen.Press(Key.Esc);
        screen.Type("4-1");
        Assert.Equal((ScreenPage.Flows, true), (screen.Model.Page, screen.Model.IsPaused));
        screen.Type("2"); // must be put together first
        Assert.False(screen.Model.IsPaused);
        Assert.StartsWith("No longer paused.", screen.Lines[^1]);
    }

    [Fact]
    public void A_double_click_opens_a_row_as_Enter_does()
    {
        using TestScreen screen = new(80, 24);
        screen.Click(10, HeadingRow + 2);
        screen.Click(10, HeadingRow + 2);
        Assert.Equal((ScreenPage.Details, 1), (screen.Model.Page, screen.Model.Flows.Cursor));
        screen.Type("2");
        screen.Publish(40);
        screen.Click(10, HeadingRow + 3);
        screen.Click(10, HeadingRow + 3);
        Assert.Equal((ScreenPage.Flows, screen.Model.Snapshot.Groups[2].Key), (screen.Model.Page, screen.Exchange.Request.Within));
        screen.Type("6Cone:1");
        screen.Press(Key.Enter);
        screen.Click(10, HeadingRow + 2);
        screen.Click(10, HeadingRow + 2);
        Assert.StartsWith("Collector: udp://one:1", screen.Lines[^2]);
    }

    [Theory]
    [InlineData("5?", "Export")]
    [InlineData("1?", "Hosts")]
    [InlineData("6?", "Flows")]
    public void Tab_goes_on_from_the_view_below(string keys, string next)
    {
        using TestScreen screen = new(80, 24);
        screen.Type(keys);
        screen.Press(Key.Tab);
        Assert.Equal(next, screen.Model.Page.ToString());
        screen.Type("5");
        screen.Press(Key.F2, Key.F1, Key.Tab.WithShift);
        Assert.Equal(ScreenPage.Queues, screen.Model.Page);
    }

    [Fact]
    public void Enter_and_c_put_the_cursor_where_they_act()
    {
        using TestScreen screen = new(80, 24);
        screen.Wheel(down: true, 10, 12);
        screen.Type("c");
        Assert.Equal(3, screen.Model.Flows.Cursor);
        screen.Press(Key.Esc);
        screen.Wheel(down: true, 10, 12);
        screen.Press(Key.Enter);
        Assert.Equal((ScreenPage.Details, 3), (screen.Model.Page, screen.Model.Flows.Cursor));
        screen.Type("4c");
        Assert.StartsWith("The first row is on its way", screen.Lines[^1]);
    }

    [Fact]
    public void Menus_say_what_is_on()
    {
        using TestScreen screen = new(80, 30);
        screen.Press(Key.W.WithAlt);
        Assert.Contains("Both directions on a line: off", screen.Text);
        Assert.Contains("Follow the row: on", screen.Text);
        screen.Press(Key.Esc);
        screen.Type("a");
        screen.Press(Key.W.WithAlt);
        Assert.Contains("Both directions on a line: on", screen.Text);
    }

    [Fact]
    public void R_sets_back_all_that_the_Queues_view_counts()
    {
        using TestScreen screen = new(120, 30, kernelDrops: 17);
        screen.Type("4");
        Assert.Contains("rx_dropped 3", screen.Text);
        screen.Type("r");
        string text = screen.Text;
        Assert.Equal(["ens2f1", "0", "3", "0"], screen.Lines[HeadingRow + 2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..4]);
        Assert.Equal("0", screen.Lines[HeadingRow + 3].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);
        Assert.Contains("coverage of ens2f1: 0  missed 0", text);
        Assert.Contains("rx_dropped 0", text);
        Assert.Contains("    0 garbage collections stopped the workers for 0ns", text);
        Assert.DoesNotContain("! ", text);
        screen.Publish(40, kernelDrops: 20, change: snapshot => snapshot.Queues[0].ReceivedPackets += 5);
        Assert.Equal("5", screen.Lines[HeadingRow + 2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);
        Assert.Equal("3", screen.Lines[HeadingRow + 3].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);
    }
}
