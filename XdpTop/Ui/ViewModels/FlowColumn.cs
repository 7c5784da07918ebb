using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

internal enum FlowField
{
    Source,
    SourcePort,

    /// <summary>Whether the line has both directions.</summary>
    Mark,
    Destination,
    DestinationPort,
    Protocol,
    Direction,
    Vlan,
    Amount,
    ForwardAmount,
    ReverseAmount,
    MeanLength,
    TcpFlags,
    State,
    Ttl,
    Age,
    Idle,
}

/// <summary>A column of the flow table.</summary>
/// <param name="Field">What it shows.</param>
/// <param name="SortKey">What a click on the heading sorts by.</param>
/// <param name="FromWidthOfBiflows">The same as FromWidth where lines have both directions; 0: no other.</param>
/// <param name="IsOfBiflows">Whether there is the column only where lines have both directions.</param>
internal sealed record FlowColumn(
    FlowField Field, string Heading, int Width, bool IsRight, FlowSortKey? SortKey, int FromWidth = 0,
    int ToWidth = int.MaxValue, int FromWidthOfBiflows = 0, bool IsOfBiflows = false)
    : TableColumn(Heading, Width, IsRight, FromWidth, ToWidth)
{
    /// <summary>In what an amount is counted, and whether as a rate.</summary>
    public AmountUnit Unit { get; init; }

    public bool IsTotal { get; init; }

    /// <summary>The narrowest that a column of names is made where columns are chosen.</summary>
    private const int NarrowestName = 12;

    /// <summary>What a column of hosts has before those of services get more.</summary>
    private const int NameEnough = 18;

    /// <summary>Enough for nearly all services' names.</summary>
    private const int WidestService = 14;

    private bool IsPort => Field is FlowField.SourcePort or FlowField.DestinationPort;

    /// <summary>What the columns are called where they are chosen.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. All(default).Where(c => c.Field != FlowField.Mark).Select(c => c.Name).Distinct()];

    /// <summary>Of a column that flows can be sorted by, that sort key's; it stays in other units.</summary>
    public string Name => SortKey is { } key ? ScreenSettings.WordOf(key) : ScreenSettings.WordOf(Field);

    /// <summary>What flows can be sorted by, for a menu; '_' stands before the letter that chooses.</summary>
    public static IReadOnlyList<(FlowSortKey Key, string Text)> SortNames { get; } =
    [
        (FlowSortKey.Rate, "_Bits per second"),
        (FlowSortKey.PacketRate, "_Packets per second"),
        (FlowSortKey.Octets, "B_ytes"),
        (FlowSortKey.Packets, "Pac_kets"),
        (FlowSortKey.Age, "_Age"),
        (FlowSortKey.Idle, "_Idle time"),
        (FlowSortKey.Source, "_Source"),
        (FlowSortKey.Destination, "_Destination"),
        (FlowSortKey.SourcePort, "S_ource port"),
        (FlowSortKey.DestinationPort, "Des_tination port"),
        (FlowSortKey.Protocol, "P_rotocol"),
    ];

    /// <summary>The same for a sentence.</summary>
    public static string NameOf(FlowSortKey key) =>
        SortNames.First(name => name.Key == key).Text.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Whether the smallest, or the first of names, is at the top where the order is not inverse.</summary>
    public static bool IsAscending(FlowSortKey key) => key >= FlowSortKey.Source;

    /// <summary>The columns that a table of this width has, from left to right.</summary>
    /// <param name="services">Whether ports are shown by their services' names, which get what hosts have no need of.</param>
    /// <param name="chosen">By their names; none for those that there is room for.</param>
    public static FlowColumn[] For(int tableWidth, bool biflows, bool services, Amounts amounts, IReadOnlyList<string> chosen)
    {
        FlowColumn[] columns = For(tableWidth, biflows, amounts, chosen);
        int free = tableWidth + 1 - columns.Sum(c => (c.IsName ? NameEnough : c.Width) + 1);
        int more = Math.Max(0, free / Math.Max(1, columns.Count(c => c.IsPort)));
        return !services ? columns : [.. columns.Select(c => c.IsPort ? c with { Width = Math.Max(c.Width, Math.Min(c.Width + more, WidestService)) } : c)];
    }

    private static FlowColumn[] For(int tableWidth, bool biflows, Amounts amounts, IReadOnlyList<string> chosen)
    {
        FlowColumn[] all = [.. All(amounts).Where(c => biflows || !c.IsOfBiflows)];
        FlowColumn[] wanted = [.. all.Where(c => c.Field == FlowField.Mark || chosen.Contains(c.Name)).GroupBy(c => c.Name)
            .Select(variants => variants.LastOrDefault(c => tableWidth >= c.FromWidth) ?? variants.First())];
        if (!wanted.Any(c => c.Field != FlowField.Mark))
            return [.. all.Where(c => c.IsIn(tableWidth, biflows))];
        int end = 0;
        return [.. wanted.TakeWhile(c => (end += (c.IsName ? NarrowestName : c.Width) + 1) <= tableWidth + 1)];
    }

    private static FlowColumn[] All(Amounts amounts)
    {
        // What is asked for first, in the two units, then the other.
        bool first = amounts.IsTotals, second = !amounts.IsTotals;
        string perDirection = Amounts.Heading(amounts.Unit, first);
        return
        [
            new(FlowField.Source, "Source", 0, false, FlowSortKey.Source),
            new(FlowField.SourcePort, "Port", 5, true, FlowSortKey.SourcePort),
            new(FlowField.Mark, "", 1, false, null, IsOfBiflows: true),
            new(FlowField.Destination, "Destination", 0, false, FlowSortKey.Destination),
            new(FlowField.DestinationPort, "Port", 5, true, FlowSortKey.DestinationPort, ToWidth: 125),
            new(FlowField.DestinationPort, "Port", 7, true, FlowSortKey.DestinationPort, FromWidth: 125),
            new(FlowField.Protocol, "Proto", 6, false, FlowSortKey.Protocol),
            new(FlowField.Direction, "Dir", 3, false, null, FromWidth: 88),
            new(FlowField.Vlan, "VLAN", 9, true, null, FromWidth: 128, FromWidthOfBiflows: 140),
            Amount(6, amounts.Unit, first, 0),
            new(FlowField.ForwardAmount, "→" + perDirection, 7, true, null, FromWidth: 110, IsOfBiflows: true) { Unit = amounts.Unit, IsTotal = first },
            new(FlowField.ReverseAmount, "←" + perDirection, 7, true, null, FromWidth: 110, IsOfBiflows: true) { Unit = amounts.Unit, IsTotal = first },
            Amount(6, amounts.OtherUnit, first, 67),
            Amount(6, amounts.SecondUnit, second, 74),
            Amount(6, amounts.OtherUnit, second, 94),
            new(FlowField.MeanLength, "Mean", 5, true, null, FromWidth: 132, FromWidthOfBiflows: 150),
            new(FlowField.TcpFlags, "TCP", 8, false, null, FromWidth: 100, FromWidthOfBiflows: 130),
            new(FlowField.State, "State", 7, false, null, FromWidth: 112, FromWidthOfBiflows: 145),
            new(FlowField.Ttl, "TTL", 7, true, null, FromWidth: 150, FromWidthOfBiflows: 170),
            new(FlowField.Age, "Age", 6, true, FlowSortKey.Age, FromWidth: 80),
            new(FlowField.Idle, "Idle", 6, true, FlowSortKey.Idle, FromWidth: 120, FromWidthOfBiflows: 140),
        ];
    }

    /// <summary>What sorts by an amount.</summary>
    public static FlowSortKey KeyOf(AmountUnit unit, bool isTotal) => (unit, isTotal) switch
    {
        (AmountUnit.Packets, false) => FlowSortKey.PacketRate,
        (AmountUnit.Packets, true) => FlowSortKey.Packets,
        (_, true) => FlowSortKey.Octets,
        _ => FlowSortKey.Rate,
    };

    private static FlowColumn Amount(int width, AmountUnit unit, bool isTotal, int fromWidth) =>
        new(FlowField.Amount, Amounts.Heading(unit, isTotal), width, true, KeyOf(unit, isTotal), fromWidth) { Unit = unit, IsTotal = isTotal };

    private bool IsIn(int tableWidth, bool biflows)
    {
        int from = biflows && FromWidthOfBiflows > 0 ? FromWidthOfBiflows : FromWidth;
        return tableWidth >= from && tableWidth < ToWidth;
    }
}
