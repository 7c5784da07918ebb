using System.Runtime.InteropServices;
using Terminal.Gui.App;
using Terminal.Gui.Drivers;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Names;
using XdpTop.Ui.ViewModels;
using XdpTop.Ui.Views;
using Glyphs = XdpTop.Ui.ViewModels.Glyphs;

namespace XdpTop.Ui;

/// <summary>The screen: runs on the calling thread until the user quits.</summary>
internal static class Screen
{
    /// <summary>The smallest terminal, in columns and rows, that a flow fits into.</summary>
    public const int MinimumWidth = 60;
    public const int MinimumHeight = 10;

    /// <summary>Signals which .NET has on every system but Windows, and so has a warning for.</summary>
#pragma warning disable CA1416
    private const PosixSignal TerminalStop = PosixSignal.SIGTSTP;
    private const PosixSignal TerminalGo = PosixSignal.SIGCONT;
#pragma warning restore CA1416

    /// <summary>.NET's console switches the keypad's application mode on, but not off: cursor keys would confuse simple shells.</summary>
    private const string KeypadModeOff = "\e[?1l\e>";

    /// <summary>A terminal that has no second screen to go back from would keep the last frame, with the shell's prompt in it.</summary>
    private static readonly byte[] s_clear = "\e[0m\e[H\e[2J"u8.ToArray();

    /// <summary>
    /// Takes the terminal, shows snapshots as they come, and gives the terminal back, whatever happens. Returns when
    /// the user quits or the token is cancelled (by SIGTERM, for instance).
    /// </summary>
    /// <param name="exchange">Where snapshots come from; its request is what the user wants to see.</param>
    /// <param name="export">IPFIX export, for the keys and the menu.</param>
    /// <param name="requestChanged">
    /// Called on this thread when the request is a new one: it should make the snapshot thread take one now.
    /// </param>
    /// <param name="terminal">The one that standard input and output are.</param>
    /// <param name="settings">To begin with; a default theme has no colours where the environment asks for that.</param>
    /// <param name="store">Where settings are saved.</param>
    /// <param name="hostNames">Where the names of hosts come from when they are to be shown.</param>
    /// <param name="cancellation">Ends the screen from any thread.</param>
    public static void Run(
        SnapshotExchange exchange, IExportControl export, Action requestChanged, ITerminal terminal, ScreenSettings settings,
        ISettingsStore? store, INameSource? hostNames, CancellationToken cancellation)
    {
        // The kernel knows the terminal's size: Terminal.Gui would ask the terminal twice a second, and not all answer.
        Driver.SizeDetection = SizeDetectionMode.Polling;
        ScreenModel screen = new(exchange, export, requestChanged)
        {
            Settings = settings with { Theme = Themes.OrAsTheEnvironmentAsks(settings.Theme) }, SettingsStore = store, HostNames = hostNames,
        };
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                Show(screen, terminal, cancellation);
            }
            finally
            {
                Console.Out.Write(KeypadModeOff);
            }
            if (!screen.IsStopping)
                return;
            using ManualResetEventSlim goesOn = new();
            using PosixSignalRegistration go = PosixSignalRegistration.Create(TerminalGo, context =>
            {
                context.Cancel = true; // else .NET would set the terminal up its own way, after Terminal.Gui
                goesOn.Set();
            });
            terminal.StopProcess();
            goesOn.Wait(TimeSpan.FromSeconds(1), CancellationToken.None);
        }
    }

    /// <summary>Shows the screen until the user quits, or wants the process stopped.</summary>
    private static void Show(ScreenModel screen, ITerminal terminal, CancellationToken cancellation)
    {
        screen.IsStopping = false;
        using IApplication app = Application.Create();
        Init(app);
        using CrashGuard guard = new(() =>
        {
            app.Dispose();
            Console.Out.Write(KeypadModeOff);
        });
        using MainWindow window = Open(app, screen, new Palette(screen.Theme, Glyphs.FromEnvironment()), new FrameWriter(terminal));
        _ = new LoopPace(app, terminal, window);
        using CancellationTokenRegistration registration =
            cancellation.Register(() => app.Invoke(() => app.RequestStop(window)));
        using PosixSignalRegistration stop = PosixSignalRegistration.Create(TerminalStop, context =>
        {
            context.Cancel = true; // not before the terminal is given back
            app.Invoke(window.Stop);
        });
        app.Run(window);
        terminal.Write(s_clear);
    }

    /// <summary>
    /// Terminal.Gui looks for xclip by a shell that it looks for in the working directory, too: with neither that nor a
    /// path it finds none, and nobody can have us run theirs. What is copied goes through the terminal.
    /// </summary>
    private static void Init(IApplication app)
    {
        string directory = Environment.CurrentDirectory;
        string? path = Environment.GetEnvironmentVariable("PATH");
        Environment.CurrentDirectory = "/";
        Environment.SetEnvironmentVariable("PATH", "/nonexistent");
        try
        {
            app.Init(DriverRegistry.Names.ANSI);
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
            Environment.CurrentDirectory = directory;
        }
    }

    /// <summary>The window, for an application that is ready to run it.</summary>
    /// <param name="writer">What brings it to the terminal; null to leave that to Terminal.Gui.</param>
    internal static MainWindow Open(IApplication app, ScreenModel screen, Palette palette, FrameWriter? writer = null)
    {
        // The terminal's own sixteen colours, as its user has chosen them.
        app.Driver!.Force16Colors = true;
        MainWindow window = new(screen, palette, writer);
        app.Keyboard.KeyDown += (_, key) => window.HandleEverywhere(key);
        app.Paste += (_, paste) =>
        {
            window.Paste(paste.Text);
            paste.Handled = true;
        };
        return window;
    }
}
