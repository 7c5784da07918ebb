using XdpTop.Monitoring;

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
}
