using Terminal.Gui.Input;
using XdpTop.Monitoring;
using XdpTop.Tests.Snapshots;
using XdpTop.Ui;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Tests.Ui;

/// <summary>Whole screens, as text, at the sizes that people have.</summary>
[Collection("Screen")]
public sealed class ScreenSnapshotTests
{
    public static TheoryData<int, int> Sizes => new() { { 80, 24 }, { 120, 40 }, { 200, 60 } };

    [Theory, MemberData(nameof(Sizes))]
    public async Task Flows(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Biflows(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, act: screen =>
        {
            screen.Type("a");
            screen.Publish(40, change: SampleTraffic.Pair);
        }), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Queues(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, kernelDrops: 17, act: screen => screen.Type("4")), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Help(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, act: screen => screen.Type("?")), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Settings(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, act: screen => screen.Press(Key.F2, Key.CursorDown)), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Hosts(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, act: screen => ShowWith(screen, "2")), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Ports(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, act: screen => ShowWith(screen, "3")), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Graphs(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, act: screen => ShowWith(screen, "5")), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Graph_of_an_hour_in_packets_and_logarithms_in_Ascii(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, glyphs: GlyphSet.Ascii, act: screen =>
        {
            ShowWith(screen, "5luu");
            screen.Press(Key.CursorRight, Key.CursorRight, Key.CursorRight);
        }), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Export(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, act: screen =>
        {
            screen.Export.Now = new ExportState
            {
                IsOn = true, Collector = "udp://collector.example:4739 tcp://10.0.0.9:4739", Problem = "the collector tcp://10.0.0.9:4739 refuses (trying again)", RecordsSent = 12_345, RecordsWaiting = 42, RecordsLost = 3,
                Collectors =
                [
                    new CollectorRow
                    {
                        Url = "udp://collector.example:4739", State = "up", Since = StoppedClock.Noon.AddMinutes(-2), IsInUse = true, RecordsPerSecond = 1234,
                        RecordsSent = 12_345, MessageOctets = 2_345_678, TemplatesSent = StoppedClock.Noon.AddSeconds(-7),
                    },
                    new CollectorRow
                    {
                        Url = "tcp://10.0.0.9:4739", State = "failing", Since = StoppedClock.Noon.AddSeconds(-185), IsInUse = true, RecordsWaiting = 42, QueueFill = 0.12,
                        RecordsLost = 3, PacketsLost = 4000, OctetsLost = 5_000_000, Problem = "the collector tcp://10.0.0.9:4739 refuses: nothing listens on its port (trying again)",
                    },
                    new CollectorRow { Url = "tls://a-collector-with-a-name-that-is-long.example:4740", State = "up", TemplatesSent = StoppedClock.Noon.AddHours(-3) },
                ],
            };
            ShowWith(screen, "6j");
        }), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Details(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, act: screen =>
        {
            screen.Type("a");
            screen.Publish(40, change: SampleTraffic.Pair);
            screen.Press(Key.Enter);
            screen.Publish(40, change: snapshot =>
            {
                SampleTraffic.Pair(snapshot);
                snapshot.WatchedRow = snapshot.Rows[0];
            });
        }), parameters: $"{width}x{height}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Totals_in_bytes(int width, int height)
    {
        await Verifier.Verify(Shoot(width, height, act: screen => screen.Type("uT")), parameters: $"{width}x{height}");
    }

    [Fact]
    public async Task Filter_being_typed()
    {
        await Verifier.Verify(Shoot(80, 24, act: screen => screen.Type("/tcp 443")));
    }

    [Fact]
    public async Task Paused_with_kernel_drops_and_a_filter_and_link_down()
    {
        await Verifier.Verify(Shoot(80, 24, kernelDrops: 1_234_567, notice: "link is down: waiting", act: screen =>
        {
            screen.Type("/udp");
            screen.Press(Key.Enter, Key.Space);
        }));
    }

    [Fact]
    public async Task Export_on_with_a_problem()
    {
        await Verifier.Verify(Shoot(80, 24, act: screen =>
        {
            screen.Export.Now = new ExportState
            {
                IsOn = true, Collector = "udp://collector.example:4739", Problem = "no address for name 'x'",
                RecordsSent = 12_345, RecordsLost = 3, RecordsWaiting = 42,
            };
            screen.Tick();
        }));
    }

    [Fact]
    public async Task Queues_of_two_interfaces_and_a_capture_file()
    {
        await Verifier.Verify(Shoot(100, 24, act: screen =>
        {
            screen.Publish(3, change: snapshot =>
            {
                snapshot.Interfaces =
                [
                    .. snapshot.Interfaces,
                    new InterfaceStatus { Name = "veth0", Mode = "redirect", Attach = "skb", Bind = "copy", Queues = 1, RxQueues = 4 },
                    new InterfaceStatus { Name = "a.pcap", Mode = "file" },
                ];
                snapshot.Queues =
                [
                    .. snapshot.Queues,
                    new QueueStatus { Interface = "an-interface-with-a-long-name", Queues = "127", Cpu = 255, LackOfResources = 5 },
                    new QueueStatus { Interface = "a.pcap", Cpu = -1, ReceivedPackets = ulong.MaxValue },
                ];
            });
            screen.Type("4");
        }));
    }

    [Fact]
    public async Task No_flows()
    {
        await Verifier.Verify(Shoot(80, 24, flows: 0));
    }

    [Fact]
    public async Task No_snapshot_yet()
    {
        await Verifier.Verify(Shoot(80, 24, flows: -1));
    }

    [Fact]
    public async Task Sort_menu_open()
    {
        await Verifier.Verify(Shoot(80, 24, act: screen => screen.Press(Key.S.WithAlt)));
    }

    // A view that asks for more has it with the next snapshot.
    private static void ShowWith(TestScreen screen, string keys)
    {
        screen.Type(keys);
        screen.Publish(40);
    }

    // The screen is gone before anything is awaited: it belongs to one thread.
    private static string Shoot(
        int width, int height, int flows = 40, ulong kernelDrops = 0, string notice = "", Action<TestScreen>? act = null,
        GlyphSet glyphs = GlyphSet.Unicode)
    {
        using TestScreen screen = new(width, height, flows, kernelDrops, notice, glyphs);
        act?.Invoke(screen);
        return screen.Text;
    }
}
