using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Filters;

namespace XdpTop.Tests.Monitoring.Filters;

/// <summary>Filters that are written right.</summary>
internal static class TestFilter
{
    public static DisplayFilter Of(string text)
    {
        Assert.Null(DisplayFilter.Read(text, out DisplayFilter filter));
        return filter;
    }

    public static FlowKeyFilter? ForMetering(string text)
    {
        Assert.Null(MeteringFilter.Read(text, out FlowKeyFilter? filter));
        return filter;
    }

    public static bool Matches(string text, in FlowRecord record)
    {
        FlowRow row = new() { Record = record };
        return Of(text).Matches(in row, now: 0);
    }
}
