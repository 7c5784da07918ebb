using Terminal.Gui.Input;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Tests.Ui;

/// <summary>The keys of the Export view, through the real application.</summary>
[Collection("Screen")]
public sealed class ExportKeyTests
{
    [Fact]
    public void Collectors_are_added_edited_and_removed()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("6");
        Add(screen, "one:1");
        Assert.True(screen.Export.Now.IsOn); // with the first
        screen.Type("e");
        Assert.False(screen.Export.Now.IsOn);
        Add(screen, "two:2");
        Assert.False(screen.Export.Now.IsOn);
        Assert.Equal(["udp://one:1", "udp://two:2"], screen.Export.Urls);
        screen.Press(Key.CursorDown, Key.CursorDown, Key.Enter);
        Assert.StartsWith("Collector: udp://two:2", screen.Lines[^2]);
        screen.Type("2");
        screen.Press(Key.Enter);
        Assert.Equal(["udp://one:1", "udp://two:22"], screen.Export.Urls);
        screen.Type("d");
        Assert.StartsWith("Remove udp://two:22?", screen.Lines[^2]);
        screen.Press(Key.Esc);
        Assert.Equal(2, screen.Export.Urls.Count);
        screen.Press(Key.Delete, Key.Enter);
        Assert.Equal(["udp://one:1"], screen.Export.Urls);
        Assert.Contains("udp://one:1", screen.Text);
        Assert.DoesNotContain("two", screen.Text);
    }

    [Fact]
    public void E_in_the_view_switches_and_elsewhere_opens_the_menu()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("6");
        Add(screen, "one:1");
        screen.Type("e");
        Assert.False(screen.Export.Now.IsOn);
        screen.Type("e");
        Assert.True(screen.Export.Now.IsOn);
        Assert.DoesNotContain("Add a collector…", screen.Text);
        screen.Type("1e");
        Assert.Contains("Add a collector…", screen.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_test_is_not_waited_for_and_says_what_happened(bool isWell)
    {
        using TestScreen screen = new(80, 24);
        screen.Type("6");
        Add(screen, "one:1");
        screen.Type("y");
        Assert.Contains("testing udp://one:1,", screen.Text);
        screen.Type("12");
        Assert.Equal(ScreenPage.Hosts, screen.Model.Page);
        screen.Export.Test.SetResult((isWell, "what happened"));
        screen.Tick();
        screen.Type("6");
        Assert.Contains(" what happened", screen.Text);
    }

    [Fact]
    public void A_whole_URL_that_is_typed_takes_the_place_of_the_beginning_that_was_there()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("6Ctls://one:1");
        Assert.StartsWith("New collector: tls://one:1", screen.Lines[^2]);
    }

    [Fact]
    public void What_is_being_typed_can_be_tested()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("6Cone:1");
        screen.Press(Key.T.WithCtrl);
        Assert.Contains("testing udp://one:1,", screen.Lines[^1]);
        screen.Export.Test.SetResult((true, "all is well"));
        screen.Tick();
        Assert.StartsWith("New collector: udp://one:1", screen.Lines[^2]);
        Assert.Contains("all is well", screen.Lines[^1]);
        screen.Type("0");
        Assert.DoesNotContain("all is well", screen.Lines[^1]);
        screen.Press(Key.Esc);
        Assert.Empty(screen.Export.Urls);
    }

    [Fact]
    public void W_saves_and_without_a_collector_the_other_keys_say_so()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("W");
        Assert.Equal(1, screen.Export.Saved);
        Assert.StartsWith("Saved to a file", screen.Lines[^1]);
        screen.Type("y");
        Assert.Equal((ScreenPage.Export, "There is no collector."), (screen.Model.Page, screen.Lines[^1]));
        screen.Type("d");
        Assert.Equal("There is no collector.", screen.Lines[^1]);
    }

    [Fact]
    public void R_sets_each_collector_s_counts_back()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("6");
        Add(screen, "one:1");
        Count(1_111, 2);
        Assert.Contains("1111", screen.Text);
        screen.Type("r");
        Assert.DoesNotContain("1111", screen.Text);
        Count(1_118, 2);
        string line = screen.Lines.First(text => text.Contains("udp://one:1", StringComparison.Ordinal) && !text.StartsWith("Export", StringComparison.Ordinal));
        string counts = screen.Lines[Array.IndexOf(screen.Lines, line) + 1];
        Assert.Equal(["7", "0", "0"], counts.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..3]);

        void Count(ulong sent, ulong lost)
        {
            screen.Export.Now.Collectors = [screen.Export.Now.Collectors[0] with { RecordsSent = sent, RecordsLost = lost }];
            screen.Tick();
        }
    }

    private static void Add(TestScreen screen, string host)
    {
        screen.Type("C" + host);
        screen.Press(Key.Enter);
    }
}
