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

    /// <summary>Between interfaces.</summary>
    private const int Gap = 2;

    /// <summary>What a collector's name has of the line where something is wrong with it.</summary>
    private const int LeastCollector = 26;

    /// <summary>The sparkline: three minutes at most.</summary>
    private const int SparklineColumns = 36;
    private const int SparklineSeconds = 5;

    public static void Draw(CellGrid grid, ScreenModel screen)
    {
        TrafficSnapshot snapshot = screen.Snapshot;
        string halt = screen.IsPaused ? " PAUSED " : screen.Request.IsFrozen ? " FROZEN " : "";
        DrawInterfaces(grid, snapshot.Interfaces, grid.Width - halt.Length);
        grid.Write(grid.Width - halt.Length, 0, halt, Style.Warning);
        DrawRates(grid, snapshot, screen.Request);
        DrawCoverage(grid, screen.Totals);
        DrawExport(grid, screen.Export);
    }

    /// <summary>
    /// Those first that the user has to know something of. Each has its name and its trouble, as far as there is room for
    /// that of all, and then as many words as there is room for: the Queues view has what is left out, too.
    /// </summary>
    /// <param name="right">The column before which they end.</param>
    private static void DrawInterfaces(CellGrid grid, InterfaceStatus[] interfaces, int right)
    {
        int column = grid.Write(0, 0, "xdptop", Style.Strong) + 2;
        InterfaceStatus[] all = [.. interfaces.OrderBy(status => status.Notice is not "" ? 0 : status.Warnings.Count > 0 ? 1 : 2)];
        Word[][] trouble = [.. all.Select(status => TroubleOf(status).ToArray())];
        int needed = trouble.Sum(LengthOf);
        for (int i = 0; i < all.Length; i++)
        {
            string more = $"+{all.Length - i} more";
            int end = i + 1 == all.Length ? right : right - more.Length - Gap;
            if (i > 0 && column + LengthOf(trouble[i]) - Gap > end)
            {
                grid.Write(column, 0, more, all[i].Notice is not "" || all[i].Warnings.Count > 0 ? Style.Warning : Style.Strong);
                return;
            }
            foreach (Word word in trouble[i])
                column = word.Write(grid, column, end);
            needed -= LengthOf(trouble[i]);
            foreach (Word word in WordsOf(all[i]))
            {
                if (column + word.Length + needed > right)
                    break;
                column = word.Write(grid, column, right);
            }
            column++;
        }
    }

    private static int LengthOf(Word[] words) => words.Sum(word => word.Length + 1) + 1;

    private static IEnumerable<Word> TroubleOf(InterfaceStatus status)
    {
        yield return new Word("", status.Name, Style.Strong);
        if (status.Notice is not "")
            yield return new Word("", status.Notice, Style.Warning);
        if (status.FallBack is not "")
            yield return new Word("", status.FallBack, Style.Warning);
        foreach (InterfaceWarning warning in status.Warnings)
            yield return new Word("", warning.Short, Style.Warning);
    }

    private static IEnumerable<Word> WordsOf(InterfaceStatus status)
    {
        string wait = status.Wait is "poll" ? "" : status.Wait;
        foreach (string word in new[] { status.Mode, status.Attach, status.Bind, status.MultiBuffer ? "multi-buffer" : "", wait }.Where(word => word.Length > 0))
            yield return new Word("", word, Style.Label);
        if (status.RxQueues > 0)
            yield return new Word("queues", string.Create(CultureInfo.InvariantCulture, $"{status.Queues}/{status.RxQueues}"), Style.Label);
        if (!status.HasCounters)
            yield break;
        char[] text = new char[NumberText.MaximumLength];
        int length = NumberText.WriteShare(status.Counters.Coverage, text);
        yield return new Word("coverage", new string(text, 0, length), status.Counters.Coverage < 1 ? Style.Warning : Style.Strong);
    }

    /// <summary>A value, and perhaps a label before it: shown whole, or with its end cut off.</summary>
    private readonly record struct Word(string Label, string Value, Style Style)
    {
        public int Length => Value.Length + (Label.Length > 0 ? Label.Length + 1 : 0);

        public int Write(CellGrid grid, int column, int right)
        {
            if (Label.Length > 0)
                column = grid.Write(column, 0, Label, Style.Label) + 1;
            int width = Math.Min(Value.Length, right - column);
            if (width > 0)
                grid.WriteFitted(column, 0, width, Value, right: false, Style);
            return column + Math.Max(0, width) + 1;
        }
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
        column = grid.Write(0, 3, "Drops", Style.Label) + 1;
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
            grid.Write(column, 3, "%", Style.Label);
        }
    }

    private static void DrawExport(CellGrid grid, ExportState export)
    {
        const int row = 4;
        int column = grid.Write(0, row, "Export ", Style.Label);
        column = grid.Write(column, row, export.IsOn ? "on" : "off", export.IsOn ? Style.Good : Style.Strong) + 1;
        bool hasCollector = export.Collector is { Length: > 0 };
        // Of the output file, too, which there can be without a collector.
        string problem = CollectorText.WithoutName(export.Problem ?? "", export.Collector ?? "");
        int wanted = problem.Length > 0 ? problem.Length + 2 : 0;
        column = hasCollector ? DrawCollector(grid, column, row, export.Collector, wanted) : grid.Write(column, row, "(no collector)", Style.Label) + 2;
        if (wanted > 0 && column < grid.Width)
        {
            grid.WriteFitted(column, row, Math.Min(problem.Length, grid.Width - column), problem, right: false, Style.Warning);
            column += wanted;
        }
        if (!hasCollector)
            return;
        column = WriteCount(grid, column, row, "Sent", export.RecordsSent);
        column = WriteCount(grid, column, row, "Waiting", (ulong)export.RecordsWaiting);
        WriteCount(grid, column, row, "Lost", export.RecordsLost, isLoss: true);
    }

    /// <param name="wanted">Columns that what stands after it would need.</param>
    private static int DrawCollector(CellGrid grid, int column, int row, ReadOnlySpan<char> collector, int wanted)
    {
        column = grid.Write(column, row, "→ ", Style.Label);
        int room = Math.Min(Math.Max(grid.Width - column - 2 - wanted, LeastCollector), grid.Width / 2);
        int width = Math.Min(collector.Length, room);
        grid.WriteFitted(column, row, width, collector, right: false, Style.Strong);
        return column + width + 2;
    }

    private static int WriteInteger(CellGrid grid, int column, int row, int value)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        return grid.Write(column, row, text[..NumberText.WriteInteger(value, text)], Style.Label);
    }

    private static int WriteAmount(CellGrid grid, int column, ReadOnlySpan<char> number, string unit)
    {
        grid.WriteFitted(column, 1, NumberWidth, number, right: true, Style.Strong);
        return grid.Write(column + NumberWidth + 1, 1, unit, Style.Label) + 2;
    }

    private static int WriteCount(CellGrid grid, int column, int row, string label, ulong count, bool isLoss = false)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        int length = NumberText.WriteCount(count, text);
        // Half a number would be another one.
        if (column + label.Length + 1 + length > grid.Width)
            return grid.Width;
        column = grid.Write(column, row, label, Style.Label) + 1;
        grid.Write(column, row, text[..length], isLoss && count > 0 ? Style.Warning : Style.Strong);
        return column + Math.Max(length, NumberWidth) + 2;
    }
}
