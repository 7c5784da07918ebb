using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Terminal.Gui.Drawing;
using Terminal.Gui.Drivers;
using Terminal.Gui.Text;
using Attribute = Terminal.Gui.Drawing.Attribute;

namespace XdpTop.Ui.Views;

/// <summary>
/// Brings what has changed of the driver's output buffer to the terminal, by one write for each frame, and marks it as
/// brought. Terminal.Gui's own way makes a write, and several strings and arrays, of each run of changed cells and of each
/// move of the cursor between them. UI thread only.
/// </summary>
internal sealed class FrameWriter(ITerminal terminal)
{
    /// <summary>The cursor is hidden, and a terminal that knows how to (DEC private mode 2026) shows all of the frame at once.</summary>
    private static readonly byte[] s_begin = "\e[?25l\e[?2026h"u8.ToArray();

    // Terminal.Gui takes the terminal to have no style when it writes for the first time.
    private static readonly byte[] s_end = "\e[0m\e[?2026l"u8.ToArray();

    /// <summary>Characters below take one column each on every terminal.</summary>
    private const char FirstThatMayBeWide = '\u1100';

    private readonly ArrayBufferWriter<byte> _frame = new(1 << 14);
    private readonly Dictionary<Attribute, byte[]> _sequences = [];

    public void Write(IOutputBuffer buffer)
    {
        if (buffer.Contents is not { } cells)
            return;
        _frame.ResetWrittenCount();
        Attribute? style = null;
        int rows = Math.Min(cells.GetLength(0), buffer.DirtyLines.Length), columns = cells.GetLength(1);
        for (int row = 0; row < rows; row++)
        {
            if (!buffer.DirtyLines[row])
                continue;
            buffer.DirtyLines[row] = false;
            WriteRow(cells, row, columns, ref style);
        }
        if (_frame.WrittenCount == 0)
            return;
        _frame.Write(s_end);
        terminal.Write(_frame.WrittenSpan);
    }

    private void WriteRow(Cell[,] cells, int row, int columns, ref Attribute? style)
    {
        int cursor = -1; // the column that it is at, if it is in this row
        for (int column = 0; column < columns; column++)
        {
            ref Cell cell = ref cells[row, column];
            if (!cell.IsDirty)
                continue;
            cell.IsDirty = false;
            if (_frame.WrittenCount == 0)
                _frame.Write(s_begin);
            if (cursor != column)
                MoveTo(row, column);
            if (cell.Attribute is { } wanted && wanted != style)
            {
                style = wanted;
                _frame.Write(SequenceOf(wanted));
            }
            string grapheme = cell.Grapheme is { Length: > 0 } text ? text : " ";
            _frame.Advance(Encoding.UTF8.GetBytes(grapheme, _frame.GetSpan(Encoding.UTF8.GetMaxByteCount(grapheme.Length))));
            if (grapheme[0] >= FirstThatMayBeWide && grapheme.GetColumns() > 1 && column + 1 < columns)
                cells[row, ++column].IsDirty = false;
            cursor = column + 1;
        }
    }

    /// <summary>CUP of ECMA-48: rows and columns from 1.</summary>
    private void MoveTo(int row, int column)
    {
        _frame.Write("\e["u8);
        WriteNumber(row + 1);
        _frame.Write(";"u8);
        WriteNumber(column + 1);
        _frame.Write("H"u8);
    }

    private void WriteNumber(int number)
    {
        const int MostDigits = 11;
        Utf8Formatter.TryFormat(number, _frame.GetSpan(MostDigits), out int length);
        _frame.Advance(length);
    }

    private byte[] SequenceOf(Attribute attribute)
    {
        if (!_sequences.TryGetValue(attribute, out byte[]? sequence))
            _sequences[attribute] = sequence = MakeSequence(attribute);
        return sequence;
    }

    /// <summary>SGR of ECMA-48: whatever was before, then the styles, then the colours, of sixteen.</summary>
    private static byte[] MakeSequence(Attribute attribute)
    {
        const int Background = 10; // more than the same colour's foreground
        StringBuilder text = new("\e[0");
        foreach ((TextStyle style, int code) in (ReadOnlySpan<(TextStyle, int)>)
            [(TextStyle.Bold, 1), (TextStyle.Faint, 2), (TextStyle.Italic, 3), (TextStyle.Underline, 4), (TextStyle.Blink, 5), (TextStyle.Reverse, 7), (TextStyle.Strikethrough, 9)])
        {
            if (attribute.Style.HasFlag(style))
                text.Append(';').Append(code);
        }
        if (attribute.Foreground != Color.None)
            text.Append(';').Append((int)attribute.Foreground.GetAnsiColorCode());
        if (attribute.Background != Color.None)
            text.Append(';').Append((int)attribute.Background.GetAnsiColorCode() + Background);
        return Encoding.ASCII.GetBytes(text.Append('m').ToString());
    }
}
