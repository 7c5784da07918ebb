namespace XdpTop.Monitoring.Filters;

/// <summary>A filter as a tree: what the grammar makes, and the compiler takes. Immutable.</summary>
internal abstract record FilterNode
{
    /// <summary>All of them, or one of them at least, must hold.</summary>
    /// <param name="IsAnd">All.</param>
    public sealed record Chain(bool IsAnd, FilterNode[] Parts) : FilterNode;

    public sealed record Not(FilterNode Part) : FilterNode;

    /// <summary>One question.</summary>
    /// <param name="Position">Where in the text it begins.</param>
    /// <param name="Length">Of the word with which it begins.</param>
    public sealed record Question(FilterTest Test, int Position, int Length) : FilterNode;

    /// <summary>What matches each flow: an empty filter.</summary>
    public sealed record Anything : FilterNode;

    /// <summary>A part that comes after "and" or "or", rather than just after another.</summary>
    public sealed record Joined(FilterNode Part) : FilterNode;

    /// <summary>A part that begins with a word at this place in the text.</summary>
    public sealed record Placed(FilterNode Part, int Position, int Length) : FilterNode;

    /// <summary>A question after whose kind other values can be joined.</summary>
    /// <param name="Read">Makes the same question of another value; null where it is none.</param>
    public sealed record Qualified(FilterNode Part, Func<string, FilterNode?> Read) : FilterNode;

    /// <summary>A bare word, which may be a value for the question before it.</summary>
    /// <param name="Part">What it is if not.</param>
    public sealed record Word(string Text, FilterNode Part) : FilterNode;

    /// <summary>What <paramref name="make"/> gives for the source or the destination, or for both with "or" or "and" between.</summary>
    public static FilterNode For(FilterSide side, Func<bool, FilterNode> make) => side switch
    {
        FilterSide.Source => make(true),
        FilterSide.Destination => make(false),
        _ => new Chain(side == FilterSide.Both, [make(true), make(false)]),
    };
}

/// <summary>Of which end of a flow something is asked.</summary>
internal enum FilterSide
{
    Either,
    Both,
    Source,
    Destination,
}
