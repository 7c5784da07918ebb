using System.Globalization;
using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

/// <summary>The lines above the table: what is captured and how, how much, what is lost, and the export's state.</summary>
internal static class HeaderModel
{
    public const int Height = 5;

    /// <summary>Numbers of up to this width do not move what stands after them.</summary>
    private const int NumberWidth = 5;

    private const int LastDrops = 36;
    private const int LongestShare = 15;

    /// <summary>The sparkline: three minutes at most.</summary>
    private const int SparklineColumns = 36;
    private const int SparklineSeconds = 5;

    public static void Draw(CellGrid grid, ScreenModel screen)
    {
        TrafficSnapshot snapshot = screen.Snapshot;
        DrawInterfaces(grid, snapshot.Interfaces);
        if (screen.IsPaused || screen.Request.IsFrozen)
            grid.Write(grid.Width - 9, 0, screen.IsPaused ? " PAUSED " : " FROZEN ", Style.Warning);
        DrawRates(grid, snapshot, screen.Request);
        DrawCoverage(grid, screen.Totals);
        DrawExport(grid, screen.Export);
    }

    private static void DrawInterfaces(CellGrid grid, InterfaceStatus[] interfaces)
    {
        int column = grid.Write(0, 0, "xdptop", Style.Strong) + 2;
        foreach (InterfaceStatus status in interfaces)
        {
            column = grid.Write(column, 0, status.Name, Style.Strong) + 1;
            column = WriteWord(grid, column, status.Mode);
            column = WriteWord(grid, column, status.Attach);
            column = WriteWord(grid, column, status.Bind);
            if (status.MultiBuffer)
                column = WriteWord(grid, column, "multi-buffer");
            if (status.Wait is not "poll")
                column = WriteWord(grid, column, status.Wait);
            if (status.RxQueues > 0)
            {
                column = grid.Write(column, 0, "queues ", Style.Faint);
                column = grid.Write(WriteInteger(grid, column, 0, status.Queues), 0, "/", Style.Faint);
                column = WriteInteger(grid, column, 0, status.RxQueues) + 1;
            }
            if (status.FallBack is not "")
                column = grid.Write(column, 0, status.FallBack, Style.Warning) + 1;
            foreach (InterfaceWarning warning in status.Warnings)
                column = grid.Write(column, 0, warning.Short, Style.Warning) + 1;
            if (status.Notice is not "")
                column = grid.Write(column, 0, status.Notice, Style.Warning) + 1;
            // What else there is to say goes first: the Queues view has this, too.
            if (status.HasCounters && column + LongestShare <= grid.Width)
                column = DrawShare(grid, column, status.Counters.Coverage);
            column++;
        }
    }

    private static int DrawShare(CellGrid grid, int column, double? coverage)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        column = grid.Write(column, 0, "coverage ", Style.Faint);
        return grid.Write(column, 0, text[..NumberText.WriteShare(coverage, text)], coverage < 1 ? Style.Warning : Style.Strong) + 1;
    }

    private static void DrawRates(CellGrid grid, TrafficSnapshot snapshot, SnapshotRequest request)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        int column = WriteAmount(grid, 0, text[..NumberText.WriteRate(snapshot.BitsPerSecond, text)], "bit/s");
        column = WriteAmount(grid, column, text[..NumberText.WriteRate(snapshot.PacketsPerSecond, text)], "pkt/s");
        column = WriteAmount(grid, column, text[..NumberText.WriteRate(snapshot.NewFlowsPerSecond, text)], "new flows/s");
        column = WriteAmount(grid, column, text[..NumberText.WriteCount((ulong)snapshot.LiveFlows, text)], "live flows");
        if (snapshot.Totals.SamplingInterval > 1)
        {
            // Flows' counts and rates are of the packets metered, as they are exported: whoever reads them is to multiply.
            column = grid.Write(column, 1, "sampled 1:", Style.Warning);
            snapshot.Totals.SamplingInterval.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
            column = grid.Write(column, 1, text[..length], Style.Warning) + 2;
        }
        if (request.Filter.Text.Length > 0)
            column = WriteAmount(grid, column, text[..NumberText.WriteCount((ulong)snapshot.MatchingFlows, text)], "match");
        if (request.Filter.Problem is { Length: > 0 } problem)
            grid.Write(column, 1, problem, Style.Warning);
        DrawSparkline(grid, column, 1, snapshot.History);
    }

    /// <summary>The bits of the last minutes, as far as there is room from this column on.</summary>
    private static void DrawSparkline(CellGrid grid, int from, int row, RateHistory history)
    {
        int width = Math.Min(SparklineColumns, grid.Width - from - 1);
        // Columns begin at whole multiples of their time, so that they stay as they are while time goes on.
        long end = (history.To + SparklineSeconds - 1) / SparklineSeconds * SparklineSeconds;
        double highest = 0;
        for (int i = 0; i < width; i++)
            highest = double.MaxNumber(highest, At(i)); // the number, where one of them is none
        for (int i = 0; i < width; i++)
        {
            double value = At(i);
            if (double.IsNaN(value))
                continue;
            // The least that there is, is a line.
            char block = Bar.Column(highest > 0 ? Math.Max(value / highest, 1 / 8.0) : 1 / 8.0);
            grid.Write(grid.Width - 1 - i, row, [block], Style.Graph);
        }

        double At(int i) => history.OctetRate(end - (i + 1) * SparklineSeconds, end - i * SparklineSeconds);
    }

    private static void DrawCoverage(CellGrid grid, in ObservationPointCounters totals)
    {
        int column = WriteCount(grid, 0, 2, "Received", totals.ReceivedPackets);
        column = WriteCount(grid, column, 2, "Metered", totals.MeteredPackets);
        if (totals.Filtered > 0)
            column = WriteCount(grid, column, 2, "Filtered", totals.Filtered);
        if (totals.SamplingInterval > 1)
            column = WriteCount(grid, column, 2, "Sampled out", totals.SampledOut);
        column = WriteCount(grid, column, 2, "Not IP", totals.NotIp);
        column = WriteCount(grid, column, 2, "Malformed", totals.Malformed);
        WriteCount(grid, column, 2, "Truncated", totals.Truncated);
        column = grid.Write(0, 3, "Drops", Style.Faint) + 1;
        column = WriteCount(grid, column, 3, "missed", totals.InterfaceMissed, isLoss: true);
        column = WriteCount(grid, column, 3, "ring full", totals.RingFullDrops, isLoss: true);
        column = WriteCount(grid, column, 3, "other", totals.OtherDrops, isLoss: true);
        column = WriteCount(grid, column, 3, "records", totals.RecordsDropped, isLoss: true);
        column = WriteCount(grid, column, 3, "Evicted", totals.LackOfResources, isLoss: true);
        // The Queues view has these at any width.
        if (column + LastDrops > grid.Width)
            return;
        column = WriteCount(grid, column, 3, "redirect failed", totals.RedirectFailures, isLoss: true);
        column = WriteCount(grid, column, 3, "To host", totals.LeftToHost) - 1;
        if (totals.LeftToHost > 0)
        {
            column = WriteInteger(grid, column, 3, (int)(100.0 * totals.LeftToHost / (totals.ReceivedPackets + totals.LeftToHost)));
            grid.Write(column, 3, "%", Style.Faint);
        }
    }

    private static void DrawExport(CellGrid grid, ExportState export)
    {
        const int row = 4;
        int column = grid.Write(0, row, "Export ", Style.Faint);
        column = grid.Write(column, row, export.IsOn ? "on" : "off", export.IsOn ? Style.Good : Style.Strong) + 1;
        bool hasCollector = export.Collector is { Length: > 0 };
        column = hasCollector ? DrawCollector(grid, column, row, export.Collector) : grid.Write(column, row, "(no collector)", Style.Faint) + 2;
        // Also of the output file, which there can be without a collector.
        if (export.Problem is { Length: > 0 } problem)
            column = grid.Write(column, row, problem, Style.Warning) + 2;
        if (!hasCollector)
            return;
        column = WriteCount(grid, column, row, "Sent", export.RecordsSent);
        column = WriteCount(grid, column, row, "Waiting", (ulong)export.RecordsWaiting);
        WriteCount(grid, column, row, "Lost", export.RecordsLost, isLoss: true);
    }

    private static int DrawCollector(CellGrid grid, int column, int row, ReadOnlySpan<char> collector)
    {
        column = grid.Write(column, row, "→ ", Style.Faint);
        int width = Math.Min(collector.Length, grid.Width / 2);
        grid.WriteFitted(column, row, width, collector, right: false, Style.Strong);
        return column + width + 2;
    }

    private static int WriteWord(CellGrid grid, int column, string word) =>
        word.Length == 0 ? column : grid.Write(column, 0, word, Style.Faint) + 1;

    private static int WriteInteger(CellGrid grid, int column, int row, int value)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        return grid.Write(column, row, text[..length], Style.Faint);
    }

    private static int WriteAmount(CellGrid grid, int column, ReadOnlySpan<char> number, string unit)
    {
        grid.WriteFitted(column, 1, NumberWidth, number, right: true, Style.Strong);
        return grid.Write(column + NumberWidth + 1, 1, unit, Style.Faint) + 2;
    }

    private static int WriteCount(CellGrid grid, int column, int row, string label, ulong count, bool isLoss = false)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        int length = NumberText.WriteCount(count, text);
        // Half a number would be another one.
        if (column + label.Length + 1 + length > grid.Width)
            return grid.Width;
        column = grid.Write(column, row, label, Style.Faint) + 1;
        grid.Write(column, row, text[..length], isLoss && count > 0 ? Style.Warning : Style.Strong);
        return column + Math.Max(length, NumberWidth) + 2;
    }
}
