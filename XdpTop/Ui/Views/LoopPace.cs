using Terminal.Gui.App;

namespace XdpTop.Ui.Views;

/// <summary>
/// How fast Terminal.Gui's main loop goes round. By itself it looks for keys and the terminal's size 25 times a second,
/// whether there are any or not; here a round waits until something is typed, for a while, and for a moment after that
/// rounds are short. UI thread only.
/// </summary>
internal sealed class LoopPace
{
    /// <summary>Cheap, and far shorter than what the eye takes for a delay of a snapshot or of a new size.</summary>
    private static readonly TimeSpan s_longWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Terminal.Gui's own thread reads what was typed, some milliseconds after it was.</summary>
    private static readonly TimeSpan s_shortWait = TimeSpan.FromMilliseconds(4);

    /// <summary>By then Terminal.Gui has read the key, has told Esc from what begins with it, and what was asked for can be shown.</summary>
    private static readonly TimeSpan s_attention = TimeSpan.FromMilliseconds(250);

    private readonly IApplication _app;
    private readonly ITerminal _terminal;
    private readonly MainWindow _window;
    private bool _hasBegun;
    private long _attentiveUntil;

    /// <param name="window">Looks for what is new in each round but the first one, which draws.</param>
    public LoopPace(IApplication app, ITerminal terminal, MainWindow window)
    {
        (_app, _terminal, _window) = (app, terminal, window);
        // It would sleep after each round, and nothing could wake it.
        Application.MaximumIterationsPerSecond = 1000;
        app.Iteration += (_, _) => NextRound();
    }

    private void NextRound()
    {
        // Else it would be written in every round.
        if (_app.Driver is { } driver && driver.GetCursor() == _window.Cursor)
            driver.SetCursorNeedsUpdate(false);
        if (!_hasBegun)
        {
            _hasBegun = true;
            PayAttention(); // the first snapshot is about to come
            return;
        }
        bool isAttentive = Environment.TickCount64 < _attentiveUntil;
        if (isAttentive)
            Thread.Sleep(s_shortWait); // what was typed may be there still: that would be no wait
        if (_terminal.WaitForInput(isAttentive ? TimeSpan.Zero : s_longWait))
            PayAttention();
        _window.Poll();
    }

    private void PayAttention() => _attentiveUntil = Environment.TickCount64 + (long)s_attention.TotalMilliseconds;
}
