namespace XdpTop.Flows;

/// <summary>
/// Which flows are metered, by their Flow Keys alone, so that all packets of a flow have the same answer: questions in a flat
/// array, each with where to go on. Immutable; asking allocates nothing. Any thread.
/// </summary>
/// <param name="steps">Each question's ways lead to later steps, or out: so there is an end.</param>
/// <param name="text">As the user has written it.</param>
internal sealed class FlowKeyFilter(FlowKeyFilter.Step[] steps, string text)
{
    /// <summary>A way that leads out: the flow is let through.</summary>
    public const int Pass = -1;

    /// <summary>A way that leads out: the flow is refused.</summary>
    public const int Refuse = -2;

    public string Text => text;

    /// <summary>Whether it asks nothing.</summary>
    public bool PassesAll => steps.Length == 0;

    /// <summary>Whether flows with this key are metered.</summary>
    public bool Passes(ref readonly FlowKey key)
    {
        int at = PassesAll ? Pass : 0;
        while (at >= 0)
        {
            ref readonly Step step = ref steps[at];
            at = step.Test.Holds(in key) ? step.IfTrue : step.IfFalse;
        }
        return at == Pass;
    }

    public readonly record struct Step(FlowKeyTest Test, int IfTrue, int IfFalse);
}
