namespace XdpTop.Monitoring.Filters;

/// <summary>The numbers on a flow's line that a filter can compare.</summary>
internal enum FilterNumber : byte
{
    BitsPerSecond,
    PacketsPerSecond,
    Packets,
    Octets,

    /// <summary>Mean length of the IP packets, octets.</summary>
    Length,

    /// <summary>The lowest TTL or hop limit seen.</summary>
    Ttl,

    /// <summary>Seconds since the first packet.</summary>
    Age,

    /// <summary>Seconds since the last packet.</summary>
    Idle,
}

internal enum FilterComparison : byte
{
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// <summary>Compares a number of a flow's line (of a Biflow: of both directions together) with a given one.</summary>
internal readonly record struct NumberTest(FilterNumber Field, FilterComparison Comparison, double Value)
{
    /// <param name="now">The snapshot's time: nanoseconds since 1970-01-01 UTC.</param>
    public bool Holds(ref readonly FlowRow row, long now)
    {
        double number = Read(in row, now);
        return Comparison switch
        {
            FilterComparison.Less => number < Value,
            FilterComparison.LessOrEqual => number <= Value,
            FilterComparison.Greater => number > Value,
            FilterComparison.GreaterOrEqual => number >= Value,
            FilterComparison.Equal => number == Value,
            _ => number != Value,
        };
    }

    private double Read(ref readonly FlowRow row, long now) => Field switch
    {
        FilterNumber.BitsPerSecond => 8 * row.TotalOctetsPerSecond,
        FilterNumber.PacketsPerSecond => row.TotalPacketsPerSecond,
        FilterNumber.Packets => row.Packets,
        FilterNumber.Octets => row.Octets,
        FilterNumber.Length => (double)row.Octets / row.Packets,
        FilterNumber.Ttl => row.IsBiflow ? Math.Min(row.Record.MinimumTtl, row.Reverse.MinimumTtl) : row.Record.MinimumTtl,
        FilterNumber.Age => (now - row.Record.Start) / 1e9,
        _ => (now - row.End) / 1e9,
    };
}
