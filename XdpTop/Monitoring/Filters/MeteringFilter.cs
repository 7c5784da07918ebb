using XdpTop.Flows;

namespace XdpTop.Monitoring.Filters;

/// <summary>The filter language for --filter: of it, what a Flow Key can answer.</summary>
internal static class MeteringFilter
{
    /// <summary>Gives the filter; null and what is wrong with the text, if something is.</summary>
    public static FilterError? Read(string text, out FlowKeyFilter? filter)
    {
        filter = null;
        if (FilterGrammar.Read(text, out FilterNode tree) is { } error)
            return error;
        if (Misfit(tree) is { } misfit)
            return new FilterError(misfit.Position, misfit.Length, Why(misfit.Test.Kind));
        FilterStep[] steps = FilterCompiler.Compile(tree);
        filter = new FlowKeyFilter([.. steps.Select(step => new FlowKeyFilter.Step(step.Test.Key, step.IfTrue, step.IfFalse))], text);
        return null;
    }

    private static FilterNode.Question? Misfit(FilterNode node) => node switch
    {
        FilterNode.Question question => question.Test.Kind == FilterTestKind.Key ? null : question,
        FilterNode.Not not => Misfit(not.Part),
        FilterNode.Chain chain => chain.Parts.Select(Misfit).FirstOrDefault(misfit => misfit is not null),
        _ => null,
    };

    private static string Why(FilterTestKind kind) => kind == FilterTestKind.Line
        ? "expected what says what it is, as 'host 10.0.0.1' or 'port 443': only the screen's filter looks for text"
        : "expected what a flow has from its first packet to its last: --filter decides when a flow begins, and only the screen's filter can ask for this";
}
