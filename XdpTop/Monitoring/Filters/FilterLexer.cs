using Superpower.Model;

namespace XdpTop.Monitoring.Filters;

/// <summary>Takes a filter's text apart into tokens.</summary>
internal static class FilterLexer
{
    /// <summary>The most parentheses within each other: what follows goes down into them, and the stack has an end.</summary>
    public const int MaximumDepth = 50;

    private const string EndsWord = "()<>=!&|\"";

    /// <summary>Gives the tokens, or what is wrong.</summary>
    public static FilterError? Read(string text, out TokenList<FilterToken> tokens)
    {
        List<Token<FilterToken>> found = [];
        int depth = 0;
        int at = 0;
        FilterError? error = null;
        while (error is null && SkipSpace(text, ref at))
        {
            int length = LengthAt(text, at, out FilterToken kind);
            if (length == 0)
                error = Unfinished(text, at);
            else if (kind == FilterToken.Open && ++depth > MaximumDepth)
                error = new FilterError(at, length, $"expected no more than {MaximumDepth} parentheses within each other");
            else if (kind == FilterToken.Close)
                depth--;
            found.Add(new Token<FilterToken>(kind, new TextSpan(text, new Position(at, 1, at + 1), length)));
            at += length;
        }
        tokens = new TokenList<FilterToken>([.. found]);
        return error;
    }

    private static bool SkipSpace(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at < text.Length;
    }

    /// <summary>The token's length; 0 if it has no end.</summary>
    private static int LengthAt(string text, int at, out FilterToken kind)
    {
        char next = at + 1 < text.Length ? text[at + 1] : '\0';
        (kind, int length) = (text[at], next) switch
        {
            ('(', _) => (FilterToken.Open, 1),
            (')', _) => (FilterToken.Close, 1),
            ('&', '&') => (FilterToken.And, 2),
            ('&', _) => (FilterToken.And, 0),
            ('|', '|') => (FilterToken.Or, 2),
            ('|', _) => (FilterToken.Or, 0),
            ('<' or '>' or '=' or '!', '=') => (FilterToken.Comparison, 2),
            ('<' or '>' or '=', _) => (FilterToken.Comparison, 1),
            ('!', _) => (FilterToken.Not, 1),
            ('"', _) => (FilterToken.Quoted, DelimitedLength(text, at)),
            ('/', _) => (FilterToken.Pattern, DelimitedLength(text, at)),
            _ => (FilterToken.Word, WordLength(text, at)),
        };
        if (kind == FilterToken.Word)
            kind = KindOfWord(text.AsSpan(at, length));
        return length;
    }

    // A delimiter with a backslash before it is none.
    private static int DelimitedLength(string text, int at)
    {
        for (int end = at + 1; end < text.Length; end++)
        {
            if (text[end] == '\\')
                end++;
            else if (text[end] == text[at])
                return end + 1 - at;
        }
        return 0;
    }

    private static int WordLength(string text, int at)
    {
        int end = at;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && !EndsWord.Contains(text[end]))
            end++;
        return end - at;
    }

    private static FilterToken KindOfWord(ReadOnlySpan<char> word) =>
        word.Equals("and", StringComparison.OrdinalIgnoreCase) ? FilterToken.And
        : word.Equals("or", StringComparison.OrdinalIgnoreCase) ? FilterToken.Or
        : word.Equals("not", StringComparison.OrdinalIgnoreCase) ? FilterToken.Not
        : FilterToken.Word;

    private static FilterError Unfinished(string text, int at) => text[at] switch
    {
        '/' => new FilterError(text.Length, 0, "expected '/' after the pattern"),
        '"' => new FilterError(text.Length, 0, "expected '\"' after the text"),
        char sign => new FilterError(at, 1, $"expected '{sign}{sign}'"),
    };
}
