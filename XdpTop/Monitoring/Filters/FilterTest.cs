using XdpTop.Flows;

namespace XdpTop.Monitoring.Filters;

/// <summary>One question about a flow. Plain data but for what looks at text.</summary>
/// <param name="Kind">Which of the others is asked.</param>
internal readonly record struct FilterTest(FilterTestKind Kind, FlowKeyTest Key = default, NumberTest Number = default, ushort Flags = 0, LineTest? Line = null)
{
    public static FilterTest Of(FlowKeyTest test) => new(FilterTestKind.Key, Key: test);

    public static FilterTest Of(NumberTest test) => new(FilterTestKind.Number, Number: test);

    public static FilterTest Of(LineTest test) => new(FilterTestKind.Line, Line: test);

    /// <summary>All of these TCP flags were seen.</summary>
    public static FilterTest OfFlags(ushort flags) => new(FilterTestKind.Flags, Flags: flags);
}

internal enum FilterTestKind : byte
{
    Key,
    Flags,
    Number,
    Line,
}
