namespace XdpTop.Export;

/// <summary>Writing to files that may be full.</summary>
internal static class OutputFiles
{
    /// <summary>Writes all, or throws <see cref="IOException"/> and leaves nothing of it in the file.</summary>
    public static void WriteWhole(this Stream file, ReadOnlySpan<byte> octets)
    {
        long end = file.End();
        try
        {
            file.Write(octets);
            file.Flush();
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            file.CutOff(end);
            throw exception as IOException ?? new IOException(Cause(exception), exception);
        }
    }

    /// <inheritdoc cref="IRecordOutput.CanStall"/>
    public static bool CanStall(this Stream file) => file is WriteOnlyStream { CanStall: true };

    /// <summary>Where the file ends now; -1 for a pipe or a terminal.</summary>
    public static long End(this Stream file) => file.CanSeek ? file.Position : -1;

    /// <summary>Makes the file end there again.</summary>
    public static void CutOff(this Stream file, long end)
    {
        if (end < 0)
            return;
        try
        {
            file.SetLength(end);
            file.Position = end;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            // A device like /dev/full, which keeps nothing.
        }
    }

    /// <summary>Whether a file cannot be opened or written: of some errors .NET makes other exceptions than <see cref="IOException"/>.</summary>
    public static bool IsFailure(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    /// <summary>Why it failed, without the path, which .NET puts behind it.</summary>
    public static string Cause(Exception exception)
    {
        if (exception is ArgumentOutOfRangeException)
            return "File too large"; // EFBIG
        // That an access is denied can have several causes, of which the inner exception names the one.
        string message = (exception as UnauthorizedAccessException)?.InnerException?.Message ?? exception.Message;
        int path = message.LastIndexOf(" : '", StringComparison.Ordinal);
        return (path < 0 ? message : message[..path]).TrimEnd('.');
    }
}
