using Terminal.Gui.Input;
using XdpTop.Monitoring;
using XdpTop.Ui;

namespace XdpTop.Tests.Ui;

/// <summary>What the screen says, and where it has little room for it, through the real application.</summary>
[Collection("Screen")]
public sealed class ScreenTextTests
{
    private const int HeadingRow = 6;

    [Fact]
    public void A_code_that_does_not_fit_is_not_cut_off_silently()
    {
        using TestScreen screen = new(80, 24);
        screen.Publish(3, change: snapshot => snapshot.Rows[2].Record.Key.DestinationPort = (255 << 8) | 252);
        Assert.Contains(" 255/… icmp ", screen.Lines[HeadingRow + 3]);
        screen.Publish(5, change: snapshot => snapshot.Rows[4].Record.Key.DestinationPort = (200 << 8) | 12);
        Assert.Contains(" 200/… icmp6 ", screen.Lines[HeadingRow + 5]);
    }

    [Theory]
    [InlineData(60, 10)]
    [InlineData(120, 16)]
    [InlineData(80, 19)]
    public void Graphs_have_one_chart_alone_where_there_is_no_room_below(int width, int height)
    {
        using TestScreen screen = new(width, height);
        screen.Type("5");
        screen.Publish(40);
        Assert.StartsWith(" 1 minute  10 minutes  1 hour  linear", screen.Lines[HeadingRow]);
        Assert.DoesNotContain("Packets by length", screen.Text);
        Assert.Contains("now", screen.Lines[^2]);
        screen.Resize(width, 24);
        Assert.Contains("Packets by length", screen.Text);
    }

    [Fact]
    public void Protocols_are_of_the_unit_in_force()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("5u");
        Assert.Contains("Protocols, of B/s", screen.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    public void Totals_in_bits_have_rates_in_bits_beside_them(string view)
    {
        using TestScreen screen = new(120, 24);
        screen.Type(view + "T");
        Assert.Contains("▼Bits", screen.Lines[HeadingRow]);
        Assert.Contains(" bit/s ", screen.Lines[HeadingRow]);
        Assert.DoesNotContain("B/s", screen.Lines[HeadingRow]);
        screen.Type("T");
        Assert.Contains(" Bytes ", screen.Lines[HeadingRow]);
    }

    [Fact]
    public void What_rows_are_sorted_by_is_said_where_no_column_shows_it()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("sss");
        Assert.Equal(FlowSortKey.Packets, screen.Exchange.Request.SortKey);
        Assert.DoesNotContain("▼", screen.Lines[HeadingRow]);
        Assert.StartsWith("Sorted by: packets ▼  q Quit", screen.Lines[^1]);
        screen.Type("S");
        Assert.StartsWith("Sorted by: packets ▲  q Quit", screen.Lines[^1]);
        screen.Resize(120, 24);
        Assert.StartsWith("q Quit", screen.Lines[^1]);
        Assert.Contains("▲Pkts", screen.Lines[HeadingRow]);
    }

    [Theory]
    [InlineData(FlowSortKey.Age, "▼Age")]
    [InlineData(FlowSortKey.Source, "Source▲")]
    [InlineData(FlowSortKey.Protocol, "Proto▲")]
    internal void The_mark_tells_whether_the_smallest_is_at_the_top(FlowSortKey key, string heading)
    {
        using TestScreen screen = new(80, 24);
        screen.Model.SortBy(key);
        screen.Publish(40);
        Assert.Contains(heading, screen.Lines[HeadingRow]);
        screen.Model.SortBy(key);
        screen.Publish(40);
        Assert.Contains(heading.Contains('▲') ? "▼" : "▲", screen.Lines[HeadingRow]);
    }

    [Fact]
    public void Interfaces_that_something_is_wrong_with_come_first_and_those_without_room_are_counted()
    {
        using TestScreen screen = new(80, 24);
        Show("", "", "gone: waiting");
        Assert.StartsWith("xdptop  eth2 gone: waiting ", screen.Lines[1]);
        Assert.Contains("  eth0", screen.Lines[1]);
        Assert.Contains("  eth1", screen.Lines[1]);
        Show([.. Enumerable.Repeat("link is down: waiting", 6)]);
        Assert.EndsWith("  +4 more", screen.Lines[1]);
        screen.Press(Key.Space);
        Assert.EndsWith("+4 more  PAUSED", screen.Lines[1]);
        screen.Press(Key.Space);
        Show("a notice that is much too long for the line that it stands on, whichever way one looks at it, is cut", "gone");
        screen.Press(Key.Space);
        Assert.EndsWith("…  +1 more PAUSED", screen.Lines[1]);

        void Show(params string[] notices) => screen.Publish(5, change: snapshot => snapshot.Interfaces =
            [.. notices.Select((notice, i) => snapshot.Interfaces[0] with { Name = $"eth{i}", Notice = notice })]);
    }

    [Fact]
    public void Every_interface_can_be_scrolled_to_in_the_Queues_view()
    {
        using TestScreen screen = new(80, 24);
        screen.Publish(5, change: snapshot => snapshot.Interfaces =
            [.. Enumerable.Range(0, 5).Select(i => snapshot.Interfaces[0] with { Name = $"eth{i}" })]);
        screen.Type("4");
        Assert.Contains("Interfaces 1 to 3 of 5", screen.Text);
        Assert.DoesNotContain("coverage of eth4", screen.Text);
        screen.Press(Key.End);
        Assert.Contains("coverage of eth4", screen.Text);
        Assert.Contains("Interfaces 3 to 5 of 5", screen.Text);
        screen.Press(Key.Home);
        Assert.Contains("coverage of eth0", screen.Text);
    }

    [Fact]
    public void Why_a_collector_fails_does_not_name_it_once_more()
    {
        using TestScreen screen = new(80, 24);
        screen.Export.Now = new ExportState { IsOn = true, Collector = "udp://127.0.0.1:9995", Problem = "the collector udp://127.0.0.1:9995 refuses: nothing listens" };
        screen.Tick();
        Assert.Equal("Export on → udp://127.0.0.1:9995  refuses: nothing listens  Sent 0", screen.Lines[5]);
        screen.Export.Now = new ExportState
        {
            IsOn = true, Collector = "udp://127.0.0.1:9995 udp://collector-with-a-name.example:9996", Problem = "the collector udp://127.0.0.1:9995 refuses: nothing listens",
        };
        screen.Tick();
        Assert.Equal("Export on → udp://127.0.0.1:9995 udp:…  udp://127.0.0.1:9995 refuses: nothing l…", screen.Lines[5]);
    }

    [Fact]
    public void A_message_comes_before_the_filter_in_force()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/tcp");
        screen.Press(Key.Enter);
        screen.Type("-");
        Assert.Equal("A refresh every 2 seconds.  Filter: tcp", screen.Lines[^1]);
    }

    [Fact]
    public void That_the_terminal_is_too_small_can_be_read_in_a_very_small_one()
    {
        using TestScreen screen = new(20, 5);
        Assert.Equal("The terminal is too\nsmall: 60×10 is\nneeded. q quits.\n\n", screen.Text);
    }

    [Fact]
    public void A_file_s_name_may_begin_at_home_and_what_is_wrong_with_it_stands_below()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("w");
        Assert.StartsWith("File: xdptop-flows.csv", screen.Lines[^2]);
        screen.Press(Key.U.WithCtrl);
        screen.Type("~/no-such-directory-of-xdptop/a.csv");
        screen.Press(Key.Enter);
        Assert.Equal("File: ~/no-such-directory-of-xdptop/a.csv", screen.Lines[^2]);
        Assert.Contains("Cannot write it: ", screen.Lines[^1]);
        Assert.Contains(Environment.GetEnvironmentVariable("HOME") + "/no", screen.Lines[^1]);
    }

    [Fact]
    public void A_URL_that_is_pasted_takes_the_place_of_what_stands_there()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("C");
        screen.Paste("tcp://one:1");
        Assert.Equal("tcp://one:1", screen.Model.Prompt?.Editor.Text);
        screen.Press(Key.Esc);
        screen.Type("C");
        screen.Paste("one:1");
        Assert.Equal("udp://one:1", screen.Model.Prompt?.Editor.Text);
    }

    [Fact]
    public void Details_name_options_and_the_day_where_it_is_another()
    {
        using TestScreen screen = new(80, 30);
        screen.Press(Key.Enter);
        screen.Publish(40, change: snapshot =>
        {
            ref FlowRow row = ref snapshot.WatchedRow;
            (row.Record.TcpOptions, row.Record.IpOptions) = (0b1_0001_0011_1110 | (1UL << 50), 0b1_0010);
            row.Record.Start = snapshot.Time - 86_400_000_000_000;
        });
        Assert.Contains(screen.Lines, line => line.StartsWith(" TCP options  ", StringComparison.Ordinal) && line.Contains("NOP MSS WS SACKP", StringComparison.Ordinal));
        Assert.Contains("SACK TS CCNEW 50", Squeezed());
        Assert.Contains("IP options HOP FRA1", Squeezed());
        Assert.Contains("first packet 2027-01-14 08:00:00", Squeezed());
        Assert.Contains("last packet 07:59:", Squeezed());

        string Squeezed() => string.Join('\n', screen.Lines.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Fact]
    public void A_flow_that_has_ended_does_not_grow_older()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.Enter);
        Publish(0);
        string before = screen.Lines[HeadingRow + 1];
        Assert.Contains("state ended", before);
        Publish(1000);
        Assert.Equal(before, screen.Lines[HeadingRow + 1]);

        void Publish(long seconds) => screen.Publish(40, change: snapshot =>
        {
            snapshot.WatchedRow.EndedAt = snapshot.Time;
            snapshot.Time += seconds * 1_000_000_000;
        });
    }

    [Fact]
    public void Details_of_a_capture_have_no_chart_of_nothing()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.Enter);
        screen.Publish(40, change: snapshot =>
        {
            snapshot.WatchedForward.Clear();
            snapshot.Interfaces = [new InterfaceStatus { Name = "a.pcap", Mode = "file" }];
        });
        Assert.DoesNotContain("┤", screen.Text);
        Assert.Contains("of a capture", screen.Text);
    }

    [Fact]
    public void Services_are_named_whole_where_there_is_room()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("p");
        Assert.Contains(" doma… udp ", screen.Text);
        screen.Resize(200, 24);
        Assert.Contains(" domain udp ", screen.Text);
        screen.Resize(120, 24);
        Assert.Contains(" https tcp ", screen.Text);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(130)]
    [InlineData(200)]
    public void The_inner_VLAN_is_shown_or_none_is(int width)
    {
        using TestScreen screen = new(width, 24);
        Assert.Equal(screen.Text.Contains("VLAN", StringComparison.Ordinal), screen.Text.Contains("100.4094", StringComparison.Ordinal));
    }
}
