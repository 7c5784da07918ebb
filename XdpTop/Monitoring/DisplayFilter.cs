using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Monitoring;

/// <summary>
/// Which flows the screen shows. Immutable. What is metered and exported does not depend on it.
/// Words are separated by spaces, and all must match:
/// <list type="bullet">
/// <item>a plain word is part of an address, the beginning of a protocol's name, a whole port or a whole VLAN id:
/// <c>10.0.</c>, <c>tcp</c>, <c>443</c>;</item>
/// <item><c>:53</c> or <c>port:53</c> is a port, <c>vlan:5</c> a VLAN id, <c>10.0.0.0/8</c> an address within the prefix;</item>
/// <item><c>!word</c> lets through what the word does not match.</item>
/// </list>
/// A word that is not complete yet (<c>port:</c>, <c>!</c>) lets all through.
/// </summary>
internal sealed class DisplayFilter
{
    private readonly DisplayFilterWord[] _words;

    private DisplayFilter(string text, DisplayFilterWord[] words)
    {
        Text = text;
        _words = words;
    }

    /// <summary>Lets all flows through.</summary>
    public static DisplayFilter None { get; } = new("", []);

    /// <summary>As the user typed it.</summary>
    public string Text { get; }

    /// <summary>Takes what the user types, key by key: any text is a filter, none is an error.</summary>
    public static DisplayFilter Parse(string text) =>
        new(text, [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(DisplayFilterWord.Parse)]);

    /// <summary>Whether the flow is shown. Called for each live flow of each snapshot: does not allocate.</summary>
    public bool Matches(in FlowRecord record)
    {
        if (_words.Length == 0)
            return true;
        ref readonly FlowKey key = ref record.Key;
        Span<char> text = stackalloc char[2 * IpAddress.MaximumTextLength];
        key.Source.TryFormat(key.IpVersion, text, out int source);
        key.Destination.TryFormat(key.IpVersion, text[source..], out int destination);
        foreach (DisplayFilterWord word in _words)
        {
            if (!word.Matches(in key, text[..source], text.Slice(source, destination)))
                return false;
        }
        return true;
    }
}
