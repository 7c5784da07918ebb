namespace XdpTop.Cli;

/// <summary>Text for a terminal that holds names which others chose.</summary>
internal static class SafeText
{
    /// <summary>Control characters, with which a name could command the terminal, become '?'.</summary>
    public static string Clean(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
        });
}
