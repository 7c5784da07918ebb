using System.Globalization;
using System.Text.RegularExpressions;
using Terminal.Gui.Input;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Tests.Ui;

/// <summary>What goes to the terminal, on a terminal that only knows what ECMA-48 says of it.</summary>
public sealed partial class FrameWriterTests
{
    private readonly FakeTerminal _terminal = new();

    [Theory]
    [InlineData(80, 24)]
    [InlineData(200, 60)]
    public void The_terminal_shows_what_was_drawn(int width, int height)
    {
        using TestScreen screen = new(width, height, terminal: _terminal);
        Grid grid = new(width, height);
        grid.Take(_terminal.Take());
        Assert.Equal(screen.Text, grid.Text);
        foreach (Key key in (Key[])[new Key('2'), new Key('5'), new Key('1'), new Key('j'), new Key('a'), Key.F9, Key.CursorRight, Key.Esc, new Key('?'), Key.Esc, new Key('/'), new Key('x')])
        {
            screen.Press(key);
            screen.Publish(30);
            screen.Draw();
            grid.Take(_terminal.Take());
            Assert.Equal(screen.Text, grid.Text);
        }
    }

    [Fact]
    public void A_frame_is_one_write_and_only_of_what_has_changed()
    {
        using TestScreen screen = new(200, 60, terminal: _terminal);
        int before = _terminal.Writes, all = _terminal.Take().Length;
        screen.Draw();
        Assert.Equal((before, ""), (_terminal.Writes, _terminal.Take()));
        screen.Press(new Key('j'));
        Assert.Equal(before + 1, _terminal.Writes);
        Assert.InRange(_terminal.Take().Length, 1, all / 4);
    }

    [Fact]
    public void Styles_and_colours_are_those_of_the_theme_and_end_with_the_frame()
    {
        using TestScreen screen = new(80, 24, kernelDrops: 5, terminal: _terminal);
        string frame = _terminal.Take();
        Assert.StartsWith("\e[?25l\e[?2026h\e[1;1H", frame, StringComparison.Ordinal);
        Assert.EndsWith("\e[0m\e[?2026l", frame, StringComparison.Ordinal);
        Assert.Contains("\e[0;7;32m", frame, StringComparison.Ordinal); // a heading
        Assert.Contains("\e[0;1;31m", frame, StringComparison.Ordinal); // a warning
    }

    [Fact]
    public void A_menu_has_the_colours_of_the_theme()
    {
        using TestScreen screen = new(80, 24, settings: new() { Theme = Theme.Mono }, terminal: _terminal);
        screen.Tick();
        screen.Press(Key.F9);
        Assert.DoesNotMatch(Colour(), _terminal.Take());
    }

    [GeneratedRegex(@"\e\[[0-9;]*\b(3|4|9|10)[0-7]\b[0-9;]*m")]
    private static partial Regex Colour();

    [GeneratedRegex(@"\e\[(\d+);(\d+)H|\e\[[?0-9;]*[a-zA-Z]|[^\e]")]
    private static partial Regex Piece();

    private sealed class Grid(int width, int height)
    {
        private readonly char[,] _cells = new char[height, width];
        private int _row;
        private int _column;

        public string Text => string.Join('\n', Enumerable.Range(0, height).Select(
            row => string.Concat(Enumerable.Range(0, width).Select(column => _cells[row, column])).TrimEnd()));

        public void Take(string output)
        {
            foreach (Match piece in Piece().Matches(output))
            {
                if (piece.Groups[1].Success)
                {
                    _row = int.Parse(piece.Groups[1].Value, CultureInfo.InvariantCulture) - 1;
                    _column = int.Parse(piece.Groups[2].Value, CultureInfo.InvariantCulture) - 1;
                }
                else if (piece.Value[0] != '\e')
                {
                    _cells[_row, _column++] = piece.Value[0];
                }
            }
        }
    }
}
