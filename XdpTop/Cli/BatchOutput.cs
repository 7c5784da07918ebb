using System.Buffers;
using System.Text;
using XdpTop.Export;
using XdpTop.Monitoring;
using XdpTop.Ui;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Cli;

/// <summary>What --batch prints at each refresh: the screen's tables as text, or JSON Lines. Used by one thread.</summary>
internal sealed class BatchOutput(Stream output, SnapshotExchange exchange, IExportControl export, FlowRecordJson? json)
{
    /// <summary>Wide enough for every column, and for IPv6 addresses in full.</summary>
    private const int Width = 200;

    private readonly ScreenModel _screen = new(exchange, export, () => { });
    private readonly CellGrid _grid = new();
    private readonly ArrayBufferWriter<byte> _text = new();

    /// <summary>Prints the newest snapshot; when nobody reads any more, nowhere.</summary>
    /// <exception cref="IOException">It cannot be written, as on a full disk.</exception>
    public void Print()
    {
        _screen.Poll();
        TrafficSnapshot snapshot = _screen.Snapshot;
        _text.ResetWrittenCount();
        if (json is null)
            WriteTables(snapshot);
        else
            WriteJson(json, snapshot);
        output.Write(_text.WrittenSpan);
        output.Flush();
    }

    private void WriteJson(FlowRecordJson records, TrafficSnapshot snapshot)
    {
        SummaryText.WriteJson(_text, "interval", in snapshot.Totals, snapshot.Interfaces, snapshot);
        for (int i = 0; i < snapshot.RowCount; i++)
        {
            ref readonly FlowRow row = ref snapshot.Rows[i];
            if (!row.IsBiflow)
                records.WriteLive(_text, in row.Record, row.PacketsPerSecond, row.OctetsPerSecond);
            else
            {
                records.WriteLiveBiflow(
                    _text, in row.Record, row.PacketsPerSecond, row.OctetsPerSecond,
                    in row.Reverse, row.ReversePacketsPerSecond, row.ReverseOctetsPerSecond);
            }
        }
    }

    private void WriteTables(TrafficSnapshot snapshot)
    {
        _grid.Reset(Width, HeaderModel.Height);
        HeaderModel.Draw(_grid, _screen);
        WriteGrid();
        _grid.Reset(Width, snapshot.RowCount + 1);
        _screen.Flows.Draw(_grid);
        WriteGrid();
        _text.Write("\n"u8);
    }

    private void WriteGrid()
    {
        for (int row = 0; row < _grid.Height; row++)
        {
            Encoding.UTF8.GetBytes(_grid.Characters(row).TrimEnd(), _text);
            _text.Write("\n"u8);
        }
    }
}
