using Terminal.Gui.Input;
using XdpTop.Monitoring;
using XdpTop.Ui;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Tests.Ui;

/// <summary>Keys and mouse, through the real application.</summary>
[Collection("Screen")]
public sealed class ScreenKeyTests
{
    private const int HeadingRow = 6;

    [Fact]
    public void S_goes_through_the_sort_keys_and_the_angle_back()
    {
        using TestScreen screen = new(120, 40);
        screen.Type("s");
        Assert.Equal(FlowSortKey.PacketRate, screen.Exchange.Request.SortKey);
        Assert.Contains("▼pkt/s", screen.Lines[HeadingRow]);
        screen.Type("<<");
        Assert.Equal(FlowSortKey.Protocol, screen.Exchange.Request.SortKey);
        Assert.Equal(3, screen.RequestChanges);
    }

    [Fact]
    public void I_inverts_the_order()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("I");
        Assert.True(screen.Exchange.Request.Inverse);
        Assert.Contains("▲bit/s", screen.Lines[HeadingRow]);
    }

    [Fact]
    public void A_puts_both_directions_on_one_line_and_back()
    {
        using TestScreen screen = new(120, 40);
        screen.Type("a");
        Assert.True(screen.Exchange.Request.Biflows);
        Assert.Equal(1, screen.RequestChanges);
        Assert.Contains("→bit/s  ←bit/s", screen.Lines[HeadingRow]);
        screen.Publish(4, change: SampleTraffic.Pair);
        Assert.Contains(" ⇄ ", screen.Lines[HeadingRow + 1]);
        Assert.Contains(" → ", screen.Lines[HeadingRow + 2]);
        screen.Type("a");
        Assert.False(screen.Exchange.Request.Biflows);
        Assert.DoesNotContain("←bit/s", screen.Lines[HeadingRow]);
    }

    [Fact]
    public void The_cursor_stays_on_its_conversation_whichever_direction_is_first_or_left()
    {
        using TestScreen screen = new(120, 40);
        screen.Type("a");
        screen.Publish(10, change: SampleTraffic.Pair);
        screen.Press(Key.CursorDown, Key.CursorDown, Key.CursorDown);
        Assert.Equal(2, screen.Model.Flows.Cursor);
        screen.Publish(10, change: snapshot => MoveTo(snapshot, 5, swap: true, pair: true));
        screen.Draw();
        Assert.Equal(5, screen.Model.Flows.Cursor);
        screen.Publish(10, change: snapshot => MoveTo(snapshot, 7, swap: true, pair: false));
        screen.Draw();
        Assert.Equal(7, screen.Model.Flows.Cursor);
        screen.Publish(10, change: snapshot => MoveTo(snapshot, 4, swap: false, pair: true));
        screen.Draw();
        Assert.Equal(4, screen.Model.Flows.Cursor);

        // Moves the third row, with its directions swapped or one of them only.
        static void MoveTo(TrafficSnapshot snapshot, int row, bool swap, bool pair)
        {
            SampleTraffic.Pair(snapshot);
            (snapshot.Rows[2], snapshot.Rows[row]) = (snapshot.Rows[row], snapshot.Rows[2]);
            ref FlowRow moved = ref snapshot.Rows[row];
            if (swap)
                (moved.Record, moved.Reverse) = (moved.Reverse, moved.Record);
            if (!pair)
                moved.Reverse = default;
        }
    }

    [Fact]
    public void A_click_on_a_heading_sorts_by_it_and_a_second_one_inverts()
    {
        using TestScreen screen = new(80, 24);
        int column = screen.Lines[HeadingRow].IndexOf("Bytes", StringComparison.Ordinal);
        screen.Click(column, HeadingRow);
        Assert.Equal(FlowSortKey.Octets, screen.Exchange.Request.SortKey);
        Assert.False(screen.Exchange.Request.Inverse);
        screen.Tick();
        screen.Click(column, HeadingRow);
        Assert.True(screen.Exchange.Request.Inverse);
    }

    [Fact]
    public void A_filter_is_in_force_with_each_key_and_Enter_keeps_it()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/tc");
        Assert.Equal("tc", screen.Exchange.Request.Filter.Text);
        screen.Type("p qs");
        screen.Press(Key.Backspace, Key.Backspace, Key.Enter);
        Assert.Equal("tcp", screen.Exchange.Request.Filter.Text);
        Assert.StartsWith("Filter: tcp  q Quit", screen.Lines[^1]);
    }

    [Fact]
    public void Esc_clears_the_filter_and_never_quits()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/tcp");
        screen.Press(Key.Esc);
        Assert.Equal("", screen.Exchange.Request.Filter.Text);
        Assert.Null(screen.Model.Prompt);
        screen.Press(Key.Esc, Key.Esc, Key.Esc);
        Assert.False(screen.Window.StopRequested);
    }

    [Fact]
    public void A_filter_that_is_wrong_is_marked_while_it_is_typed_and_the_last_right_one_stays()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/tcp port");
        Assert.Equal("tcp ", screen.Exchange.Request.Filter.Text.PadRight(4)[..4]);
        Assert.Equal("Filter: tcp port", screen.Lines[^2]);
        Assert.Equal("                ^ expected a port number or a service", screen.Lines[^1]);
        screen.Type(" x");
        Assert.Equal("Filter: tcp port x", screen.Lines[^2]);
        Assert.Equal("                 ^ expected a port number or a service", screen.Lines[^1]);
        string before = screen.Exchange.Request.Filter.Text;
        screen.Press(Key.Enter); // not taken
        Assert.NotNull(screen.Model.Prompt);
        Assert.Equal(before, screen.Exchange.Request.Filter.Text);
        screen.Press(Key.Backspace);
        screen.Type("443");
        Assert.Equal("tcp port 443", screen.Exchange.Request.Filter.Text);
        Assert.Equal("        Enter keeps it, Esc clears it", screen.Lines[^1]);
        screen.Press(Key.Enter);
        Assert.StartsWith("Filter: tcp port 443  q Quit", screen.Lines[^1]);
    }

    [Fact]
    public void What_is_wrong_far_to_the_right_is_said_to_its_left()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/" + new string('a', 50) + " and port x");
        Assert.EndsWith("expected a port number or a service ^", screen.Lines[^1]);
        Assert.Equal(screen.Lines[^2].Length, screen.Lines[^1].Length);
        screen.Type(new string('x', 100)); // nothing of the place is lost
        Assert.Contains("expected a port number or a service", screen.Lines[^1]);
    }

    [Fact]
    public void Pasted_text_goes_into_the_filter_as_one_line_without_control_characters()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/");
        screen.Paste("10.0.\u001b[31m\nq\n");
        Assert.Equal("10.0.[31m q", screen.Exchange.Request.Filter.Text);
    }

    [Fact]
    public void Pasted_text_is_no_keys()
    {
        using TestScreen screen = new(80, 24);
        screen.Paste("q");
        Assert.False(screen.Window.StopRequested);
    }

    [Fact]
    public void Space_stops_the_screen_until_it_is_pressed_again()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.Space);
        Assert.Contains("PAUSED", screen.Lines[1]);
        screen.Publish(5, change: s => s.LiveFlows = 77);
        Assert.DoesNotContain("   77 live flows", screen.Text);
        screen.Press(Key.Space);
        screen.Tick();
        Assert.Contains("   77 live flows", screen.Text);
        Assert.DoesNotContain("PAUSED", screen.Text);
    }

    [Fact]
    public void A_new_request_ends_the_pause()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.Space);
        screen.Type("s");
        Assert.False(screen.Model.IsPaused);
    }

    [Theory]
    [InlineData("2", ScreenPage.Hosts)]
    [InlineData("3", ScreenPage.Ports)]
    [InlineData("4", ScreenPage.Queues)]
    [InlineData("5", ScreenPage.Graphs)]
    [InlineData("6", ScreenPage.Export)]
    [InlineData("?", ScreenPage.Help)]
    [InlineData("21", ScreenPage.Flows)]
    [InlineData("4??", ScreenPage.Queues)]
    [InlineData("4hh", ScreenPage.Queues)]
    public void Keys_change_the_view(string keys, object page)
    {
        using TestScreen screen = new(80, 24);
        screen.Type(keys);
        Assert.Equal((ScreenPage)page, screen.Model.Page);
    }

    [Fact]
    public void Capital_E_asks_for_a_collector_where_there_is_none_and_switches_export_on_with_it()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("E");
        Assert.StartsWith("New collector: udp://", screen.Lines[^2]);
        screen.Press(Key.Enter);
        Assert.Contains("'udp://' is no collector.", screen.Lines[^1]);
        Assert.False(screen.Export.Now.IsOn);
        screen.Type("host:4739");
        screen.Press(Key.Enter);
        Assert.True(screen.Export.Now.IsOn);
        Assert.StartsWith("Export on → udp://host:4739", screen.Lines[5]);
        screen.Type("E");
        Assert.False(screen.Export.Now.IsOn);
        Assert.StartsWith("Export off → udp://host:4739", screen.Lines[5]);
    }

    [Fact]
    public void The_menu_switches_export()
    {
        using TestScreen screen = new(80, 24);
        screen.Export.Now.Collector = "udp://host:4739";
        screen.Tick();
        screen.Press(Key.E.WithAlt);
        Assert.Contains("Add a collector…", screen.Text);
        screen.Press(Key.Enter);
        Assert.True(screen.Export.Now.IsOn);
        Assert.DoesNotContain("Add a collector…", screen.Text);
    }

    [Fact]
    public void A_letter_in_an_open_menu_means_the_item_and_not_the_key()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.V.WithAlt);
        screen.Type("q");
        Assert.Equal(ScreenPage.Queues, screen.Model.Page);
        Assert.False(screen.Window.StopRequested);
    }

    [Fact]
    public void A_snapshot_that_comes_while_a_menu_is_open_does_not_draw_over_it()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.S.WithAlt);
        string[] before = screen.Lines;
        screen.Publish(20, change: s => s.Totals.ReceivedPackets = 7);
        string[] after = screen.Lines;
        Assert.Contains("Bits per second", after[1]);
        Assert.All(Enumerable.Range(1, 12), row => Assert.Equal(MenuPart(before[row]), MenuPart(after[row])));
        screen.Press(Key.Esc);
        Assert.StartsWith("Received 7 ", screen.Lines[3]);

        static string MenuPart(string line) => line.PadRight(38)[19..38];
    }

    [Fact]
    public void A_long_answer_is_shown_around_the_cursor()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/" + new string('a', 100) + "end");
        Assert.Equal("Filter: " + new string('a', 67) + "end", screen.Lines[^2][..78]);
        screen.Press(Key.Home);
        screen.Type("start");
        Assert.StartsWith("Filter: startaaa", screen.Lines[^2]);
    }

    [Theory]
    [InlineData("F9")]
    [InlineData("e")]
    public void Esc_closes_the_menu_and_nothing_else(string key)
    {
        using TestScreen screen = new(80, 24);
        string item = key == "F9" ? "Write the table…" : "Add a collector…";
        screen.Press(key == "F9" ? Key.F9 : new Key('e'));
        Assert.Contains(item, screen.Text);
        screen.Press(Key.Esc);
        Assert.DoesNotContain(item, screen.Text);
        Assert.False(screen.Window.StopRequested);
        screen.Type("s");
        Assert.Equal(FlowSortKey.PacketRate, screen.Exchange.Request.SortKey);
    }

    [Fact]
    public void Q_quits_and_Ctrl_C_does_even_while_typing()
    {
        using (TestScreen screen = new(80, 24))
        {
            screen.Type("q");
            Assert.True(screen.Window.StopRequested);
        }
        using (TestScreen screen = new(80, 24))
        {
            screen.Type("/q");
            Assert.False(screen.Window.StopRequested);
            screen.Press(Key.C.WithCtrl);
            Assert.True(screen.Window.StopRequested);
        }
    }

    [Fact]
    public void The_cursor_stays_on_its_flow()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.CursorDown, Key.CursorDown);
        Assert.Equal(1, screen.Model.Flows.Cursor);
        screen.Publish(40, change: s => (s.Rows[1], s.Rows[30]) = (s.Rows[30], s.Rows[1]));
        screen.Draw();
        Assert.Equal(30, screen.Model.Flows.Cursor);
        Assert.InRange(30 - screen.Model.Flows.Top, 0, 15);
        screen.Press(Key.Esc);
        Assert.Equal((-1, 0), (screen.Model.Flows.Cursor, screen.Model.Flows.Top));
    }

    [Fact]
    public void The_table_can_be_gone_through_to_its_ends()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.End);
        Assert.Equal((39, 24), (screen.Model.Flows.Cursor, screen.Model.Flows.Top));
        screen.Press(Key.PageUp);
        Assert.Equal(24, screen.Model.Flows.Cursor);
        screen.Press(Key.Home);
        Assert.Equal((0, 0), (screen.Model.Flows.Cursor, screen.Model.Flows.Top));
        screen.Press(Key.PageDown);
        Assert.Equal(15, screen.Model.Flows.Cursor);
    }

    [Fact]
    public void The_wheel_scrolls_and_a_click_puts_the_cursor()
    {
        using TestScreen screen = new(80, 24);
        screen.Wheel(down: true, 10, 12);
        Assert.Equal((-1, 3), (screen.Model.Flows.Cursor, screen.Model.Flows.Top));
        screen.Click(10, HeadingRow + 2);
        Assert.Equal(4, screen.Model.Flows.Cursor);
        screen.Wheel(down: false, 10, 12);
        Assert.Equal(0, screen.Model.Flows.Top);
    }

    [Fact]
    public async Task Cancelling_the_token_ends_the_screen()
    {
        using CancellationTokenSource cancellation = new();
        Task screen = Task.Run(
            () => Screen.Run(new SnapshotExchange(10), new FakeExport(), () => { }, new FakeTerminal(), new ScreenSettings(), null, null, cancellation.Token),
            TestContext.Current.CancellationToken);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.False(screen.IsCompleted);
        await cancellation.CancelAsync();
        await screen.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void At_the_last_row_the_screen_says_what_it_does_not_show()
    {
        using TestScreen screen = new(120, 40);
        screen.Publish(2000, change: snapshot => snapshot.MatchingFlows = 8217);
        screen.Press(Key.End);
        Assert.Equal("These are the first 2000 by this order, of 8217 flows: a filter or another order shows others.", screen.Lines[^1]);
        screen.Publish(40);
        screen.Press(Key.Home, Key.End);
        Assert.DoesNotContain("first", screen.Lines[^1], StringComparison.Ordinal);
        screen.Press(new Key('2'));
        screen.Publish(40, change: snapshot => (snapshot.AllGroups, snapshot.FlowsWithoutGroup) = (131072, 5));
        screen.Press(Key.End);
        Assert.Contains(" of 131072, and more that are not told apart: ", screen.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Arrows_move_in_a_menu_and_nothing_moves_below_it()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.F9, Key.CursorDown, Key.CursorDown, Key.CursorUp, Key.CursorDown);
        screen.Type("j3");
        Assert.Equal((-1, ScreenPage.Flows), (screen.Model.Flows.Cursor, screen.Model.Page));
        screen.Press(Key.CursorUp, Key.CursorUp, Key.Enter);
        Assert.Equal(ScreenPage.Help, screen.Model.Page);
        screen.Press(Key.Esc, Key.F6, Key.CursorDown, Key.CursorDown, Key.Enter);
        Assert.Equal(FlowSortKey.Octets, screen.Model.Request.SortKey);
        screen.Press(Key.F9, Key.F10);
        Assert.True(screen.Window.StopRequested);
    }

    [Fact]
    public void The_clipboard_is_left_alone()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/");
        screen.Press(Key.V.WithCtrl, Key.X.WithCtrl);
        Assert.Equal("", screen.Model.Prompt?.Editor.Text);
    }

    [Fact]
    public void Any_size_of_terminal_is_borne()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.End);
        foreach ((int width, int height) in new[] { (59, 24), (80, 9), (1, 1), (2, 30), (300, 2), (60, 10), (300, 100), (80, 24) })
        {
            screen.Resize(width, height);
            screen.Publish(40);
            screen.Type("?23456");
            screen.Press(Key.D1, Key.Enter);
            screen.Publish(40);
            screen.Type("?/");
            screen.Press(Key.Esc, Key.D1);
            bool isTooSmall = width < 60 || height < 10;
            Assert.Equal(isTooSmall && width > 30, screen.Text.Contains("terminal is too small", StringComparison.Ordinal));
            Assert.Equal(!isTooSmall, screen.Text.Contains("▼bit/s", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Nothing_from_outside_reaches_the_terminal_raw()
    {
        using TestScreen screen = new(120, 40);
        screen.Export.Now = new() { IsOn = true, Collector = "udp://\u001b[2J\u202e\u0300😀", Problem = "a\nb\u009b" };
        screen.Publish(3, change: s => s.Interfaces = [s.Interfaces[0] with { Name = "eth\u001b]0;x\u0007" }]);
        Assert.Contains("eth·]0;x·", screen.Lines[1]);
        Assert.Contains("udp://·[2J····  a·b·", screen.Lines[5]);
        Assert.DoesNotContain("\u001b]0;", screen.Ansi);
        Assert.DoesNotContain("\u001b[2J", screen.Ansi);
    }

    [Fact]
    public void Losses_stand_out_and_only_when_there_are_any()
    {
        const string red = "\u001b[31m";
        using TestScreen screen = new(80, 24);
        Assert.DoesNotContain(red, screen.Ansi);
        screen.Publish(40, kernelDrops: 1);
        Assert.Contains(red, screen.Ansi);
    }

    [Fact]
    public void A_refresh_of_a_large_screen_allocates_little()
    {
        using TestScreen screen = new(200, 60, flows: 2000);
        long Refresh(int seed)
        {
            SampleTraffic.Fill(screen.Exchange.Writing, 2000, seed: seed);
            screen.Exchange.Publish();
            long before = GC.GetAllocatedBytesForCurrentThread();
            screen.Tick();
            screen.Draw();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Refresh(1);
        Assert.InRange(Enumerable.Range(2, 5).Max(Refresh), 1, 3_000_000);
    }

    [Theory]
    [InlineData("tcp por", "tcp")] // 'port'
    [InlineData("tcp a", "tcp")] // 'and', 'age'
    [InlineData("tcp and hos", "tcp")]
    [InlineData("(tcp) or !bp", "(tcp)")]
    [InlineData("p", "")]
    [InlineData("port 80 or portr", "port 80")]
    [InlineData("flags S", "flags S")] // a value, though 'src' begins so
    [InlineData("tcp web", "tcp web")]
    [InlineData("tcp /por/", "tcp /por/")]
    [InlineData("tcp \"por\"", "tcp \"por\"")]
    public void A_keyword_that_is_being_typed_is_no_word_to_look_for_yet(string typed, string inForce)
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/" + typed);
        Assert.Equal(inForce, screen.Exchange.Request.Filter.Text);
        Assert.Contains("Enter keeps it", screen.Lines[^1]);
    }

    [Fact]
    public void A_word_that_a_keyword_begins_with_is_looked_for_with_Enter()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/tcp por");
        screen.Press(Key.Enter);
        Assert.Equal("tcp por", screen.Exchange.Request.Filter.Text);
        Assert.Null(screen.Model.Prompt);
    }
}
