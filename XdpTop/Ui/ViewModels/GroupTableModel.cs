using XdpTop.Monitoring;
using XdpTop.Monitoring.Names;

namespace XdpTop.Ui.ViewModels;

internal enum GroupField
{
    Name,
    Amount,
    Sent,
    Received,
    Share,
    Flows,
    MeanLength,
    Age,
    Idle,
    Bar,
}

/// <summary>A column of the tables of groups.</summary>
/// <param name="Field">What it shows.</param>
/// <param name="SortKey">What a click on the heading sorts by.</param>
internal sealed record GroupColumn(
    GroupField Field, string Heading, int Width, bool IsRight, GroupSortKey? SortKey, int FromWidth = 0)
    : TableColumn(Heading, Width, IsRight, FromWidth)
{
    public AmountUnit Unit { get; init; }

    public bool IsTotal { get; init; }

    /// <summary>What groups can be sorted by, for a menu; '_' stands before the letter that chooses.</summary>
    public static IReadOnlyList<(GroupSortKey Key, string Text)> SortNames { get; } =
    [
        (GroupSortKey.Rate, "_Bits per second"),
        (GroupSortKey.PacketRate, "_Packets per second"),
        (GroupSortKey.Octets, "B_ytes"),
        (GroupSortKey.Packets, "Pac_kets"),
        (GroupSortKey.Flows, "_Flows"),
        (GroupSortKey.Sent, "_Sent"),
        (GroupSortKey.Received, "_Received"),
        (GroupSortKey.Age, "_Age"),
        (GroupSortKey.Idle, "_Idle time"),
        (GroupSortKey.Name, "Na_me"),
    ];

    /// <summary>The same for a sentence.</summary>
    public static string NameOf(GroupSortKey key) =>
        SortNames.First(name => name.Key == key).Text.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    public static GroupColumn[] For(int tableWidth, string name, Amounts amounts)
    {
        bool first = amounts.IsTotals, second = !amounts.IsTotals;
        string direction = Amounts.Heading(amounts.Unit, first);
        GroupColumn[] all =
        [
            new(GroupField.Name, name, 0, false, GroupSortKey.Name),
            Amount(amounts.Unit, first, 0),
            new(GroupField.Share, "%", 4, true, null),
            new(GroupField.Sent, "↑" + direction, 7, true, GroupSortKey.Sent) { Unit = amounts.Unit, IsTotal = first },
            new(GroupField.Received, "↓" + direction, 7, true, GroupSortKey.Received) { Unit = amounts.Unit, IsTotal = first },
            Amount(amounts.OtherUnit, first, 67),
            Amount(amounts.SecondUnit, second, 74),
            Amount(amounts.OtherUnit, second, 90),
            new(GroupField.Flows, "Flows", 6, true, GroupSortKey.Flows),
            new(GroupField.MeanLength, "Mean", 5, true, null, 96),
            new(GroupField.Age, "Age", 6, true, GroupSortKey.Age, 104),
            new(GroupField.Idle, "Idle", 6, true, GroupSortKey.Idle, 110),
            new(GroupField.Bar, "", 20, false, null, 130),
        ];
        return [.. all.Where(c => tableWidth >= c.FromWidth)];
    }

    public static GroupSortKey KeyOf(AmountUnit unit, bool isTotal) => (unit, isTotal) switch
    {
        (AmountUnit.Packets, false) => GroupSortKey.PacketRate,
        (AmountUnit.Packets, true) => GroupSortKey.Packets,
        (_, true) => GroupSortKey.Octets,
        _ => GroupSortKey.Rate,
    };

    private static GroupColumn Amount(AmountUnit unit, bool isTotal, int fromWidth) =>
        new(GroupField.Amount, Amounts.Heading(unit, isTotal), 6, true, KeyOf(unit, isTotal), fromWidth) { Unit = unit, IsTotal = isTotal };
}

/// <summary>The Hosts view, and the Ports view: the flows that are shown, put together.</summary>
internal sealed class GroupTableModel(ScreenModel screen, GroupKind kind) : TableModel<GroupColumn>(screen)
{
    private GroupKey _remembered;

    public override IReadOnlyList<(string Keys, string Label)> Keys { get; } =
    [
        ("Enter", "Flows"), ("/", "Filter"), ("u", "Unit"), ("s", "Sort"), ("Tab", "View"), ("Space", "Pause"),
        ("S", "Inverse"), ("e", "Export"), ("F9", "Menu"),
    ];

    public override IReadOnlyList<string> Help { get; } = kind == GroupKind.Hosts
        ?
        [
            "Hosts: live flows put together by address; each counts for both its ends.",
            "↑ is what the host sent, ↓ what it received, % its part of all flows' sum.",
            "Enter shows the host's flows, Esc comes back. The filter is in force here.",
        ]
        :
        [
            "Ports & protocols: live flows put together by protocol and the lower of their",
            "two ports, which is the service's. ↑ is what services sent, ↓ what was sent to",
            "them. Enter shows the flows, Esc comes back. The filter is in force here.",
        ];

    public override int RowCount => Screen.Snapshot.GroupKind == kind ? Screen.Snapshot.GroupCount : 0;

    public override string Rest
    {
        get
        {
            TrafficSnapshot snapshot = Screen.Snapshot;
            if (snapshot.GroupKind != kind || RowCount == snapshot.AllGroups)
                return "";
            string more = snapshot.FlowsWithoutGroup > 0 ? $"{snapshot.AllGroups}, and more that are not told apart" : $"{snapshot.AllGroups}";
            return $"These are the first {RowCount} by this order, of {more}: a filter or another order shows others.";
        }
    }

    // Names are the only thing that begins with its smallest.
    protected override bool IsAscending => Screen.Request.GroupSortKey == GroupSortKey.Name != Screen.Request.GroupInverse;

    protected override string SortName => GroupColumn.NameOf(Screen.Request.GroupSortKey);

    protected override string Absence =>
        Screen.Snapshot.GroupKind != kind ? "" : Screen.Snapshot.LiveFlows > 0 ? "No flow matches the filter." : "No flows yet.";

    public override void Enter()
    {
        if (RowCount > 0)
            Screen.ShowFlowsOf(Screen.Snapshot.Groups[Math.Clamp(Cursor, 0, RowCount - 1)].Key);
    }

    public override IEnumerable<(string Name, object Value)> Fields(int row)
    {
        GroupRow group = Screen.Snapshot.Groups[row];
        return
        [
            (kind == GroupKind.Hosts ? "host" : "service", NameOf(group.Key)), ("flows", (long)group.Flows),
            ("bitsPerSecond", 8 * group.OctetsPerSecond), ("packetsPerSecond", group.PacketsPerSecond),
            ("octets", (long)group.Octets), ("packets", (long)group.Packets),
            ("sentBitsPerSecond", 8 * group.Sent.OctetsPerSecond), ("sentPacketsPerSecond", group.Sent.PacketsPerSecond),
            ("sentOctets", (long)group.Sent.Octets), ("sentPackets", (long)group.Sent.Packets),
            ("receivedBitsPerSecond", 8 * group.Received.OctetsPerSecond), ("receivedPacketsPerSecond", group.Received.PacketsPerSecond),
            ("receivedOctets", (long)group.Received.Octets), ("receivedPackets", (long)group.Received.Packets),
            ("start", FlowText.Time(group.Start)), ("end", FlowText.Time(group.End)),
        ];
    }

    /// <summary>The group's name: "10.0.0.1", "tcp 443", "icmp".</summary>
    public static string NameOf(GroupKey key)
    {
        Span<char> text = stackalloc char[64];
        return text[..WriteName(in key, text, text.Length, null, services: false)].ToString();
    }

    protected override GroupColumn[] ColumnsFor(int width) =>
        GroupColumn.For(width, kind == GroupKind.Hosts ? "Host" : "Service", Screen.Amounts);

    protected override bool IsSortedBy(GroupColumn column) => column.SortKey == Screen.Request.GroupSortKey;

    protected override void SortBy(GroupColumn column)
    {
        if (column.SortKey is { } key)
            Screen.SortGroupsBy(key);
    }

    protected override void Remember(int row) => _remembered = Screen.Snapshot.Groups[row].Key;

    protected override int FindRemembered()
    {
        for (int row = 0; row < RowCount; row++)
        {
            if (Screen.Snapshot.Groups[row].Key == _remembered)
                return row;
        }
        return -1;
    }

    protected override int Format(GroupColumn column, int row, int width, Span<char> text)
    {
        TrafficSnapshot snapshot = Screen.Snapshot;
        ref readonly GroupRow group = ref snapshot.Groups[row];
        return column.Field switch
        {
            GroupField.Name => WriteName(in group.Key, text, width, Screen.Request.HostNames, Screen.Request.ServiceNames),
            GroupField.Amount => Amounts.Write(
                column.Unit, column.IsTotal, group.OctetsPerSecond, group.PacketsPerSecond, group.Octets, group.Packets, text),
            GroupField.Sent => WriteSum(column, in group.Sent, text),
            GroupField.Received => WriteSum(column, in group.Received, text),
            GroupField.Share => NumberText.WritePercent(Share(in group), text),
            GroupField.Flows => NumberText.WriteCount((ulong)group.Flows, text),
            GroupField.MeanLength => group.Packets == 0 ? 0 : NumberText.WriteCount(group.Octets / group.Packets, text),
            GroupField.Age => NumberText.WriteAge(snapshot.Time - group.Start, text),
            GroupField.Idle => NumberText.WriteAge(snapshot.Time - group.End, text),
            _ => Bar.Write(Share(in group), text[..width]),
        };
    }

    /// <summary>The group's part in the sum over all flows.</summary>
    private double Share(in GroupRow group)
    {
        TrafficSnapshot snapshot = Screen.Snapshot;
        bool isPackets = Screen.Amounts.Unit == AmountUnit.Packets;
        GroupSum all = snapshot.AllFlows;
        return Screen.Amounts.IsTotals
            ? isPackets ? (double)group.Packets / Math.Max(1, all.Packets) : (double)group.Octets / Math.Max(1, all.Octets)
            : isPackets ? group.PacketsPerSecond / Math.Max(1e-9, all.PacketsPerSecond) : group.OctetsPerSecond / Math.Max(1e-9, all.OctetsPerSecond);
    }

    private static int WriteSum(GroupColumn column, in GroupSum sum, Span<char> text) =>
        Amounts.Write(column.Unit, column.IsTotal, sum.OctetsPerSecond, sum.PacketsPerSecond, sum.Octets, sum.Packets, text);

    private static int WriteName(in GroupKey key, Span<char> text, int width, INameSource? names, bool services)
    {
        if (key.Kind == GroupKind.Hosts)
            return FlowText.WriteHost(key.Address, key.IpVersion, names, text[..Math.Min(width, text.Length)]);
        int length = ProtocolNames.Write(key.Protocol, text);
        if (key.Port == 0)
            return length;
        text[length++] = ' ';
        if (services && ServiceNames.Find(key.Port, key.Protocol) is { } service)
            return length + FlowText.WriteStart(service, text[length..]);
        return length + NumberText.WriteInteger(key.Port, text[length..]);
    }
}
