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
        "M more fragments. Options are bit masks of those seen (IPFIX's tcpOptions,",
        "ipv4Options or ipv6ExtensionHeaders). Esc goes back.",
    ];

    /// <summary>What to ask the snapshots for.</summary>
    public WatchedFlow? Watched { get; private set; }

    public override int PageSize => Math.Max(1, _height - HeadLines - 1);

    /// <summary>Begins with a flow.</summary>
    public void Open(ref readonly FlowRow row)
    {
        _opened = row;
        _top = 0;
        Watched = new WatchedFlow(row.Record.Key, row.Record.ObservationPoint);
    }

    public override void Move(int rows) => _top = Math.Clamp(_top + rows, 0, Math.Max(0, s_lines.Length - (_height - HeadLines)));

    public override void Draw(CellGrid grid)
    {
        _height = grid.Height;
        Move(0);
        TrafficSnapshot snapshot = screen.Snapshot;
        bool isWatched = snapshot.Watched is not null && snapshot.Watched == Watched && snapshot.WatchedRow.Record.Packets > 0;
        FlowRow row = isWatched ? snapshot.WatchedRow : _opened;
        DrawHead(grid, in row, snapshot);
        for (int i = 0; i + _top < s_lines.Length && HeadLines + i < grid.Height; i++)
        {
            (string label, Func<Direction, string> value) = s_lines[_top + i];
            grid.Write(1, HeadLines + i, label, Style.Faint);
            Put(grid, LabelWidth, HeadLines + i, value(new Direction(row.Record, row.PacketsPerSecond, row.OctetsPerSecond)));
            if (row.IsBiflow)
                Put(grid, LabelWidth + ValueWidth, HeadLines + i, value(new Direction(row.Reverse, row.ReversePacketsPerSecond, row.ReverseOctetsPerSecond)));
        }
        DrawGraphs(grid, in row, isWatched);
    }

    private static void Put(CellGrid grid, int column, int row, string text) =>
        grid.WriteFitted(column, row, ValueWidth - 1, text, right: true, Style.Normal);

    private void DrawHead(CellGrid grid, in FlowRow row, TrafficSnapshot snapshot)
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
        if (row.Record.ObservationPoint < snapshot.Interfaces.Length)
            column = grid.WriteField(column, row1, "on", snapshot.Interfaces[row.Record.ObservationPoint].Name);
        column = grid.WriteField(column, row1, "direction", text[..FlowText.WriteDirection(in key, text)]);
        if (key.OuterVlan != 0)
            column = grid.WriteField(column, row1, "VLAN", text[..FlowText.WriteVlan(in key, text)]);
        if (FlowText.State(in row) is { Length: > 0 } state)
            column = grid.WriteField(column, row1, "state", state);
        column = grid.WriteField(column, row1, "age", text[..NumberText.WriteAge(snapshot.Time - row.Record.Start, text)]);
        grid.WriteField(column, row1, "idle", text[..NumberText.WriteAge(snapshot.Time - row.End, text)]);
        grid.WriteFitted(LabelWidth, 2, ValueWidth - 1, "this direction →", right: true, Style.Strong);
        grid.WriteFitted(LabelWidth + ValueWidth, 2, ValueWidth - 1, row.IsBiflow ? "← the other one" : "(no other one)", right: true, row.IsBiflow ? Style.Strong : Style.Faint);
    }

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
        if (!isWatched)
            return;
        Chart chart = new(unit, width > 60 ? 300 : 60, isLogarithmic: false);
        int height = bars - 3;
        bool two = row.IsBiflow && height >= 12;
        chart.Draw(grid, left, 3, width, two ? height / 2 : height, screen.Snapshot.WatchedForward, Style.Graph);
        if (two)
            chart.Draw(grid, left, 3 + height / 2, width, height - height / 2, screen.Snapshot.WatchedReverse, Style.OtherGraph);
    }

    private readonly record struct Direction(FlowRecord Record, double PacketsPerSecond, double OctetsPerSecond);

    private delegate int Writer(Span<char> text);

    private static readonly (string Label, Func<Direction, string> Value)[] s_lines =
    [
        ("bit/s", d => Text(text => NumberText.WriteRate(8 * d.OctetsPerSecond, text))),
        ("packets/s", d => Text(text => NumberText.WriteRate(d.PacketsPerSecond, text))),
        ("packets", d => Number(d.Record.Packets)),
        ("IP bytes", d => Number(d.Record.Octets)),
        ("payload bytes", d => Number(d.Record.PayloadOctets)),
        ("frame bytes", d => Number(d.Record.Layer2Octets)),
        ("length", d => $"{d.Record.MinimumLength} to {d.Record.MaximumLength}"),
        ("time to live", d => $"{d.Record.MinimumTtl} to {d.Record.MaximumTtl}"),
        ("TCP flags", d => Text(text => FlowText.WriteTcpFlags(d.Record, text))),
        ("options", d => d.Record.TcpOptions == 0 && d.Record.IpOptions == 0 ? "none" : $"TCP {d.Record.TcpOptions:x} IP {d.Record.IpOptions:x}"),
        ("DSCP, ECN", d => $"{d.Record.ClassOfService >> 2}, {d.Record.ClassOfService & 3}"),
        ("fragments", d => $"{((d.Record.FragmentFlags & 0x80) != 0 ? 'R' : '.')}{((d.Record.FragmentFlags & 0x40) != 0 ? 'D' : '.')}{((d.Record.FragmentFlags & 0x20) != 0 ? 'M' : '.')}"),
        ("first packet", d => FlowText.Time(d.Record.Start)[11..]),
        ("last packet", d => FlowText.Time(d.Record.End)[11..]),
    ];

    private static string Number(ulong value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(Writer write)
    {
        Span<char> text = stackalloc char[64];
        return text[..write(text)].ToString();
    }
}
