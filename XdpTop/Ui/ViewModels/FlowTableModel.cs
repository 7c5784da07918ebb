using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

/// <summary>
/// The flow table: a heading and the rows that fit below it. Formats only the rows that are visible, and does not
/// allocate while its width stays. The cursor, once the user has set it, stays on its flow, or
/// conversation, wherever that moves to.
/// </summary>
internal sealed class FlowTableModel
{
    private (FlowColumn Column, int At, int Width)[] _columns = [];
    private int _width = -1;
    private bool _biflows;
    private int _visibleRows = 1;
    private int _rowCount;
    private FlowKey _cursorKey;
    private FlowKey _cursorReverseKey; // zeros where it has been seen alone
    private byte _cursorObservationPoint;

    /// <summary>The row under the cursor, or -1 while the user has not asked for one.</summary>
    public int Cursor { get; private set; } = -1;

    /// <summary>The first visible row.</summary>
    public int Top { get; private set; }

    /// <summary>How far PgUp and PgDn go.</summary>
    public int PageSize => Math.Max(1, _visibleRows - 1);

    /// <summary>Writes heading and rows to the grid.</summary>
    public void Draw(CellGrid grid, TrafficSnapshot snapshot, SnapshotRequest request)
    {
        if (grid.Width != _width || request.Biflows != _biflows)
            _columns = FlowColumn.Layout(_width = grid.Width, _biflows = request.Biflows);
        _visibleRows = Math.Max(1, grid.Height - 1);
        _rowCount = snapshot.RowCount;
        FollowCursor(snapshot);
        KeepInSight();
        DrawHeading(grid, request);
        if (_rowCount == 0)
        {
            grid.Write(2, 2, Absence(snapshot, request), Style.Faint);
            return;
        }
        for (int line = 1; line < grid.Height && Top + line - 1 < _rowCount; line++)
        {
            int row = Top + line - 1;
            DrawRow(grid, line, in snapshot.Rows[row], snapshot.Time, row == Cursor);
        }
    }

    /// <summary>What a click on the heading at this column of the table sorts by, or null.</summary>
    public FlowSortKey? SortKeyAt(int column)
    {
        foreach ((FlowColumn candidate, int at, int width) in _columns)
        {
            // The gap after a column is the column's, too.
            if (column >= at && column <= at + width)
                return candidate.SortKey;
        }
        return null;
    }

    /// <summary>Moves the cursor by some rows; the first move puts it on the first visible row.</summary>
    public void MoveCursor(int rows, TrafficSnapshot snapshot) =>
        PutCursor(Cursor < 0 ? Top : Cursor + rows, snapshot);

    /// <summary>Puts the cursor on this row, or on the nearest one there is.</summary>
    public void PutCursor(int row, TrafficSnapshot snapshot)
    {
        _rowCount = snapshot.RowCount;
        if (_rowCount == 0)
            return;
        Cursor = Math.Clamp(row, 0, _rowCount - 1);
        Remember(snapshot);
        KeepInSight();
    }

    /// <summary>Puts the cursor on a visible row, counted from the first one below the heading; not where there is none.</summary>
    public void ClickRow(int line, TrafficSnapshot snapshot)
    {
        if (Top + line < snapshot.RowCount)
            PutCursor(Top + line, snapshot);
    }

    /// <summary>Takes the cursor away and goes back to the first row.</summary>
    public void RemoveCursor()
    {
        Cursor = -1;
        Top = 0;
    }

    /// <summary>Moves the rows without the cursor, as the mouse wheel does; a cursor that gets out of sight comes along.</summary>
    public void Scroll(int rows, TrafficSnapshot snapshot)
    {
        _rowCount = snapshot.RowCount;
        Top = Math.Clamp(Top + rows, 0, LastTop);
        if (Cursor >= 0)
            PutCursor(Math.Clamp(Cursor, Top, Top + _visibleRows - 1), snapshot);
    }

    private int LastTop => Math.Max(0, _rowCount - _visibleRows);

    private void FollowCursor(TrafficSnapshot snapshot)
    {
        if (Cursor < 0)
            return;
        int found = Find(in _cursorKey, snapshot);
        if (found < 0 && _cursorReverseKey.IpVersion != 0)
            found = Find(in _cursorReverseKey, snapshot); // this direction has ended, the other one goes on
        // The flow has ended, or is not among the first any more: the cursor goes to the one that took its place.
        Cursor = found >= 0 ? found : Math.Min(Cursor, _rowCount - 1);
        if (Cursor >= 0)
            Remember(snapshot);
    }

    /// <summary>The row that has this flow, in either direction; −1 if there is none.</summary>
    private int Find(in FlowKey key, TrafficSnapshot snapshot)
    {
        for (int row = 0; row < _rowCount; row++)
        {
            ref readonly FlowRow candidate = ref snapshot.Rows[row];
            if (candidate.Record.ObservationPoint == _cursorObservationPoint
                && (candidate.Record.Key.Equals(key) || (candidate.IsBiflow && candidate.Reverse.Key.Equals(key))))
                return row;
        }
        return -1;
    }

    private void Remember(TrafficSnapshot snapshot)
    {
        ref readonly FlowRow row = ref snapshot.Rows[Cursor];
        _cursorKey = row.Record.Key;
        _cursorReverseKey = row.IsBiflow ? row.Reverse.Key : default;
        _cursorObservationPoint = row.Record.ObservationPoint;
    }

    private void KeepInSight()
    {
        if (Cursor >= 0)
            Top = Math.Clamp(Top, Math.Max(0, Cursor - _visibleRows + 1), Cursor);
        Top = Math.Clamp(Top, 0, LastTop);
    }

    private void DrawHeading(CellGrid grid, SnapshotRequest request)
    {
        grid.Paint(0, Style.Heading);
        foreach ((FlowColumn column, int at, int width) in _columns)
        {
            bool isSorted = column.SortKey == request.SortKey;
            Style style = isSorted ? Style.SortHeading : Style.Heading;
            grid.WriteFitted(at, 0, width, column.Heading, column.IsRight, style);
            if (isSorted)
            {
                int mark = column.IsRight ? at + width - column.Heading.Length - 1 : at + column.Heading.Length;
                grid.Write(mark, 0, request.Inverse ? "▲" : "▼", style);
            }
        }
    }

    private void DrawRow(CellGrid grid, int line, in FlowRow row, long now, bool isCursor)
    {
        Style style = isCursor ? Style.Cursor : Style.Normal;
        if (isCursor)
            grid.Paint(line, style);
        Span<char> text = stackalloc char[64];
        foreach ((FlowColumn column, int at, int width) in _columns)
        {
            int length = Format(column.Field, in row, now, width, text);
            grid.WriteFitted(at, line, width, text[..length], column.IsRight, style);
        }
    }

    private static int Format(FlowField field, in FlowRow row, long now, int width, Span<char> text)
    {
        ref readonly FlowRecord record = ref row.Record;
        ref readonly FlowKey key = ref record.Key;
        return field switch
        {
            FlowField.Source => FlowText.WriteAddress(in key.Source, key.IpVersion, text[..width]),
            FlowField.SourcePort => FlowText.WriteSourcePort(in key, text),
            FlowField.Destination => FlowText.WriteAddress(in key.Destination, key.IpVersion, text[..width]),
            FlowField.DestinationPort => FlowText.WriteDestinationPort(in key, text),
            FlowField.Protocol => ProtocolNames.Write(key.Protocol, text),
            FlowField.Direction => FlowText.WriteDirection(in key, text),
            FlowField.Vlan => FlowText.WriteVlan(in key, text),
            FlowField.Mark => FlowText.WriteMark(row.IsBiflow, text),
            FlowField.BitRate => NumberText.WriteRate(8 * row.TotalOctetsPerSecond, text),
            FlowField.ForwardBitRate => NumberText.WriteRate(8 * row.OctetsPerSecond, text),
            FlowField.ReverseBitRate => row.IsBiflow ? NumberText.WriteRate(8 * row.ReverseOctetsPerSecond, text) : 0,
            FlowField.PacketRate => NumberText.WriteRate(row.TotalPacketsPerSecond, text),
            FlowField.Octets => NumberText.WriteCount(row.Octets, text),
            FlowField.Packets => NumberText.WriteCount(row.Packets, text),
            FlowField.TcpFlags => FlowText.WriteTcpFlags(in record, text, row.Reverse.TcpFlags),
            FlowField.Age => NumberText.WriteAge(now - record.Start, text),
            _ => NumberText.WriteAge(now - row.End, text),
        };
    }

    private static string Absence(TrafficSnapshot snapshot, SnapshotRequest request) =>
        snapshot.Number == 0 ? "Waiting for the first look at the traffic…"
        : snapshot.LiveFlows > 0 && request.Filter.Text.Length > 0 ? "No flow matches the filter."
        : "No flows yet.";
}
