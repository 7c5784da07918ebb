namespace XdpTop.Cli;

/// <summary>Sentences for the user on standard error.</summary>
internal static class ErrorOutput
{
    /// <summary>Writes one line. If nobody can read it, as when the terminal has gone, that is all right.</summary>
    public static void Say(string sentence)
    {
        try
        {
            Console.Error.WriteLine("xdptop: " + SafeText.Clean(sentence));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) // the latter where it is closed (EBADF)
        {
        }
    }
}
