using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

/// <summary>The Flows view: all flows, or those of one group.</summary>
internal sealed class FlowTableModel(ScreenModel screen) : TableModel<FlowColumn>(screen)
{
    private FlowKey _key;
    private FlowKey _reverseKey; // zeros where it has been seen alone
    private byte _observationPoint;

    public override IReadOnlyList<(string Keys, string Label)> Keys { get; } =
    [
        ("/", "Filter"), ("a", "Both ways"), ("u", "Unit"), ("s", "Sort"), ("Tab", "View"), ("Space", "Pause"),
        ("Enter", "Details"), ("S", "Inverse"), ("e", "Export"), ("F9", "Menu"),
    ];

    public override IReadOnlyList<string> Help { get; } =
    [
        "Flows: packets that have addresses, ports, protocol and VLANs in common.",
        "ICMP's ports are type/code. Bytes are of IP packets; Mean is a packet's. TCP:",
        "flags seen, CWR ECE URG ACK PSH RST SYN FIN; State: what they tell. Age is the",
        "time since the first packet, Idle since the last one. ⇄ has both ways, from",
        "whoever began. Enter shows all that is known of the flow under the cursor.",
    ];

    public override int RowCount => Screen.Snapshot.RowCount;

    public override string Rest => RowCount < Screen.Snapshot.Rows.Length ? ""
        : $"These are the first {RowCount} by this order, of {Screen.Snapshot.MatchingFlows} flows: a filter or another order shows others.";

    protected override bool IsAscending => FlowColumn.IsAscending(Screen.Request.SortKey) != Screen.Request.Inverse;

    protected override string SortName => FlowColumn.NameOf(Screen.Request.SortKey);

    protected override string Absence =>
        Screen.Snapshot.Number == 0 ? "Waiting for the first look at the traffic…"
        : Screen.Snapshot.LiveFlows > 0 && (Screen.Request.Filter.Text.Length > 0 || Screen.Request.Within is not null) ? "No flow matches the filter."
        : "No flows yet.";

    public override void Enter()
    {
        if (RowCount > 0)
            Screen.ShowDetails(in Screen.Snapshot.Rows[Math.Clamp(Cursor, 0, RowCount - 1)]);
    }

    public override IEnumerable<(string Name, object Value)> Fields(int row)
    {
        FlowRow flow = Screen.Snapshot.Rows[row];
        FlowRecord record = flow.Record;
        FlowKey key = record.Key;
        return
        [
            ("source", key.Source.ToString(key.IpVersion)), ("sourcePort", (long)key.SourcePort),
            ("destination", key.Destination.ToString(key.IpVersion)), ("destinationPort", (long)key.DestinationPort),
            ("protocol", ProtocolNames.Find(key.Protocol) ?? $"{key.Protocol}"), ("direction", key.Direction == 0 ? "in" : "out"),
            ("vlan", (long)FlowText.VlanId(key.OuterVlan)), ("innerVlan", (long)FlowText.VlanId(key.InnerVlan)),
            ("bothDirections", flow.IsBiflow ? 1L : 0L),
            ("bitsPerSecond", 8 * flow.TotalOctetsPerSecond), ("packetsPerSecond", flow.TotalPacketsPerSecond),
            ("octets", (long)flow.Octets), ("packets", (long)flow.Packets), ("meanLength", flow.MeanLength),
            ("tcpFlags", (long)(record.TcpFlags | flow.Reverse.TcpFlags)), ("state", FlowText.State(in flow)),
            ("minimumTtl", (long)record.MinimumTtl), ("maximumTtl", (long)record.MaximumTtl),
            ("start", FlowText.Time(record.Start)), ("end", FlowText.Time(flow.End)),
        ];
    }

    protected override FlowColumn[] ColumnsFor(int width) => FlowColumn.For(width, Screen.Request.Biflows, Screen.Request.ServiceNames, Screen.Amounts, Screen.Columns);

    protected override bool IsSortedBy(FlowColumn column) => column.SortKey == Screen.Request.SortKey;

    protected override void SortBy(FlowColumn column)
    {
        if (column.SortKey is { } key)
            Screen.SortBy(key);
    }

    protected override bool HasEnded(int row) => Screen.Snapshot.Rows[row].EndedAt > 0;

    /// <summary>Keeps in mind the row's flow, or conversation.</summary>
    protected override void Remember(int row)
    {
        ref readonly FlowRow flow = ref Screen.Snapshot.Rows[row];
        _key = flow.Record.Key;
        _reverseKey = flow.IsBiflow ? flow.Reverse.Key : default;
        _observationPoint = flow.Record.ObservationPoint;
    }

    /// <summary>The row that has the flow, in either direction: one may have ended while the other one goes on.</summary>
    protected override int FindRemembered()
    {
        int found = Find(in _key);
        return found < 0 && _reverseKey.IpVersion != 0 ? Find(in _reverseKey) : found;
    }

    protected override int Format(FlowColumn column, int row, int width, Span<char> text)
    {
        TrafficSnapshot snapshot = Screen.Snapshot;
        ref readonly FlowRow flow = ref snapshot.Rows[row];
        ref readonly FlowRecord record = ref flow.Record;
        ref readonly FlowKey key = ref record.Key;
        return column.Field switch
        {
            FlowField.Source => FlowText.WriteHost(in key.Source, key.IpVersion, Screen.Request.HostNames, text[..width]),
            FlowField.SourcePort => FlowText.WriteSourcePort(in key, Screen.Request.ServiceNames, text),
            FlowField.Destination => FlowText.WriteHost(in key.Destination, key.IpVersion, Screen.Request.HostNames, text[..width]),
            FlowField.DestinationPort => FlowText.WriteDestinationPort(in key, Screen.Request.ServiceNames, text),
            FlowField.Protocol => ProtocolNames.Write(key.Protocol, text),
            FlowField.Direction => FlowText.WriteDirection(in key, text),
            FlowField.Vlan => FlowText.WriteVlan(in key, text),
            FlowField.Mark => FlowText.WriteMark(flow.IsBiflow, text),
            FlowField.Amount => Amounts.Write(
                column.Unit, column.IsTotal, flow.TotalOctetsPerSecond, flow.TotalPacketsPerSecond, flow.Octets, flow.Packets, text),
            FlowField.ForwardAmount => Amounts.Write(
                column.Unit, column.IsTotal, flow.OctetsPerSecond, flow.PacketsPerSecond, record.Octets - flow.BaseOctets, record.Packets - flow.BasePackets, text),
            FlowField.ReverseAmount => !flow.IsBiflow ? 0 : Amounts.Write(
                column.Unit, column.IsTotal, flow.ReverseOctetsPerSecond, flow.ReversePacketsPerSecond,
                flow.Reverse.Octets - flow.ReverseBaseOctets, flow.Reverse.Packets - flow.ReverseBasePackets, text),
            FlowField.MeanLength => NumberText.WriteCount((ulong)Math.Round(flow.MeanLength), text),
            FlowField.TcpFlags => FlowText.WriteTcpFlags(in record, text, flow.Reverse.TcpFlags),
            FlowField.State => FlowText.Write(FlowText.State(in flow), text),
            FlowField.Ttl => FlowText.WriteTtl(in flow, text),
            FlowField.Age => NumberText.WriteAge(snapshot.Time - record.Start, text),
            _ => NumberText.WriteAge(snapshot.Time - flow.End, text),
        };
    }

    private int Find(in FlowKey key)
    {
        TrafficSnapshot snapshot = Screen.Snapshot;
        for (int row = 0; row < snapshot.RowCount; row++)
        {
            ref readonly FlowRow candidate = ref snapshot.Rows[row];
            if (candidate.Record.ObservationPoint == _observationPoint
                && (candidate.Record.Key.Equals(key) || (candidate.IsBiflow && candidate.Reverse.Key.Equals(key))))
                return row;
        }
        return -1;
    }
}
