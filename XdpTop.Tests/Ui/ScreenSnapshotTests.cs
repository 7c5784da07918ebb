using Terminal.Gui.Input;
using XdpTop.Tests.Snapshots;
using XdpTop.Ui;

namespace XdpTop.Tests.Ui;

/// <summary>Whole screens, as text, at the sizes that people have.</summary>
[Collection("Screen")]
public sealed class ScreenSnapshotTests
{
    public static TheoryData<int, int> Sizes => new() { { 80, 24 }, { 120, 40 }, { 200, 60 } };

    [Theory, MemberData(nameof(Sizes))]
    public async Task Flows(int width, int height)
    {
        using TestScreen screen = new(width, height);
        await Verifier.Verify(screen.Text, parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Queues(int width, int height)
    {
        using TestScreen screen = new(width, height, kernelDrops: 17);
        screen.Press(Key.Tab);
        await Verifier.Verify(screen.Text, parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Help(int width, int height)
    {
        using TestScreen screen = new(width, height);
        screen.Type("?");
        await Verifier.Verify(screen.Text, parameters: $"{width}x{height}");
    }

    [Fact]
    public async Task Filter_being_typed()
    {
        using TestScreen screen = new(80, 24);
        screen.Type("/tcp 443");
        await Verifier.Verify(screen.Text);
    }

    [Fact]
    public async Task Paused_with_kernel_drops_and_a_filter_and_link_down()
    {
        using TestScreen screen = new(80, 24, kernelDrops: 1_234_567, notice: "link is down: waiting");
        screen.Type("/udp");
        screen.Press(Key.Enter, Key.Space);
        await Verifier.Verify(screen.Text);
    }

    [Fact]
    public async Task Export_on_with_a_problem()
    {
        using TestScreen screen = new(80, 24);
        screen.Export.Now = new ExportState
        {
            IsOn = true, Collector = "udp://collector.example:4739", Problem = "no address for name 'x'",
            RecordsSent = 12_345, RecordsLost = 3, RecordsWaiting = 42,
        };
        screen.Tick();
        await Verifier.Verify(screen.Text);
    }

    [Fact]
    public async Task No_flows()
    {
        using TestScreen screen = new(80, 24, flows: 0);
        await Verifier.Verify(screen.Text);
    }

    [Fact]
    public async Task No_snapshot_yet()
    {
        using TestScreen screen = new(80, 24, flows: -1);
        await Verifier.Verify(screen.Text);
    }

    [Fact]
    public async Task Sort_menu_open()
    {
        using TestScreen screen = new(80, 24);
        screen.Press(Key.S.WithAlt);
        await Verifier.Verify(screen.Text);
    }
}
