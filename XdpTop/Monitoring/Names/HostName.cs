using System.Net;

namespace XdpTop.Monitoring.Names;

/// <summary>
/// A host's name as the network tells it, which anybody can make up who holds an address: what is let through is only what
/// a host name may hold (RFC 952, RFC 1123, and the underscore that many have).
/// </summary>
internal static class HostName
{
    /// <summary>Longer names are cut off, which the last character tells: '~'.</summary>
    public const int MaximumLength = 100;

    /// <summary>
    /// The name with '?' for each character that is none of a host name's: control and escape characters, marks that turn
    /// the direction of writing, letters that look like others. Null for what is no name: nothing at all, or an address,
    /// which would be taken for the host's own.
    /// </summary>
    public static string? Clean(string? name)
    {
        name = name?.TrimEnd('.');
        if (string.IsNullOrEmpty(name) || IPAddress.TryParse(name, out _))
            return null;
        int length = Math.Min(name.Length, MaximumLength);
        return string.Create(length, name, static (clean, name) =>
        {
            for (int i = 0; i < clean.Length; i++)
                clean[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] is '.' or '-' or '_' ? name[i] : '?';
            if (name.Length > clean.Length)
                clean[^1] = '~';
        });
    }
}
