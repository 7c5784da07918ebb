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
    BitRate,
    ForwardBitRate,
    ReverseBitRate,
    PacketRate,
    Octets,
    Packets,
    TcpFlags,
    Age,
    Idle,
}

/// <summary>A column of the flow table.</summary>
/// <param name="Field">What it shows.</param>
/// <param name="Heading">One character shorter than the column at most: the sort mark stands beside it.</param>
/// <param name="Width">In characters; 0 for addresses, which share what the others leave.</param>
/// <param name="IsRight">Whether it is aligned to the right, as numbers are.</param>
/// <param name="SortKey">What a click on the heading sorts by.</param>
/// <param name="FromWidth">The table's width from which there is room for the column.</param>
/// <param name="ToWidth">The table's width from which another column takes its place.</param>
/// <param name="FromWidthOfBiflows">The same as <paramref name="FromWidth"/> where lines have both directions; 0: no other.</param>
/// <param name="IsOfBiflows">Whether there is the column only where lines have both directions.</param>
internal sealed record FlowColumn(
    FlowField Field, string Heading, int Width, bool IsRight, FlowSortKey? SortKey, int FromWidth = 0,
    int ToWidth = int.MaxValue, int FromWidthOfBiflows = 0, bool IsOfBiflows = false)
{
    /// <summary>All there are, from left to right.</summary>
    public static IReadOnlyList<FlowColumn> All { get; } =
    [
        new(FlowField.Source, "Source", 0, false, FlowSortKey.Source),
        new(FlowField.SourcePort, "Port", 5, true, FlowSortKey.SourcePort),
        new(FlowField.Mark, "", 1, false, null, IsOfBiflows: true),
        new(FlowField.Destination, "Destination", 0, false, FlowSortKey.Destination),
        new(FlowField.DestinationPort, "Port", 5, true, FlowSortKey.DestinationPort, ToWidth: 125),
        new(FlowField.DestinationPort, "Port", 7, true, FlowSortKey.DestinationPort, FromWidth: 125),
        new(FlowField.Protocol, "Proto", 6, false, FlowSortKey.Protocol),
        new(FlowField.Direction, "Dir", 3, false, null, FromWidth: 88),
        new(FlowField.Vlan, "VLAN", 4, true, null, FromWidth: 110, ToWidth: 140, FromWidthOfBiflows: 120),
        new(FlowField.Vlan, "VLAN", 9, true, null, FromWidth: 140),
        new(FlowField.BitRate, "bit/s", 6, true, FlowSortKey.Rate),
        new(FlowField.ForwardBitRate, "→bit/s", 7, true, null, FromWidth: 110, IsOfBiflows: true),
        new(FlowField.ReverseBitRate, "←bit/s", 7, true, null, FromWidth: 110, IsOfBiflows: true),
        new(FlowField.PacketRate, "pkt/s", 6, true, FlowSortKey.PacketRate, FromWidth: 67),
        new(FlowField.Octets, "Bytes", 6, true, FlowSortKey.Octets, FromWidth: 74),
        new(FlowField.Packets, "Packets", 8, true, FlowSortKey.Packets, FromWidth: 94),
        new(FlowField.TcpFlags, "TCP", 8, false, null, FromWidth: 100, FromWidthOfBiflows: 130),
        new(FlowField.Age, "Age", 6, true, FlowSortKey.Age, FromWidth: 80),
        new(FlowField.Idle, "Idle", 6, true, FlowSortKey.Idle, FromWidth: 120, FromWidthOfBiflows: 140),
    ];

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

    /// <summary>The widest address that is ever shown whole: an IPv6 one of 8 groups of 4 digits.</summary>
    private const int WidestAddress = 39;

    public bool IsAddress => Width == 0;

    /// <summary>The columns that a table of this width has, each with the place where it begins and its width.</summary>
    public static (FlowColumn Column, int At, int Width)[] Layout(int tableWidth, bool biflows)
    {
        FlowColumn[] columns = [.. All.Where(c => c.IsIn(tableWidth, biflows))];
        int left = tableWidth - columns.Sum(c => c.Width) - (columns.Length - 1);
        int addresses = columns.Count(c => c.IsAddress);
        var places = new (FlowColumn, int, int)[columns.Length];
        int at = 0;
        for (int i = 0; i < columns.Length; i++)
        {
            int width = columns[i].Width;
            if (columns[i].IsAddress)
            {
                // The last one of them takes the odd character.
                width = Math.Clamp(left / addresses, 1, WidestAddress);
                left -= width;
                addresses--;
            }
            places[i] = (columns[i], at, width);
            at += width + 1;
        }
        return places;
    }

    private bool IsIn(int tableWidth, bool biflows)
    {
        int from = biflows && FromWidthOfBiflows > 0 ? FromWidthOfBiflows : FromWidth;
        return tableWidth >= from && tableWidth < ToWidth && (biflows || !IsOfBiflows);
    }
}
