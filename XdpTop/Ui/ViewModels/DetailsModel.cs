using System.Globalization;
using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

/// <summary>All that is known of one flow, and of its reverse direction; it stays when both have ended.</summary>
internal sealed class DetailsModel(ScreenModel screen) : PageModel
{
    private const int HeadLines = 3;
    private const int LabelWidth = 14;
    private const int ValueWidth = 20;
    private const int ListWidth = LabelWidth + 2 * ValueWidth;

    private FlowRow _opened;
    private long _openedAt; // the snapshot's time
    private int _lines;
    private int _top;
    private int _height = 1;

    public override IReadOnlyList<(string Keys, string Label)> Keys { get; } =
    [
        ("Esc", "Back"), ("u", "Unit"), ("n", "Names"), ("p", "Services"), .. CommonKeys,
    ];

    public override IReadOnlyList<string> Help { get; } =
    [
        "Details: the flow's record as it is now, beside that of the other direction,",
        "and rates since the details were opened: of this direction, and below it,",
        "where there is room, of the other one. Fragments: R reserved, D don't fragment,",
        "M more fragments. Options of TCP and IPv4, and IPv6's extension headers, are",
        "those seen in any packet. The payload's entropy, with --byte-distribution, is",
        "that since the last record was reported. Times are UTC. Esc goes back.",
    ];

    /// <summary>What to ask the snapshots for.</summary>
    public WatchedFlow? Watched { get; private set; }

    public override int PageSize => Math.Max(1, _height - HeadLines - 1);

    /// <summary>Begins with a flow.</summary>
    public void Open(ref readonly FlowRow row)
    {
        (_opened, _openedAt) = (row, screen.Snapshot.Time);
        _top = 0;
        Watched = new WatchedFlow(row.Record.Key, row.Record.ObservationPoint);
    }

    public override void Move(int rows) => _top = Math.Clamp(_top + rows, 0, Math.Max(0, _lines - (_height - HeadLines)));

    public override void Draw(CellGrid grid)
    {
        _height = grid.Height;
        TrafficSnapshot snapshot = screen.Snapshot;
        bool isWatched = snapshot.Watched is not null && snapshot.Watched == Watched && snapshot.WatchedRow.Record.Packets > 0;
        FlowRow row = isWatched ? snapshot.WatchedRow : _opened;
        // What has ended does not grow older.
        long now = row.EndedAt > 0 ? row.EndedAt : isWatched ? snapshot.Time : _openedAt;
        DrawHead(grid, in row, now);
        List<(string Label, string Value, string Reverse)> lines = LinesOf(in row, isWatched, now);
        _lines = lines.Count;
        Move(0);
        for (int i = 0; i + _top < _lines && HeadLines + i < grid.Height; i++)
        {
            grid.Write(1, HeadLines + i, lines[_top + i].Label, Style.Label);
            Put(grid, LabelWidth, HeadLines + i, lines[_top + i].Value);
            Put(grid, LabelWidth + ValueWidth, HeadLines + i, lines[_top + i].Reverse);
        }
        DrawGraphs(grid, in row, isWatched);
    }

    /// <summary>A label, and the value of each direction; in more lines, without the label, where a value is too long for one.</summary>
    private List<(string Label, string Value, string Reverse)> LinesOf(in FlowRow row, bool isWatched, long now)
    {
        (double? entropy, double? reverseEntropy) = isWatched ? (screen.Snapshot.WatchedEntropy, screen.Snapshot.WatchedReverseEntropy) : default;
        Direction forward = new(row.Record, row.PacketsPerSecond, row.OctetsPerSecond, entropy, now);
        Direction? reverse = row.IsBiflow ? new(row.Reverse, row.ReversePacketsPerSecond, row.ReverseOctetsPerSecond, reverseEntropy, now) : null;
        List<(string, string, string)> lines = [];
        foreach ((string name, Func<Direction, string> value) in s_lines)
        {
            string label = name, left = value(forward), right = reverse is { } other ? value(other) : "";
            while (left.Length + right.Length > 0)
            {
                lines.Add((label, TakeLine(ref left), TakeLine(ref right)));
                label = "";
            }
        }
        return lines;
    }

    private static string TakeLine(ref string text)
    {
        int end = text.Length < ValueWidth ? text.Length : text.LastIndexOf(' ', ValueWidth - 1);
        if (end <= 0)
            end = text.Length;
        string line = text[..end];
        text = text[end..].TrimStart();
        return line;
    }

    private static void Put(CellGrid grid, int column, int row, string text) =>
        grid.WriteFitted(column, row, ValueWidth - 1, text, right: true, Style.Normal);

    private void DrawHead(CellGrid grid, in FlowRow row, long now)
    {
        ref readonly FlowKey key = ref row.Record.Key;
        Span<char> text = stackalloc char[64];
        grid.Paint(0, Style.Heading);
        int column = grid.Write(1, 0, text[..ProtocolNames.Write(key.Protocol, text)], Style.SortHeading) + 1;
        column = DrawEnd(grid, column, in key.Source, key.IpVersion, text[..FlowText.WriteSourcePort(in key, screen.Request.ServiceNames, text)]);
        column = grid.Write(column, 0, row.IsBiflow ? " ⇄ " : " → ", Style.SortHeading);
        // The other end has a line of its own where the first one has no room for it.
        DrawEnd(grid, column, in key.Destination, key.IpVersion, text[..FlowText.WriteDestinationPort(in key, screen.Request.ServiceNames, text)]);
        int row1 = 1;
        column = 1;
        if (InterfaceOf(in row) is { } status)
            column = grid.WriteField(column, row1, "on", status.Name);
        column = grid.WriteField(column, row1, "direction", text[..FlowText.WriteDirection(in key, text)]);
        if (key.OuterVlan != 0)
            column = grid.WriteField(column, row1, "VLAN", text[..FlowText.WriteVlan(in key, text)]);
        if (FlowText.State(in row) is { Length: > 0 } state)
            column = grid.WriteField(column, row1, "state", state);
        column = grid.WriteField(column, row1, "age", text[..NumberText.WriteAge(now - row.Record.Start, text)]);
        grid.WriteField(column, row1, "idle", text[..NumberText.WriteAge(now - row.End, text)]);
        grid.WriteFitted(LabelWidth, 2, ValueWidth - 1, "this direction →", right: true, Style.Strong);
        grid.WriteFitted(LabelWidth + ValueWidth, 2, ValueWidth - 1, row.IsBiflow ? "← the other one" : "(no other one)", right: true, row.IsBiflow ? Style.Strong : Style.Label);
    }

    private InterfaceStatus? InterfaceOf(in FlowRow row) => screen.Snapshot.Interfaces.ElementAtOrDefault(row.Record.ObservationPoint);

    private int DrawEnd(CellGrid grid, int column, in Packets.IpAddress address, byte ipVersion, ReadOnlySpan<char> port)
    {
        Span<char> text = stackalloc char[Packets.IpAddress.MaximumTextLength];
        // At 80 columns two IPv6 addresses in full are too much; the widest ones lose their middle, and names their end.
        int room = Math.Min(text.Length, grid.Width / 2 - 14);
        column = grid.Write(column, 0, text[..FlowText.WriteHost(in address, ipVersion, screen.Request.HostNames, text[..room])], Style.SortHeading);
        return port.IsEmpty ? column : grid.Write(grid.Write(column, 0, " ", Style.SortHeading), 0, port, Style.SortHeading);
    }

    private void DrawGraphs(CellGrid grid, in FlowRow row, bool isWatched)
    {
        int left = ListWidth + 2, width = grid.Width - left;
        Span<ulong> lengths = stackalloc ulong[LengthHistogram.Bins];
        for (int bin = 0; bin < lengths.Length; bin++)
            lengths[bin] = row.Record.LengthHistogram[bin] + row.Reverse.LengthHistogram[bin];
        int bars = Math.Max(2, grid.Height - LengthHistogram.Bins - 1);
        GraphsModel.DrawLengths(grid, left, bars, width, lengths, "Packets by length");
        AmountUnit unit = screen.Amounts.Unit;
        grid.Write(left, 2, $"{Amounts.Heading(unit, isTotal: false)} since opened", Style.Strong);
        RateHistory history = screen.Snapshot.WatchedForward;
        if (!isWatched || history.To <= history.From)
        {
            bool standsStill = InterfaceOf(in row)?.Mode == "file";
            grid.WriteLines(left, 4, bars, standsStill ? "None: of a capture that has been read no time goes by any more." : "Nothing is known yet.", Style.Label);
            return;
        }
        Chart chart = new(unit, width > 60 ? 300 : 60, isLogarithmic: false);
        int height = bars - 3;
        bool two = row.IsBiflow && height >= 12;
        chart.Draw(grid, left, 3, width, two ? height / 2 : height, history, Style.Graph);
        if (two)
            chart.Draw(grid, left, 3 + height / 2, width, height - height / 2, screen.Snapshot.WatchedReverse, Style.OtherGraph);
    }

    private readonly record struct Direction(FlowRecord Record, double PacketsPerSecond, double OctetsPerSecond, double? Entropy, long Now);

    private delegate int Writer(Span<char> text);

    /// <summary>What there is to say of a direction; nothing for what is not for its protocol or was not seen.</summary>
    private static readonly (string Label, Func<Direction, string> Value)[] s_lines =
    [
        ("bit/s", d => Text(text => NumberText.WriteRate(8 * d.OctetsPerSecond, text))),
        ("packets/s", d => Text(text => NumberText.WriteRate(d.PacketsPerSecond, text))),
        ("packets", d => Number(d.Record.Packets)),
        ("IP bytes", d => Number(d.Record.Octets)),
        ("payload bytes", d => Number(d.Record.PayloadOctets)),
        ("entropy", d => d.Entropy is { } entropy && d.Record.PayloadOctets > 0 ? string.Create(CultureInfo.InvariantCulture, $"{entropy:0.00} bits/byte") : ""),
        ("frame bytes", d => Number(d.Record.Layer2Octets)),
        ("length", d => $"{d.Record.MinimumLength} to {d.Record.MaximumLength}"),
        ("time to live", d => $"{d.Record.MinimumTtl} to {d.Record.MaximumTtl}"),
        ("TCP flags", d => Text(text => FlowText.WriteTcpFlags(d.Record, text))),
        ("TCP options", d => d.Record.Key.Protocol == ProtocolNames.Tcp ? OptionText.OfTcp(d.Record.TcpOptions) : ""),
        ("IP options", d => d.Record.IpOptions != 0 ? OptionText.OfIp(d.Record.IpOptions, d.Record.Key.IpVersion) : ""),
        ("DSCP, ECN", d => $"{d.Record.ClassOfService >> 2}, {d.Record.ClassOfService & 3}"),
        ("fragments", d => $"{((d.Record.FragmentFlags & 0x80) != 0 ? 'R' : '.')}{((d.Record.FragmentFlags & 0x40) != 0 ? 'D' : '.')}{((d.Record.FragmentFlags & 0x20) != 0 ? 'M' : '.')}"),
        ("first packet", d => Time(d.Record.Start, d.Now)),
        ("last packet", d => Time(d.Record.End, d.Now)),
    ];

    /// <summary>The time of today, or else the day, too.</summary>
    private static string Time(long nanoseconds, long now)
    {
        string time = FlowText.Time(nanoseconds), today = FlowText.Time(now);
        return time[..10] == today[..10] ? time[11..] : $"{time[..10]} {time[11..19]}";
    }

    private static string Number(ulong value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(Writer write)
    {
        Span<char> text = stackalloc char[64];
        return text[..write(text)].ToString();
    }
}
