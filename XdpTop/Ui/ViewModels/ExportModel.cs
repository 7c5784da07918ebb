namespace XdpTop.Ui.ViewModels;

/// <summary>The Export view: the collectors, three lines each, and what becomes of the records.</summary>
internal sealed class ExportModel(ScreenModel screen) : PageModel
{
    private const int HeadingLines = 2;
    private const int LinesPerCollector = 3;
    private const int UrlWidth = 32;
    private const int StateWidth = 21;
    private const int FooterLines = 8; // one of them empty
    private const int TrialLines = 2;
    private const int LabelWidth = 10;
    private const int NumberWidth = 6;

    private readonly RowCursor _cursor = new();

    public override IReadOnlyList<(string Keys, string Label)> Keys { get; } =
    [
        ("C", "Add"), ("Enter", "Edit"), ("d", "Remove"), ("y", "Test"), ("e", "On/off"), ("W", "Save"), ("Tab", "View"), ("r", "Reset"), ("F9", "Menu"),
    ];

    public override IReadOnlyList<string> Help { get; } =
    [
        "Export: flow records go to collectors as they end, by IPFIX. Each has a state,",
        "records sent per second, how full its queue is, and how many wait; below, what",
        "was sent, and what could not be kept or sent; below that, why it fails.",
        "Keys: C adds one, Enter edits, d removes, y tests, W saves them, e is on/off.",
        "In the field for a URL Ctrl-T tests it. While off, the newest 65,536 wait.",
    ];

    public override int PageSize => _cursor.PageSize;

    public override int RowCount => Rows.Count;

    public override int Cursor => _cursor.Row;

    /// <summary>The collector under the cursor, or the first; null where there is none.</summary>
    public CollectorRow? Selected => RowCount == 0 ? null : Rows[Math.Clamp(Cursor, 0, RowCount - 1)];

    private IReadOnlyList<CollectorRow> Rows => screen.Export.Collectors ?? [];

    public override void Draw(CellGrid grid)
    {
        ExportState export = screen.ExportSince;
        IReadOnlyList<CollectorRow> rows = export.Collectors ?? [];
        int visible = Math.Max(1, (grid.Height - HeadingLines - FooterLines) / LinesPerCollector);
        _cursor.Fit(rows.Count, visible);
        DrawHeadings(grid);
        for (int i = _cursor.Top; i < rows.Count && i - _cursor.Top < visible; i++)
            DrawCollector(grid, HeadingLines + LinesPerCollector * (i - _cursor.Top), rows[i], i == _cursor.Row);
        if (rows.Count == 0)
            grid.Write(1, HeadingLines + 1, "No collector: C asks for one, as udp://host:4739", Style.Label);
        DrawFooter(grid, grid.Height - FooterLines + 1, in export);
    }

    public override void Move(int rows) => _cursor.Move(rows);

    public override void Scroll(int rows) => _cursor.Scroll(Math.Sign(rows));

    public override bool HasRowAt(int row) =>
        row >= HeadingLines && _cursor.Top + (row - HeadingLines) / LinesPerCollector < RowCount;

    public override void Click(int column, int row)
    {
        if (row >= HeadingLines)
            _cursor.Click((row - HeadingLines) / LinesPerCollector);
    }

    public override void Enter() => screen.EditCollector();

    public override bool TryLeave()
    {
        bool hasCursor = _cursor.Row >= 0;
        _cursor.Remove();
        return hasCursor;
    }

    public override IEnumerable<(string Name, object Value)> Fields(int row)
    {
        CollectorRow collector = Rows[row];
        return
        [
            ("collector", collector.Url), ("state", collector.State), ("since", TimeText(collector.Since)), ("problem", collector.Problem),
            ("recordsPerSecond", collector.RecordsPerSecond), ("queueFill", collector.QueueFill), ("recordsWaiting", (long)collector.RecordsWaiting),
            ("recordsSent", (long)collector.RecordsSent), ("messageOctets", (long)collector.MessageOctets),
            ("recordsLost", (long)collector.RecordsLost), ("packetsLost", (long)collector.PacketsLost), ("octetsLost", (long)collector.OctetsLost),
            ("templatesSent", collector.TemplatesSent is { } sent ? TimeText(sent) : ""),
        ];
    }

    private static string TimeText(DateTimeOffset time) => time.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    private static void DrawHeadings(CellGrid grid)
    {
        grid.Paint(0, Style.Heading);
        grid.Paint(1, Style.Heading);
        FieldLine first = new(grid, 0, Style.Heading);
        first.Left(UrlWidth, " Collector");
        first.Left(StateWidth, "State");
        first.Right(7, "rec/s");
        first.Right(7, "Queue");
        first.Right(9, "Waiting");
        FieldLine second = new(grid, 1, Style.Heading);
        second.Right(10, "Sent");
        second.Right(8, "octets");
        second.Right(12, "Lost");
        second.Right(9, "packets");
        second.Right(9, "octets");
        second.Right(20, "templates sent");
    }

    private void DrawCollector(CellGrid grid, int row, CollectorRow collector, bool isUnderCursor)
    {
        Style style = isUnderCursor ? Style.Cursor : Style.Strong;
        if (isUnderCursor)
            grid.Paint(row, Style.Cursor);
        Span<char> text = stackalloc char[2 * NumberText.MaximumLength];
        FieldLine first = new(grid, row, style);
        first.Left(1, "");
        first.Left(UrlWidth - 2, collector.Url);
        first.Left(1, "");
        first.Left(StateWidth, text[..WriteState(collector, text)], isUnderCursor ? style : StyleOf(collector));
        first.Right(7, text[..NumberText.WriteRate(collector.RecordsPerSecond, text)]);
        int length = NumberText.WritePercent(collector.QueueFill, text);
        text[length++] = '%';
        first.Right(7, text[..length]);
        first.Right(9, text[..NumberText.WriteCount((ulong)collector.RecordsWaiting, text)]);
        FieldLine second = new(grid, row + 1, Style.Normal);
        second.Right(10, text[..NumberText.WriteCount(collector.RecordsSent, text)]);
        second.Right(8, text[..NumberText.WriteCount(collector.MessageOctets, text)]);
        Style loss = collector.RecordsLost > 0 ? Style.Warning : Style.Normal;
        second.Right(12, text[..NumberText.WriteCount(collector.RecordsLost, text)], loss);
        second.Right(9, text[..NumberText.WriteCount(collector.PacketsLost, text)], loss);
        second.Right(9, text[..NumberText.WriteCount(collector.OctetsLost, text)], loss);
        second.Right(20, text[..WriteTemplatesSent(collector.TemplatesSent, text)]);
        grid.WriteFitted(3, row + 2, grid.Width - 3, CollectorText.WithoutName(collector.Problem, collector.Url), right: false, Style.Warning);
    }

    private static Style StyleOf(CollectorRow collector) => collector.State switch
    {
        "up" => Style.Good,
        "failing" => Style.Warning,
        _ => Style.Normal,
    };

    /// <summary>As "failing for 3m05s"; of one that others stand in for, or that stands in for none: "up, spare".</summary>
    private int WriteState(CollectorRow collector, Span<char> text)
    {
        int length = Append(text, 0, collector.State);
        if (collector.State != "off" && !collector.IsInUse)
            return Append(text, length, ", spare");
        length = Append(text, length, " for ");
        return length + NumberText.WriteAge(NanosecondsSince(collector.Since), text[length..]);
    }

    private int WriteTemplatesSent(DateTimeOffset? sent, Span<char> text)
    {
        if (sent is not { } time)
            return Append(text, 0, "not yet");
        int length = NumberText.WriteAge(NanosecondsSince(time), text);
        return Append(text, length, " ago");
    }

    private long NanosecondsSince(DateTimeOffset time) => (screen.Clock.GetUtcNow() - time).Ticks * TimeSpan.NanosecondsPerTick;

    private static int Append(Span<char> text, int length, string word)
    {
        word.CopyTo(text[length..]);
        return length + word.Length;
    }

    private void DrawFooter(CellGrid grid, int row, in ExportState export)
    {
        if (row < HeadingLines + LinesPerCollector)
            return;
        if (screen.CollectorTrial is { } trial)
        {
            grid.Write(1, row, "Test", Style.Label);
            grid.WriteLines(LabelWidth, row, row + TrialLines, trial.Sentence, trial.Style);
        }
        row += TrialLines;
        grid.Write(1, row, "Export", Style.Label);
        grid.Write(LabelWidth, row++, export.IsOn ? "on: e switches it off" : "off: e switches it on", export.IsOn ? Style.Good : Style.Strong);
        DrawCount(grid, row++, "Sent", export.RecordsSent, "records that have been sent", isLoss: false);
        DrawCount(grid, row++, "Waiting", (ulong)export.RecordsWaiting, "records that have ended and wait to be sent", isLoss: false);
        DrawCount(grid, row++, "Lost", export.RecordsLost, "not kept or sent: a collector is too slow, or was away too long", isLoss: true);
        DrawCount(grid, row, "Dropped", screen.Totals.RecordsDropped, "no room on the way from the workers: outputs are too slow", isLoss: true);
    }

    private static void DrawCount(CellGrid grid, int row, string label, ulong count, string meaning, bool isLoss)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        int length = NumberText.WriteCount(count, text);
        grid.Write(1, row, label, Style.Label);
        grid.WriteFitted(LabelWidth, row, NumberWidth, text[..length], right: true, isLoss && count > 0 ? Style.Warning : Style.Strong);
        grid.WriteFitted(LabelWidth + NumberWidth + 1, row, grid.Width - LabelWidth - NumberWidth - 1, meaning, right: false, Style.Label);
    }
}
