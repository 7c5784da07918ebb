using System.Text.Json;
using Terminal.Gui.Input;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Names;
using XdpTop.Packets;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Tests.Ui;

/// <summary>Keys that choose how the traffic is shown, through the real application.</summary>
[Collection("Screen")]
public sealed class ScreenChoiceTests
{
    private const int HeadingRow = 6;

    [Fact]
    public void U_goes_through_the_units_and_T_through_rates_and_totals_and_the_sort_key_goes_along()
    {
        using TestScreen screen = new(120, 40);
        foreach ((string key, string first, FlowSortKey sort) in new[]
        {
            ("u", "▼B/s", FlowSortKey.Rate), ("u", "▼pkt/s", FlowSortKey.PacketRate), ("T", "▼Pkts", FlowSortKey.Packets),
            ("u", "▼Bits", FlowSortKey.Octets), ("u", "▼Bytes", FlowSortKey.Octets), ("T", "▼B/s", FlowSortKey.Rate),
        })
        {
            screen.Type(key);
            Assert.Contains(first, screen.Lines[HeadingRow]);
            Assert.Equal(sort, screen.Exchange.Request.SortKey);
        }
        screen.Type("ssTu"); // not by what is shown first: it stays
        Assert.Equal(FlowSortKey.Packets, screen.Exchange.Request.SortKey);
    }

    [Fact]
    public void Plus_and_minus_change_how_often_there_is_a_refresh_within_bounds()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("+");
        Assert.Equal(0.5, screen.Exchange.Request.Interval.TotalSeconds);
        Assert.Contains("A refresh every 0.5 seconds.", screen.Lines[^1]);
        screen.Type("++++++");
        Assert.Equal(0.1, screen.Exchange.Request.Interval.TotalSeconds);
        screen.Type("---------------");
        Assert.Equal(60, screen.Exchange.Request.Interval.TotalSeconds);
    }

    [Fact]
    public void O_freezes_the_order_until_another_is_asked_for()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("o");
        Assert.True(screen.Exchange.Request.IsFrozen);
        Assert.Contains("FROZEN", screen.Lines[1]);
        screen.Type("s");
        Assert.False(screen.Exchange.Request.IsFrozen);
        Assert.DoesNotContain("FROZEN", screen.Lines[1]);
    }

    [Fact]
    public void T_asks_for_flows_that_have_ended_and_they_are_dimmed()
    {
        using TestScreen screen = new(120, 24);
        screen.Type("t");
        Assert.True(screen.Exchange.Request.ShowsEnded);
        Assert.DoesNotContain("\u001b[2m", screen.Ansi);
        screen.Publish(40, change: snapshot => snapshot.Rows[3].EndedAt = snapshot.Time);
        Assert.Contains("\u001b[2m", screen.Ansi);
        Assert.Contains(" ended ", screen.Lines[HeadingRow + 4]);
    }

    [Fact]
    public void F_lets_the_cursor_stay_at_its_place()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("Fjj");
        screen.Publish(40, change: s => (s.Rows[1], s.Rows[30]) = (s.Rows[30], s.Rows[1]));
        screen.Draw();
        Assert.Equal(1, screen.Model.Flows.Cursor);
    }

    [Fact]
    public void R_sets_the_counters_back()
    {
        using TestScreen screen = new(80, 24, kernelDrops: 400);
        Assert.Contains("ring full 300", screen.Lines[4]);
        screen.Type("r");
        Assert.Equal(1, screen.Exchange.Request.Resets);
        Assert.StartsWith("Received 0 ", screen.Lines[3]);
        Assert.Contains("ring full 0", screen.Lines[4]);
        screen.Publish(40, kernelDrops: 404);
        Assert.Contains("ring full 3 ", screen.Lines[4]);
        // What is written is what is shown; a counter that begins anew has counted what it shows.
        screen.Type("4r");
        ulong before = screen.Model.Snapshot.Queues[0].ReceivedPackets;
        screen.Publish(40, kernelDrops: 4, change: s => s.Queues[0].ReceivedPackets += 5);
        Assert.True(before > 5);
        Assert.Equal(5L, screen.Model.Current.Fields(0).Single(field => field.Name == "receivedPackets").Value);
        Assert.Contains("ring full 3 ", screen.Lines[4]);
    }

    [Fact]
    public void Enter_goes_into_a_host_and_Esc_comes_back_to_its_row()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("2");
        screen.Publish(40);
        screen.Type("jjj");
        GroupKey host = screen.Model.Snapshot.Groups[2].Key;
        screen.Press(Key.Enter);
        Assert.Equal((ScreenPage.Flows, host), (screen.Model.Page, screen.Exchange.Request.Within));
        Assert.StartsWith("Host: 10.0.0.1  ", screen.Lines[^1]);
        screen.Press(Key.Enter);
        Assert.Equal(ScreenPage.Details, screen.Model.Page);
        Assert.NotNull(screen.Exchange.Request.Watched);
        screen.Press(Key.Esc);
        Assert.Equal((ScreenPage.Flows, null), (screen.Model.Page, screen.Exchange.Request.Watched));
        screen.Press(Key.Esc);
        Assert.Equal((ScreenPage.Hosts, null), (screen.Model.Page, screen.Exchange.Request.Within));
        screen.Publish(40);
        Assert.Equal(2, screen.Model.Current.Cursor);
        screen.Type("s");
        Assert.Equal(GroupSortKey.PacketRate, screen.Exchange.Request.GroupSortKey);
    }

    [Fact]
    public void N_and_p_show_names_in_hosts_and_ports_and_details_too()
    {
        using TestScreen screen = new(80, 24, names: new KnownNames());
        screen.Type("np2");
        screen.Publish(40);
        Assert.Contains(screen.Lines, line => line.StartsWith("one.example.net ", StringComparison.Ordinal));
        Assert.DoesNotContain(screen.Lines, line => line.StartsWith("10.0.0.1 ", StringComparison.Ordinal));
        screen.Type("3");
        screen.Publish(40);
        Assert.Contains(screen.Lines, line => line.StartsWith("tcp https ", StringComparison.Ordinal));
        Assert.Contains(screen.Lines, line => line.StartsWith("udp domain ", StringComparison.Ordinal));
        screen.Type("1jj");
        screen.Press(Key.Enter);
        Assert.Contains("udp one.example.net 40001 → 192.168.200.1 domain", screen.Text);
        screen.Type("np");
        Assert.Contains("udp 10.0.0.1 40001 → 192.168.200.1 53", screen.Text);
        screen.Type("2");
        screen.Publish(40);
        Assert.Contains(screen.Lines, line => line.StartsWith("10.0.0.1 ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public void F6_and_headings_sort_groups_by_their_own_columns(string view)
    {
        using TestScreen screen = new(80, 24);
        screen.Type(view);
        screen.Publish(40);
        screen.Press(Key.F6);
        Assert.Contains("Flows", screen.Lines[6]);
        Assert.DoesNotContain("Destination port", screen.Text);
        screen.Type("f");
        Assert.Equal((GroupSortKey.Flows, FlowSortKey.Rate), (screen.Exchange.Request.GroupSortKey, screen.Exchange.Request.SortKey));
        foreach ((string heading, GroupSortKey key) in new[] { ("↑bit/s", GroupSortKey.Sent), ("↓bit/s", GroupSortKey.Received), ("pkt/s", GroupSortKey.PacketRate), ("Flows", GroupSortKey.Flows) })
        {
            screen.Click(screen.Lines[HeadingRow].IndexOf(heading, StringComparison.Ordinal) + 1, HeadingRow);
            Assert.Equal((key, false), (screen.Exchange.Request.GroupSortKey, screen.Exchange.Request.GroupInverse));
            Assert.Contains($"▼{heading}", screen.Lines[HeadingRow]);
        }
        screen.Click(screen.Lines[HeadingRow].IndexOf("Flows", StringComparison.Ordinal), HeadingRow);
        Assert.True(screen.Exchange.Request.GroupInverse);
        screen.Type("1");
        screen.Press(Key.F6);
        screen.Type("t");
        Assert.Equal(FlowSortKey.DestinationPort, screen.Exchange.Request.SortKey);
    }

    [Fact]
    public void What_groups_sent_is_sorted_by_what_is_shown_of_it()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("uu2");
        screen.Press(Key.F6);
        screen.Type("s");
        Assert.Equal((GroupSortKey.Sent, GroupSortKey.PacketRate), (screen.Exchange.Request.GroupSortKey, screen.Exchange.Request.GroupAmount));
        screen.Type("T");
        Assert.Equal(GroupSortKey.Packets, screen.Exchange.Request.GroupAmount);
        screen.Publish(40);
        ulong[] sent = [.. screen.Model.Snapshot.Groups.Take(screen.Model.Snapshot.GroupCount).Select(group => group.Sent.Packets)];
        Assert.Equal(sent.OrderDescending(), sent);
    }

    [Fact]
    public void C_brings_the_row_to_the_terminal_s_clipboard_without_control_characters()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("jj");
        screen.Model.CopyRow();
        string[] fields = screen.Model.Copied!.Split('\t');
        Assert.Equal(["10.0.0.1", "40001", "192.168.200.1", "53", "udp"], fields[..5]);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    public void W_writes_the_table_to_a_new_file_and_never_over_another(string ending)
    {
        string file = Path.Combine(Path.GetTempPath(), $"xdptop-{Guid.NewGuid():N}.{ending}");
        try
        {
            using TestScreen screen = new(80, 24);
            Write();
            Assert.Contains("40 rows written to ", screen.Lines[^1]);
            string text = File.ReadAllText(file);
            if (ending == "json")
            {
                JsonElement[] rows = [.. JsonDocument.Parse(text).RootElement.EnumerateArray()];
                Assert.Equal(40, rows.Length);
                Assert.Equal(("10.0.0.1", 40001), (rows[1].GetProperty("source").GetString(), rows[1].GetProperty("sourcePort").GetInt32()));
                Assert.Equal(screen.Model.Snapshot.Rows[1].Octets, rows[1].GetProperty("octets").GetUInt64());
            }
            else
            {
                string[] lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
                Assert.Equal(41, lines.Length);
                Assert.StartsWith("source,sourcePort,destination,destinationPort,protocol,", lines[0]);
                Assert.StartsWith("10.0.0.1,40001,192.168.200.1,53,udp,in,", lines[2]);
                Assert.All(lines, line => Assert.Equal(lines[0].Count(c => c == ','), line.Count(c => c == ',')));
            }
            Write();
            Assert.Contains("There is such a file already", screen.Lines[^1]);
            Assert.Equal(text, File.ReadAllText(file));

            void Write()
            {
                screen.Type("w");
                Assert.StartsWith("File: xdptop-flows.csv", screen.Lines[^2]);
                screen.Press(Key.U.WithCtrl);
                screen.Type(file);
                screen.Press(Key.Enter);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_click_on_a_view_s_name_shows_it()
    {
        using TestScreen screen = new(80, 24);
        screen.Click(screen.Lines[0].IndexOf("5Graphs", StringComparison.Ordinal) + 2, 0);
        Assert.Equal(ScreenPage.Graphs, screen.Model.Page);
    }

    [Fact]
    public void Without_UTF8_all_is_Ascii()
    {
        using TestScreen screen = new(120, 40, glyphs: GlyphSet.Ascii);
        foreach (string keys in new[] { "1a", "2", "3", "4", "5", "6", "?" })
        {
            screen.Type(keys);
            screen.Publish(40, change: SampleTraffic.Pair);
            Assert.DoesNotContain(screen.Text, c => c > '~');
        }
        screen.Type("1");
        screen.Press(Key.Enter, Key.W.WithAlt);
        Assert.DoesNotContain(screen.Text, c => c > '~');
    }

    /// <summary>Knows one host.</summary>
    private sealed class KnownNames : INameSource
    {
        public string? Find(in IpAddress address, byte ipVersion) => address.ToString(ipVersion) == "10.0.0.1" ? "one.example.net" : null;

        public string? Recall(in IpAddress address, byte ipVersion) => Find(in address, ipVersion);
    }
}
