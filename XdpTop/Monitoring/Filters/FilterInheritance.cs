namespace XdpTop.Monitoring.Filters;

/// <summary>
/// Makes of the tree that was read the one that is meant: a word joined by "and" or "or" to a question is another value for
/// it, if it can be one ("port 80 or 443"). Leaves chains, negations and questions, which know their places in the text.
/// </summary>
internal sealed class FilterInheritance
{
    private Func<string, FilterNode?>? _read;
    private int _position;
    private int _length;

    /// <summary>Goes through the tree in the order of the text.</summary>
    public FilterNode Resolve(FilterNode node, bool isJoined)
    {
        switch (node)
        {
            case FilterNode.Joined joined:
                return Resolve(joined.Part, isJoined: true);
            case FilterNode.Placed placed:
                (_position, _length) = (placed.Position, placed.Length);
                return Resolve(placed.Part, isJoined);
            case FilterNode.Qualified qualified:
                _read = qualified.Read;
                return Resolve(qualified.Part, isJoined: false);
            case FilterNode.Word word:
                return Resolve((isJoined ? _read?.Invoke(word.Text) : null) ?? word.Part, isJoined: false);
            case FilterNode.Not not:
                return new FilterNode.Not(Resolve(not.Part, isJoined));
            case FilterNode.Chain chain:
                return chain with { Parts = [.. chain.Parts.Select((part, i) => Resolve(part, isJoined && i == 0))] };
            case FilterNode.Question question:
                return question with { Position = _position, Length = _length };
            default:
                return node;
        }
    }
}
