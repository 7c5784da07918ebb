namespace XdpTop.Monitoring.Filters;

/// <summary>What is wrong with a filter's text, and where.</summary>
/// <param name="Position">Where in the text it is: from 0 to the text's length, which is when something is missing at the end.</param>
/// <param name="Length">How many characters are wrong; 0 at the end.</param>
/// <param name="Message">What was expected there, as part of a sentence: "expected a port number".</param>
internal sealed record FilterError(int Position, int Length, string Message)
{
    /// <summary>For where the text is not in sight.</summary>
    public string Sentence(string text) =>
        Length == 0 ? $"at the end, {Message}" : $"at '{text.Substring(Position, Length)}' (character {Position + 1}), {Message}";
}
