using System.Text.RegularExpressions;
using Superpower;
using Superpower.Model;
using FilterParser = Superpower.TokenListParser<XdpTop.Monitoring.Filters.FilterToken, XdpTop.Monitoring.Filters.FilterNode>;
using FilterResult = Superpower.Model.TokenListParserResult<XdpTop.Monitoring.Filters.FilterToken, XdpTop.Monitoring.Filters.FilterNode>;
using FilterTokens = Superpower.Model.TokenList<XdpTop.Monitoring.Filters.FilterToken>;

namespace XdpTop.Monitoring.Filters;

/// <summary>
/// The filter language, for --filter and for the screen alike:
/// <code>
/// any      := all (or all)*
/// all      := part ([and] part)*
/// part     := not* ( '(' any ')' | question | word | "text" | /pattern/ )
/// question := [side] host|net|port|portrange VALUE | side ADDRESS | PROTOCOL | proto NUMBER | vlan [ID] | flags LETTERS | FIELD comparison NUMBER
/// side     := src | dst | src or dst | src and dst
/// </code>
/// A word after and/or that can be another value for the question before it is one, as in tcpdump: "port 80 or 443".
/// </summary>
internal static class FilterGrammar
{
    private const string SomeQuestion = "what to look for, such as 'host', 'port', 'tcp' or a word";

    private static readonly Dictionary<string, FilterNumber> s_numbers = new()
    {
        ["bps"] = FilterNumber.BitsPerSecond,
        ["pps"] = FilterNumber.PacketsPerSecond,
        ["packets"] = FilterNumber.Packets,
        ["bytes"] = FilterNumber.Octets,
        ["length"] = FilterNumber.Length,
        ["ttl"] = FilterNumber.Ttl,
        ["age"] = FilterNumber.Age,
        ["idle"] = FilterNumber.Idle,
    };

    private static readonly Dictionary<string, (string Expected, Func<FilterSide, string, FilterNode?> Read)> s_sided = new()
    {
        ["host"] = ("an IP address", FilterValues.Host),
        ["net"] = ("a network, as 10.0.0.0/8", FilterValues.Network),
        ["port"] = ("a port number or a service", FilterValues.Port),
        ["portrange"] = ("two ports, as 1-1024", FilterValues.PortRange),
    };

    private static readonly Dictionary<string, (string Expected, Func<string, FilterNode?> Read)> s_plain = new()
    {
        ["proto"] = ("a protocol's number or name", FilterValues.Protocol),
        ["vlan"] = ("a VLAN id up to 4095", FilterValues.Vlan),
        ["flags"] = ("letters of TCP flags, of FSRPAUEC", FilterValues.Flags),
    };

    private static readonly FilterParser s_part = Sign(FilterToken.Not, "'not'").Many()
        .Then(nots => new FilterParser(Part).Select(part => nots.Length % 2 == 0 ? part : new FilterNode.Not(part)));

    private static readonly FilterParser s_all = Chain(
        s_part, Sign(FilterToken.And, "'and'").IgnoreThen(s_part.Select(Joined)).Or(s_part), isAnd: true);

    private static readonly FilterParser s_any = Chain(
        s_all, Sign(FilterToken.Or, "'or'").IgnoreThen(s_all.Select(Joined)), isAnd: false);

    /// <summary>Words that mean nothing without others.</summary>
    public static IReadOnlyList<string> Keywords { get; } = ["and", "or", "not", "src", "dst", .. s_sided.Keys, .. s_plain.Keys, .. s_numbers.Keys];

    /// <summary>Gives the tree, or what is wrong with the text. An empty text is a filter that lets all through.</summary>
    public static FilterError? Read(string text, out FilterNode filter)
    {
        filter = new FilterNode.Anything();
        if (FilterLexer.Read(text, out FilterTokens tokens) is { } error)
            return error;
        if (tokens.IsAtEnd)
            return null;
        FilterResult result = s_any(tokens);
        if (!result.HasValue)
            return ErrorAt(text, result.Remainder, result.Expectations ?? [SomeQuestion]);
        if (!result.Remainder.IsAtEnd)
            return ErrorAt(text, result.Remainder, WhyNoPart(result.Remainder));
        filter = new FilterInheritance().Resolve(result.Value, isJoined: false);
        return null;
    }

    // Where nothing was consumed, a chain takes a part that is wrong for its own end.
    private static string[] WhyNoPart(FilterTokens rest) =>
        rest.ConsumeToken().Value.Kind is FilterToken.Word or FilterToken.Pattern && s_part(rest) is { HasValue: false } wrong
            ? wrong.Expectations ?? [SomeQuestion] : ["'and'", "'or'", "the end"];

    private static FilterParser Chain(FilterParser first, FilterParser more, bool isAnd) =>
        first.Then(one => more.Many().Select(others => others.Length == 0 ? one : new FilterNode.Chain(isAnd, [one, .. others])));

    private static FilterNode Joined(FilterNode part) => new FilterNode.Joined(part);

    private static FilterResult Part(FilterTokens input)
    {
        TokenListParserResult<FilterToken, Token<FilterToken>> next = input.ConsumeToken();
        string text = next.HasValue ? next.Value.ToStringValue() : "";
        return (next.HasValue ? next.Value.Kind : FilterToken.Close) switch
        {
            FilterToken.Open => Group(input),
            FilterToken.Quoted => Answer(FilterValues.Question(FilterTest.Of(new WordTest(Unquoted(text)))), input, next.Remainder),
            FilterToken.Pattern => Pattern(text[1..^1], input, next.Remainder),
            FilterToken.Word => Placed(Word(text.ToLowerInvariant(), input, next.Remainder), next.Value),
            _ => Expected(input, SomeQuestion),
        };
    }

    private static readonly FilterParser s_group =
        from open in Sign(FilterToken.Open, "'('")
        from inner in Superpower.Parse.Ref(() => s_any!)
        from close in Sign(FilterToken.Close, "')'")
        select inner;

    private static FilterResult Group(FilterTokens input) => s_group(input);

    private static FilterResult Pattern(string pattern, FilterTokens input, FilterTokens rest)
    {
        try
        {
            return Answer(FilterValues.Question(FilterTest.Of(new PatternTest(pattern))), input, rest);
        }
        catch (RegexParseException exception)
        {
            return Expected(input, $"a regular expression ({Words(exception.Error)})");
        }
        catch (NotSupportedException)
        {
            return Expected(input, "a smaller regular expression, without look-around and back-references");
        }
    }

    /// <summary>"InsufficientClosingParentheses" as words.</summary>
    private static string Words(RegexParseError error) =>
        string.Concat(error.ToString().Select((letter, at) => at > 0 && char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    private static FilterResult Word(string word, FilterTokens input, FilterTokens rest)
    {
        if (word is "src" or "dst")
            return Sided(word, rest);
        if (s_sided.TryGetValue(word, out var sided))
            return Value(rest, sided.Expected, text => sided.Read(FilterSide.Either, text));
        if (word == "vlan" && !FollowsWord(rest))
            return Answer(FilterValues.AnyVlan, input, rest);
        if (s_plain.TryGetValue(word, out var plain))
            return Value(rest, plain.Expected, plain.Read);
        if (s_numbers.TryGetValue(word, out FilterNumber number))
            return Comparison(number, rest);
        if (FollowsComparison(rest))
            return Expected(input, $"{string.Join(", ", s_numbers.Keys)} before a comparison");
        if (FilterValues.ProtocolName(word) is { } protocol)
            return Answer(protocol, input, rest);
        return BareWord(word, input, rest);
    }

    /// <summary>An address or a network says what it is by itself, and so do ":53", "port:53" and "vlan:5"; all else is looked for in the line.</summary>
    private static FilterResult BareWord(string word, FilterTokens input, FilterTokens rest)
    {
        FilterNode? node = null;
        // With "::" at its end an address may only be the beginning of what is looked for.
        if (!word.EndsWith("::", StringComparison.Ordinal))
            node = FilterValues.Host(FilterSide.Either, word);
        if (node is null && word.Contains('/'))
        {
            node = FilterValues.Network(FilterSide.Either, word);
            if (node is null)
                return Expected(input, s_sided["net"].Expected);
        }
        int colon = word.IndexOf(':');
        string value = word[(colon + 1)..];
        if (node is null && colon >= 0 && word[..colon] is "port" or "vlan")
        {
            node = word[0] == 'p' ? FilterValues.Port(FilterSide.Either, value) : FilterValues.Vlan(value);
            if (node is null)
                return Expected(input, word[0] == 'p' ? s_sided["port"].Expected : s_plain["vlan"].Expected);
        }
        if (node is null && colon == 0)
            node = FilterValues.Port(FilterSide.Either, value);
        node ??= FilterValues.Question(FilterTest.Of(new WordTest(word)));
        return Answer(new FilterNode.Word(word, node), input, rest);
    }

    private static FilterResult Sided(string word, FilterTokens rest)
    {
        FilterSide side = word == "src" ? FilterSide.Source : FilterSide.Destination;
        // "src or dst", "src and dst", in either order.
        TokenListParserResult<FilterToken, Token<FilterToken>> sign = rest.ConsumeToken();
        if (sign.HasValue && sign.Value.Kind is FilterToken.And or FilterToken.Or
            && sign.Remainder.ConsumeToken() is { HasValue: true } other && other.Value.Kind == FilterToken.Word
            && other.Value.ToStringValue().ToLowerInvariant() is "src" or "dst")
        {
            side = sign.Value.Kind == FilterToken.And ? FilterSide.Both : FilterSide.Either;
            rest = other.Remainder;
        }
        TokenListParserResult<FilterToken, Token<FilterToken>> next = rest.ConsumeToken();
        return next.HasValue && next.Value.Kind == FilterToken.Word && s_sided.TryGetValue(next.Value.ToStringValue().ToLowerInvariant(), out var sided)
            ? Value(next.Remainder, sided.Expected, text => sided.Read(side, text))
            : Value(rest, "'host', 'net', 'port', 'portrange' or an IP address", text => FilterValues.Host(side, text) ?? (text.Contains('/') ? FilterValues.Network(side, text) : null));
    }

    private static FilterResult Comparison(FilterNumber number, FilterTokens input)
    {
        if (!FollowsComparison(input))
            return Expected(input, "a comparison, as '>'");
        TokenListParserResult<FilterToken, Token<FilterToken>> sign = input.ConsumeToken();
        FilterComparison comparison = sign.Value.ToStringValue() switch
        {
            "<" => FilterComparison.Less,
            "<=" => FilterComparison.LessOrEqual,
            ">" => FilterComparison.Greater,
            ">=" => FilterComparison.GreaterOrEqual,
            "!=" => FilterComparison.NotEqual,
            _ => FilterComparison.Equal,
        };
        string expected = number is FilterNumber.Age or FilterNumber.Idle ? "a time, as 90s, 5m or 1h" : "a number, as 3, 1.5k or 10M";
        return Value(sign.Remainder, expected, text =>
            FilterValues.Amount(number, text) is { } amount ? FilterValues.Question(FilterTest.Of(new NumberTest(number, comparison, amount))) : null);
    }

    /// <summary>Takes the word that comes next for a value; what follows in a chain may be another of the same kind.</summary>
    private static FilterResult Value(FilterTokens input, string expected, Func<string, FilterNode?> read)
    {
        TokenListParserResult<FilterToken, Token<FilterToken>> next = input.ConsumeToken();
        return next.HasValue && next.Value.Kind == FilterToken.Word && read(next.Value.ToStringValue().ToLowerInvariant()) is { } node
            ? Answer(new FilterNode.Qualified(node, read), input, next.Remainder)
            : Expected(input, expected);
    }

    private static FilterResult Placed(FilterResult result, Token<FilterToken> word) =>
        result.HasValue
            ? Answer(new FilterNode.Placed(result.Value, word.Position.Absolute, word.Span.Length), result.Location, result.Remainder)
            : result;

    private static bool FollowsWord(FilterTokens tokens) =>
        tokens.ConsumeToken() is { HasValue: true } next && next.Value.Kind == FilterToken.Word && char.IsAsciiDigit(next.Value.Span.ToStringValue()[0]);

    private static bool FollowsComparison(FilterTokens tokens) =>
        tokens.ConsumeToken() is { HasValue: true } next && next.Value.Kind == FilterToken.Comparison;

    private static TokenListParser<FilterToken, Token<FilterToken>> Sign(FilterToken kind, string expected) => input =>
        input.ConsumeToken() is { HasValue: true } next && next.Value.Kind == kind
            ? next : TokenListParserResult.Empty<FilterToken, Token<FilterToken>>(input, [expected]);

    private static FilterResult Answer(FilterNode node, FilterTokens from, FilterTokens rest) => TokenListParserResult.Value(node, from, rest);

    private static FilterResult Expected(FilterTokens at, string what) => TokenListParserResult.Empty<FilterToken, FilterNode>(at, [what]);

    private static string Unquoted(string text) => text[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);

    private static FilterError ErrorAt(string text, FilterTokens place, string[] expectations)
    {
        string[] distinct = [.. expectations.Distinct()];
        string expected = distinct.Length == 1 ? distinct[0] : $"{string.Join(", ", distinct[..^1])} or {distinct[^1]}";
        Token<FilterToken> token = place.IsAtEnd ? default : place.ConsumeToken().Value;
        return place.IsAtEnd
            ? new FilterError(text.Length, 0, $"expected {expected}")
            : new FilterError(token.Position.Absolute, token.Span.Length, $"expected {expected}");
    }
}
