using XdpTop.Flows;

namespace XdpTop.Monitoring.Filters;

/// <summary>
/// Turns the tree into questions in a flat array, each with the places to go on from for yes and for no: no tree is walked
/// per flow, and nothing is asked that no longer matters.
/// </summary>
internal sealed class FilterCompiler
{
    private readonly List<FilterStep> _steps = [];

    /// <summary>Steps of which the first is where to begin; none where all flows pass.</summary>
    public static FilterStep[] Compile(FilterNode filter)
    {
        FilterCompiler compiler = new();
        compiler.Add(filter, FlowKeyFilter.Pass, FlowKeyFilter.Refuse);
        // Steps were added from the last to the first, since each has to know where the next ones are.
        int last = compiler._steps.Count - 1;
        int Turned(int place) => place < 0 ? place : last - place;
        compiler._steps.Reverse();
        return [.. compiler._steps.Select(step => step with { IfTrue = Turned(step.IfTrue), IfFalse = Turned(step.IfFalse) })];
    }

    /// <summary>Adds what decides between two ways; gives the place where it begins.</summary>
    private int Add(FilterNode node, int ifTrue, int ifFalse)
    {
        switch (node)
        {
            case FilterNode.Question question:
                _steps.Add(new FilterStep(question.Test, ifTrue, ifFalse));
                return _steps.Count - 1;
            case FilterNode.Not not:
                return Add(not.Part, ifFalse, ifTrue);
            case FilterNode.Chain chain:
                // What looks at text is dear: asked last.
                foreach (FilterNode part in chain.Parts.OrderBy(IsDear).Reverse())
                {
                    if (chain.IsAnd)
                        ifTrue = Add(part, ifTrue, ifFalse);
                    else
                        ifFalse = Add(part, ifTrue, ifFalse);
                }
                return chain.IsAnd ? ifTrue : ifFalse;
            default:
                return ifTrue;
        }
    }

    private static bool IsDear(FilterNode node) => node switch
    {
        FilterNode.Question question => question.Test.Kind == FilterTestKind.Line,
        FilterNode.Not not => IsDear(not.Part),
        FilterNode.Chain chain => chain.Parts.Any(IsDear),
        _ => false,
    };
}

/// <summary>A question, and where to go on: a later place, or <see cref="FlowKeyFilter.Pass"/> or <see cref="FlowKeyFilter.Refuse"/>.</summary>
internal readonly record struct FilterStep(FilterTest Test, int IfTrue, int IfFalse);
