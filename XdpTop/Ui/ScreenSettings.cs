using System.Text.Json;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Names;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Ui;

/// <summary>What the screen begins with, and what can be saved of it.</summary>
internal sealed record ScreenSettings
{
    public Theme Theme { get; init; }

    /// <summary>What amounts are counted in.</summary>
    public AmountUnit Units { get; init; }

    /// <summary>Columns of the flow table, of <see cref="FlowColumn.Names"/>; empty for those that there is room for.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>What flows are sorted by; null for what they are counted in.</summary>
    public FlowSortKey? Sort { get; init; }

    /// <summary>Whether hosts are shown by name, which DNS is asked for.</summary>
    public bool Names { get; init; }

    /// <summary>Whether services are shown by name.</summary>
    public bool Services { get; init; }

    /// <summary>Collectors to choose from, as URLs.</summary>
    public IReadOnlyList<string> Collectors { get; init; } = [];

    /// <summary>What a value is called in the configuration file: "packet-rate".</summary>
    public static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>What the screen asks for at first.</summary>
    public SnapshotRequest FirstRequest(bool biflows, TimeSpan interval, INameSource hostNames) => SnapshotRequest.Default with
    {
        SortKey = Sort ?? FlowColumn.KeyOf(Units, isTotal: false),
        GroupSortKey = GroupColumn.KeyOf(Units, isTotal: false),
        Biflows = biflows,
        Interval = interval,
        HostNames = Names ? hostNames : null,
        ServiceNames = Services,
    };
}
