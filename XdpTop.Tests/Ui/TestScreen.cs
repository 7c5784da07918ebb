using System.Runtime.CompilerServices;
using Terminal.Gui.App;
using Terminal.Gui.Drivers;
using Terminal.Gui.Input;
using Terminal.Gui.Testing;
using Terminal.Gui.Time;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Names;
using XdpTop.Ui;
using XdpTop.Ui.ViewModels;
using XdpTop.Ui.Views;
using Point = System.Drawing.Point;

namespace XdpTop.Tests.Ui;

/// <summary>The real screen, in the real application, without a terminal; time stands still until it is told to go on.</summary>
internal sealed class TestScreen : IDisposable
{
    private readonly VirtualTimeProvider _time = new();
    private readonly IApplication _app;
    private readonly SessionToken _session;

    [ModuleInitializer]
    internal static void KeepAwayFromTheTerminal() => Environment.SetEnvironmentVariable("DisableRealDriverIO", "1");

    public TestScreen(int width, int height, int flows = 40, ulong kernelDrops = 0, string notice = "", GlyphSet glyphs = GlyphSet.Unicode, ScreenSettings? settings = null, INameSource? names = null, FakeTerminal? terminal = null)
    {
        settings ??= new ScreenSettings();
        Exchange.Request = settings.FirstRequest(biflows: false, TimeSpan.FromSeconds(1), names!);
        Model = new ScreenModel(Exchange, Export, () => RequestChanges++) { Settings = settings, SettingsStore = Store, HostNames = names, Clock = new StoppedClock() };
        _app = Application.Create(_time);
        SynchronizationContext? context = SynchronizationContext.Current;
        _app.Init(DriverRegistry.Names.ANSI);
        // The application's own one would have a test's await go on in its main loop, which is not run here.
        SynchronizationContext.SetSynchronizationContext(context);
        _app.Driver!.SetScreenSize(width, height);
        Window = Screen.Open(_app, Model, new Palette(Theme.Default, glyphs), terminal is null ? null : new FrameWriter(terminal));
        _session = _app.Begin(Window)!;
        if (flows >= 0)
            Publish(flows, kernelDrops, notice);
        Draw();
    }

    public SnapshotExchange Exchange { get; } = new(2000);

    public FakeExport Export { get; } = new();

    public FakeSettingsStore Store { get; } = new();

    public ScreenModel Model { get; }

    public MainWindow Window { get; }

    public int RequestChanges { get; private set; }

    /// <summary>The screen as lines of text.</summary>
    public string Text
    {
        get
        {
            Draw();
            return string.Join('\n', Rows(_app.Driver!.ToString()!).Select(l => l.TrimEnd()));
        }
    }

    /// <summary>The screen with its escape sequences for colours.</summary>
    public string Ansi
    {
        get
        {
            Draw();
            return _app.Driver!.ToAnsi();
        }
    }

    public string[] Lines => Text.Split('\n');

    // The driver ends each row with a line break, the last one, too.
    private static string[] Rows(string text) => text.ReplaceLineEndings("\n").Split('\n')[..^1];

    /// <summary>Publishes a snapshot as the snapshot thread does, and lets the screen find it.</summary>
    public void Publish(int flows, ulong kernelDrops = 0, string notice = "", Action<TrafficSnapshot>? change = null)
    {
        SampleTraffic.Fill(Exchange.Writing, flows, kernelDrops, notice);
        SampleTraffic.Answer(Exchange.Writing, Exchange.Request);
        change?.Invoke(Exchange.Writing);
        Exchange.Publish();
        Tick();
    }

    /// <summary>Goes through the main loop once.</summary>
    public void Tick()
    {
        _time.Advance(TimeSpan.FromMilliseconds(110));
        _app.TimedEvents!.RunTimers();
        Window.Poll();
    }

    public void Draw() => _app.LayoutAndDraw();

    public void Press(params Key[] keys)
    {
        foreach (Key key in keys)
        {
            _app.InjectKey(key);
            Draw();
        }
    }

    public void Type(string text) => Press([.. text.Select(c => new Key(c))]);

    public void Paste(string text) => _app.RaisePasteEvent(text);

    public void Click(int column, int row)
    {
        _app.InjectSequence(InputInjectionExtensions.LeftButtonClick(new Point(column, row)));
        Draw();
    }

    public void Wheel(bool down, int column, int row)
    {
        _app.InjectMouse(new Mouse
        {
            Flags = down ? MouseFlags.WheeledDown : MouseFlags.WheeledUp, ScreenPosition = new Point(column, row),
        });
        Draw();
    }

    public void Resize(int width, int height)
    {
        _app.Driver!.SetScreenSize(width, height);
        Draw();
    }

    public void Dispose()
    {
        _app.End(_session);
        Window.Dispose();
        SynchronizationContext? context = SynchronizationContext.Current;
        _app.Dispose();
        SynchronizationContext.SetSynchronizationContext(context);
    }
}

/// <summary>It is always noon.</summary>
internal sealed class StoppedClock : TimeProvider
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Noon;
}

/// <summary>Export that only remembers what it was told.</summary>
internal sealed class FakeExport : IExportControl
{
    public ExportState Now = new() { Collector = "", Problem = "" };

    public ExportState State => Now;

    public List<string> Urls { get; } = [];

    /// <summary>What a test of a collector gives, when it gives something.</summary>
    public TaskCompletionSource<(bool IsWell, string Sentence)> Test { get; set; } = new();

    public int Saved { get; private set; }

    public void SwitchOn() => Now.IsOn = true;

    public void SwitchOff() => Now.IsOn = false;

    public bool TryAddCollector(string url, out string reason) => TryPut(Urls.Count, url, out reason);

    public bool TryReplaceCollector(string url, string newUrl, out string reason)
    {
        int place = Urls.IndexOf(url);
        bool isTaken = TryPut(place, newUrl, out reason);
        if (isTaken)
            RemoveCollector(url);
        return isTaken;
    }

    public void RemoveCollector(string url)
    {
        Urls.Remove(url);
        Show();
    }

    public Task<(bool IsWell, string Sentence)> TestCollectorAsync(string url, CancellationToken cancellation) => Test.Task;

    public string Save()
    {
        Saved++;
        return "Saved to a file";
    }

    private bool TryPut(int place, string url, out string reason)
    {
        bool isUrl = url.StartsWith("udp://", StringComparison.Ordinal) && url.Length > 6;
        reason = isUrl ? "" : $"'{url}' is no collector.";
        if (isUrl)
            Urls.Insert(place, url);
        Show();
        return isUrl;
    }

    private void Show()
    {
        Now.Collector = string.Join(' ', Urls);
        Now.Collectors = [.. Urls.Select(url => new CollectorRow { Url = url, State = Now.IsOn ? "up" : "off" })];
    }
}

/// <summary>Remembers what it was told to save.</summary>
internal sealed class FakeSettingsStore : ISettingsStore
{
    public string Place => "/home/a/.config/xdptop/config.toml";

    public (ScreenSettings Settings, TimeSpan Interval)? Saved { get; private set; }

    public string Save(ScreenSettings settings, TimeSpan interval)
    {
        Saved = (settings, interval);
        return $"Saved to {Place}";
    }
}
