namespace XdpTop.Ui.ViewModels;

/// <summary>The Export view: the collectors, and what becomes of the records.</summary>
internal sealed class ExportModel(ScreenModel screen) : PageModel
{
    private const int LabelWidth = 12;

    public override IReadOnlyList<string> Help { get; } =
    [
        "Export: Flow Records go to a collector as they end, by IPFIX. While export is",
        "off they wait, the newest 65,536 of them. E: on or off; C: the collector.",
    ];

    public override void Draw(CellGrid grid)
    {
        ExportState export = screen.ExportSince;
        grid.Paint(0, Style.Heading);
        grid.Write(1, 0, "Collector", Style.Heading);
        int row = 2;
        bool hasCollector = export.Collector is { Length: > 0 };
        DrawLine(grid, ref row, "Collector", hasCollector ? export.Collector : "none: C asks for one, as udp://host:4739", hasCollector ? Style.Strong : Style.Faint);
        DrawLine(grid, ref row, "Export", export.IsOn ? "on" : "off: E switches it on", export.IsOn ? Style.Good : Style.Strong);
        if (export.Problem is { Length: > 0 } problem)
            DrawLine(grid, ref row, "Problem", problem, Style.Warning);
        row++;
        DrawCount(grid, ref row, "Sent", export.RecordsSent, "records that have been sent", isLoss: false);
        DrawCount(grid, ref row, "Waiting", (ulong)export.RecordsWaiting, "records that have ended and wait to be sent", isLoss: false);
        DrawCount(grid, ref row, "Lost", export.RecordsLost, "records that could not be kept or sent: the collector or the way to it is too slow, or was away too long", isLoss: true);
        DrawCount(grid, ref row, "Dropped", screen.Totals.RecordsDropped, "records that found no room on their way from the workers: outputs are too slow", isLoss: true);
    }

    private static void DrawLine(CellGrid grid, ref int row, string label, ReadOnlySpan<char> value, Style style)
    {
        grid.Write(1, row, label, Style.Faint);
        grid.WriteFitted(LabelWidth, row++, grid.Width - LabelWidth, value, right: false, style);
    }

    private static void DrawCount(CellGrid grid, ref int row, string label, ulong count, string meaning, bool isLoss)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        int length = NumberText.WriteCount(count, text);
        grid.Write(1, row, label, Style.Faint);
        grid.WriteFitted(LabelWidth, row, 6, text[..length], right: true, isLoss && count > 0 ? Style.Warning : Style.Strong);
        grid.WriteFitted(LabelWidth + 8, row++, grid.Width - LabelWidth - 8, meaning, right: false, Style.Faint);
    }
}
