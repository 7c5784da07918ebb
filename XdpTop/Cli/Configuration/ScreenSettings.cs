namespace XdpTop.Cli.Configuration;

/// <summary>What the screen begins with, and what can be saved of it.</summary>
internal sealed record ScreenSettings
{
    public string Theme { get; init; } = "default";

    /// <summary>What amounts are counted in.</summary>
    public string Units { get; init; } = "bits";

    /// <summary>Columns of the flow table, by their headings; empty for those that fit.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>What flows are sorted by.</summary>
    public string Sort { get; init; } = "rate";

    /// <summary>Whether hosts are shown by name, which DNS is asked for.</summary>
    public bool Names { get; init; }

    /// <summary>Whether services are shown by name.</summary>
    public bool Services { get; init; }

    /// <summary>Collectors to choose from, as URLs.</summary>
    public IReadOnlyList<string> Collectors { get; init; } = [];
}
