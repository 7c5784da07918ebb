using System.Drawing;
using Terminal.Gui.Drivers;
using Terminal.Gui.Input;
using Terminal.Gui.ViewBase;
using Terminal.Gui.Views;
using XdpTop.Ui.ViewModels;
using Cursor = Terminal.Gui.Drivers.Cursor;

namespace XdpTop.Ui.Views;

/// <summary>
/// The whole screen: menu bar, header, the view that is chosen, and the line of keys. No view within takes the focus:
/// all keys come here.
/// </summary>
internal sealed class MainWindow : Runnable
{
    private const int WheelRows = 3;

    /// <summary>What the menus' names take of the first line.</summary>
    private const int MenuWidth = 34;

    // Two quick clicks are two clicks where they open nothing.
    private const MouseFlags AnyClick =
        MouseFlags.LeftButtonClicked | MouseFlags.LeftButtonDoubleClicked | MouseFlags.LeftButtonTripleClicked;

    private readonly ScreenModel _screen;
    private readonly ScreenKeys _keys;
    private readonly Palette _palette;
    private readonly FrameWriter? _writer;
    private readonly MenuBar _menu;
    private readonly CellView _tabs;
    private readonly CellView _header;
    private readonly CellView _body;
    private readonly CellView _keyLine;
    private readonly CellView _tooSmall;
    private int _headerHeight = -1;
    private int _footHeight = -1;
    private int _width;
    private Theme _theme;
    private bool _sortsGroups;
    private bool _menuIsFilled;
    private bool _isQuitting;

    /// <param name="writer">What brings frames to the terminal; null to leave that to Terminal.Gui.</param>
    public MainWindow(ScreenModel screen, Palette palette, FrameWriter? writer = null)
    {
        _screen = screen;
        _writer = writer;
        _keys = new ScreenKeys(screen);
        _palette = palette;
        _theme = screen.Theme;
        SetScheme(palette.Menu);
        Border.Settings &= ~BorderSettings.TerminalTitle; // whoever has given the terminal one wants it back
        _menu = ScreenMenu.Create();
        _menu.SetScheme(palette.Menu);
        _tabs = new CellView(palette, grid => TabsModel.Draw(grid, screen.Page)) { X = Pos.AnchorEnd(TabsModel.Width), Width = TabsModel.Width, Height = 1 };
        _header = new CellView(palette, grid => HeaderModel.Draw(grid, screen)) { Y = 1 };
        _body = new CellView(palette, grid => screen.Current.Draw(grid));
        _keyLine = new CellView(palette, grid => KeyLineModel.Draw(grid, screen));
        _tooSmall = new CellView(palette, DrawTooSmall) { Height = Dim.Fill(), Visible = false };
        _body.MouseEvent += (_, mouse) => OnBodyMouse(mouse);
        _tabs.MouseEvent += (_, mouse) => OnTabsMouse(mouse);
        Add(_menu, _tabs, _header, _body, _keyLine, _tooSmall);
        FrameChanged += (_, _) => Arrange();
        Arrange();
    }

    /// <summary>Draws what is new, if there is anything.</summary>
    public void Poll()
    {
        FillMenu();
        if (_screen.Poll())
            Update();
    }

    /// <summary>
    /// Keys that mean the same wherever they are pressed, in an open menu, too: Ctrl-C and F10 quit, Ctrl-Z stops, and Ctrl-V does nothing, since
    /// Terminal.Gui would run a program to read the clipboard (what is pasted into the terminal comes without it).
    /// </summary>
    public void HandleEverywhere(Key key)
    {
        if (key == Key.C.WithCtrl || key == Key.F10)
            Quit();
        else if (key == Key.Z.WithCtrl)
            Stop();
        else if (key != Key.V.WithCtrl && key != Key.X.WithCtrl)
            return;
        key.Handled = true;
    }

    /// <summary>Gives the terminal back for the process to be stopped.</summary>
    public void Stop()
    {
        _screen.IsStopping = true;
        Quit();
    }

    /// <summary>What lies in it covers it whole, and draws all of its own cells: there is nothing to clear before.</summary>
    protected override bool OnClearingViewport() => true;

    /// <summary>This window is drawn after the menu that may lie over it.</summary>
    protected override void OnDrawComplete(DrawContext? context)
    {
        base.OnDrawComplete(context);
        // Where it stands is known when the prompt has been drawn.
        Cursor = _screen.Prompt is { } prompt && !_tooSmall.Visible
            ? new Cursor { Position = new Point(prompt.CursorColumn, Frame.Height - PromptModel.Height), Style = CursorStyle.SteadyBar }
            : new Cursor { Position = null, Style = CursorStyle.Hidden };
        if (_writer is not null && App?.Driver?.GetOutputBuffer() is { } buffer)
            _writer.Write(buffer);
    }

    protected override bool OnKeyDown(Key key)
    {
        if (App?.Popovers?.GetActivePopover() is View { Visible: true })
            return HandleInMenu(key);
        bool isHandled = _keys.Handle(key);
        if (isHandled)
            Update();
        return isHandled;
    }

    /// <summary>
    /// A key that the menu had no use for. Terminal.Gui moves in menus by keys that no view takes; of all others none means
    /// anything to what lies below.
    /// </summary>
    private static bool HandleInMenu(Key key) =>
        key != Key.CursorUp && key != Key.CursorDown && key != Key.CursorLeft && key != Key.CursorRight
            && key != Key.Tab && key != Key.Tab.WithShift && key != Key.Esc;

    /// <summary>Takes what was pasted into the terminal.</summary>
    public void Paste(string text)
    {
        _screen.Paste(text);
        Update();
    }

    private void Update()
    {
        if (_isQuitting)
            return;
        if (_screen.IsQuitting)
        {
            Quit();
            return;
        }
        if (_theme != _screen.Theme)
        {
            _palette.Show(_theme = _screen.Theme);
            SetScheme(_palette.Menu);
            ScreenMenu.SetScheme(_menu, _palette.Menu);
            SetNeedsDraw();
        }
        if (_menuIsFilled && _sortsGroups != _screen.IsOfGroups)
        {
            _sortsGroups = _screen.IsOfGroups;
            ScreenMenu.Fill(_menu, MenuName.Sort, _screen, _palette.Glyphs, Update);
            ScreenMenu.SetScheme(_menu, _palette.Menu);
        }
        if (_menuIsFilled)
            ScreenMenu.ShowStates(_menu, _screen);
        Arrange();
        _tabs.SetNeedsDraw();
        _header.SetNeedsDraw();
        _body.SetNeedsDraw();
        _keyLine.SetNeedsDraw();
        if (_screen.Copied is { } copied)
            App?.Driver?.WriteRaw(Clipboard52(copied));
        _screen.Copied = null;
        MenuName wanted = _screen.WantedMenu;
        _screen.WantedMenu = MenuName.None;
        if (wanted != MenuName.None)
            OpenMenu(wanted);
    }

    /// <summary>What has a terminal put text into its clipboard: xterm's OSC 52, which needs no other program.</summary>
    private static string Clipboard52(string text) => $"\e]52;c;{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text))}\a";

    private void Arrange()
    {
        bool isTooSmall = Frame is { Width: > 0, Height: > 0 } and not { Width: >= Screen.MinimumWidth, Height: >= Screen.MinimumHeight };
        // The help and the settings need the header's room.
        int header = _screen.Page is ScreenPage.Help or ScreenPage.Settings ? 0 : HeaderModel.Height;
        // Any layout, even an equal one, has Terminal.Gui draw everything again.
        int foot = _screen.Prompt is null ? 1 : PromptModel.Height;
        if (isTooSmall == _tooSmall.Visible && header == _headerHeight && foot == _footHeight && Frame.Width == _width)
            return;
        _footHeight = foot;
        _keyLine.Y = Pos.AnchorEnd(foot);
        _keyLine.Height = foot;
        _body.Height = Dim.Fill(foot);
        _width = Frame.Width;
        _headerHeight = header;
        _tooSmall.Visible = isTooSmall;
        _tabs.Visible = !isTooSmall && Frame.Width >= MenuWidth + TabsModel.Width;
        _menu.Visible = _header.Visible = _body.Visible = _keyLine.Visible = !isTooSmall;
        _header.Height = header;
        _body.Y = 1 + header;
    }

    private void OnTabsMouse(Mouse mouse)
    {
        if ((mouse.Flags & AnyClick) == 0 || mouse.Position is not { } position || TabsModel.PageAt(position.X) is not { } page)
            return;
        _screen.Show(page);
        mouse.Handled = true;
        Update();
    }

    private void DrawTooSmall(CellGrid grid) =>
        grid.WriteLines(0, 0, grid.Height, $"The terminal is too small: {Screen.MinimumWidth}×{Screen.MinimumHeight} is needed. q quits.");

    private void OnBodyMouse(Mouse mouse)
    {
        if (mouse.Flags.HasFlag(MouseFlags.WheeledDown))
            _screen.Scroll(WheelRows);
        else if (mouse.Flags.HasFlag(MouseFlags.WheeledUp))
            _screen.Scroll(-WheelRows);
        else if (mouse.Flags.HasFlag(MouseFlags.LeftButtonDoubleClicked) && mouse.Position is { } place)
            _screen.DoubleClick(place.X, place.Y);
        else if ((mouse.Flags & AnyClick) != 0 && mouse.Position is { } position)
            _screen.Click(position.X, position.Y);
        else
            return;
        mouse.Handled = true;
        Update();
    }

    /// <summary>Not before it is wanted or the first frame is there: the menus take half of the time until then.</summary>
    private void FillMenu()
    {
        if (_menuIsFilled)
            return;
        _menuIsFilled = true;
        _sortsGroups = _screen.IsOfGroups;
        foreach (MenuName menu in ScreenMenu.Names)
            ScreenMenu.Fill(_menu, menu, _screen, _palette.Glyphs, Update);
        ScreenMenu.SetScheme(_menu, _palette.Menu);
    }

    private void OpenMenu(MenuName menu)
    {
        FillMenu();
        MenuBarItem[] items = [.. _menu.SubViews.OfType<MenuBarItem>()];
        if (ScreenMenu.IndexOf(menu) is >= 0 and int index && index < items.Length)
            items[index].InvokeCommand(Command.HotKey);
    }

    private void Quit()
    {
        _isQuitting = true;
        RequestStop();
    }
}
