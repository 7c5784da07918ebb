using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

/// <summary>The Graphs view: rates over time, lengths of packets, and the protocols' shares.</summary>
internal sealed class GraphsModel(ScreenModel screen) : PageModel
{
    private const int LowerRows = LengthHistogram.Bins + 1;

    /// <summary>Rows that a chart needs before anything stands below it.</summary>
    private const int LeastChart = 4;

    /// <summary>Rows from which there is room for two charts.</summary>
    private const int RowsForTwo = 30;

    private static readonly int[] s_spans = [60, 600, 3600];
    private static readonly string[] s_spanNames = ["1 minute", "10 minutes", "1 hour"];

    private int _span;

    public override IReadOnlyList<(string Keys, string Label)> Keys { get; } =
    [
        ("← →", "Time"), ("l", "Scale"), ("u", "Unit"), .. CommonKeys,
    ];

    public override IReadOnlyList<string> Help { get; } =
    [
        "Graphs: what the interfaces received, each column the mean of its time; below,",
        "the packets of the live flows by length, and the protocols' parts of rates.",
        "u: bits, bytes or packets; ← → the time; l: linear or logarithmic scale.",
    ];

    public bool IsLogarithmic { get; private set; }

    public void StepSpan(int step) => _span = Math.Clamp(_span + step, 0, s_spans.Length - 1);

    public void ToggleScale() => IsLogarithmic = !IsLogarithmic;

    public override void Draw(CellGrid grid)
    {
        DrawHeading(grid);
        bool hasLower = grid.Height - 1 - LowerRows >= LeastChart;
        int upper = grid.Height - 1 - (hasLower ? LowerRows : 0);
        bool two = grid.Height >= RowsForTwo;
        int height = two ? upper / 2 : upper;
        DrawChart(grid, 1, height, screen.Amounts.Unit);
        if (two)
            DrawChart(grid, 1 + height, upper - height, screen.Amounts.OtherUnit);
        if (!hasLower)
            return;
        int row = grid.Height - LowerRows, half = grid.Width / 2;
        DrawLengths(grid, 0, row, half - 2, screen.Snapshot.GroupKind == GroupKind.Protocols ? screen.Snapshot.Lengths : [], "Packets by length");
        DrawProtocols(grid, half, row, grid.Width - half);
    }

    /// <summary>Bars for the packets of each range of lengths.</summary>
    public static void DrawLengths(CellGrid grid, int left, int top, int width, ReadOnlySpan<ulong> lengths, string title)
    {
        grid.Write(left, top, title, Style.Strong);
        ulong all = 0, most = 1;
        foreach (ulong packets in lengths)
            (all, most) = (all + packets, Math.Max(most, packets));
        Span<char> text = stackalloc char[64];
        for (int bin = 0; bin < lengths.Length; bin++)
        {
            int length = WriteRange(bin, text);
            grid.WriteFitted(left, top + 1 + bin, 9, text[..length], right: true, Style.Label);
            length = NumberText.WritePercent(all > 0 ? (double)lengths[bin] / all : 0, text);
            text[length++] = '%';
            grid.WriteFitted(left + 10, top + 1 + bin, 4, text[..length], right: true, Style.Normal);
            DrawBar(grid, left + 15, top + 1 + bin, width - 15, (double)lengths[bin] / most);
        }
    }

    private void DrawHeading(CellGrid grid)
    {
        grid.Paint(0, Style.Heading);
        int column = 1;
        for (int i = 0; i < s_spans.Length; i++)
            column = grid.Write(column, 0, s_spanNames[i], i == _span ? Style.SortHeading : Style.Heading) + 2;
        grid.Write(column, 0, IsLogarithmic ? "logarithmic" : "linear", Style.Heading);
    }

    private void DrawChart(CellGrid grid, int row, int height, AmountUnit unit)
    {
        RateHistory history = screen.Snapshot.History;
        new Chart(unit, s_spans[_span], IsLogarithmic).Draw(grid, 0, row, grid.Width, height, history, Style.Graph);
        grid.Write(8, row, $" {Amounts.Heading(unit, isTotal: false)} ", Style.Strong);
        if (history.To <= history.From)
            grid.Write(8, row + height / 2, " Nothing is known yet. ", Style.Label);
    }

    private void DrawProtocols(CellGrid grid, int left, int top, int width)
    {
        TrafficSnapshot snapshot = screen.Snapshot;
        bool isPackets = screen.Amounts.Unit == AmountUnit.Packets;
        grid.Write(left, top, $"Protocols, of {Amounts.Heading(screen.Amounts.Unit, isTotal: false)}", Style.Strong);
        if (snapshot.GroupKind != GroupKind.Protocols)
            return;
        double all = isPackets ? snapshot.AllFlows.PacketsPerSecond : snapshot.AllFlows.OctetsPerSecond;
        Span<char> text = stackalloc char[64];
        for (int i = 0; i < Math.Min(snapshot.GroupCount, LowerRows - 1); i++)
        {
            ref readonly GroupRow group = ref snapshot.Groups[i];
            double share = all > 0 ? (isPackets ? group.PacketsPerSecond : group.OctetsPerSecond) / all : 0;
            int length = ProtocolNames.Write(group.Key.Protocol, text);
            grid.WriteFitted(left, top + 1 + i, 8, text[..length], right: false, Style.Normal);
            length = Amounts.Write(screen.Amounts.Unit, false, group.OctetsPerSecond, group.PacketsPerSecond, 0, 0, text);
            grid.WriteFitted(left + 8, top + 1 + i, 6, text[..length], right: true, Style.Label);
            length = NumberText.WritePercent(share, text);
            text[length++] = '%';
            grid.WriteFitted(left + 15, top + 1 + i, 4, text[..length], right: true, Style.Normal);
            DrawBar(grid, left + 20, top + 1 + i, width - 21, share);
        }
    }

    private static void DrawBar(CellGrid grid, int left, int row, int width, double share)
    {
        Span<char> text = stackalloc char[Math.Clamp(width, 0, 128)];
        grid.Write(left, row, text[..Bar.Write(share, text)], Style.Graph);
    }

    private static int WriteRange(int bin, Span<char> text)
    {
        LengthHistogram.LowerBound(bin).TryFormat(text, out int length);
        if (bin == LengthHistogram.Bins - 1)
        {
            text[length] = '+';
            return length + 1;
        }
        text[length++] = '–';
        (LengthHistogram.LowerBound(bin + 1) - 1).TryFormat(text[length..], out int digits);
        return length + digits;
    }
}
