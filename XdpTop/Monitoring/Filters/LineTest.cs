namespace XdpTop.Monitoring.Filters;

/// <summary>Looks for something in the text of a flow's line.</summary>
internal abstract class LineTest
{
    public abstract bool Holds(ref readonly FlowLine line);

    /// <summary>Why it no longer does what it should, as a part of a sentence; empty if it does.</summary>
    public virtual string Problem => "";
}
