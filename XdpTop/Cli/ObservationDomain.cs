using System.Text;
using XdpTop.Flows;

namespace XdpTop.Cli;

/// <summary>
/// The number by which collectors know where flows were seen (RFC 7011 section 3.1), where the user gives none: always
/// the same for the same interfaces of the same host, and hardly ever that of others.
/// </summary>
internal static class ObservationDomain
{
    /// <param name="names">Of interfaces, or of a capture file; their order does not count.</param>
    /// <param name="host">What tells hosts apart; this host's if not given.</param>
    public static uint IdOf(IEnumerable<string> names, string? host = null)
    {
        // machine-id(5): the number itself is not to be given away, so it goes in with a purpose and comes out as a hash.
        string text = string.Join('\0', ["xdptop observation domain", host ?? ThisHost(), .. names.Order(StringComparer.Ordinal)]);
        uint id = Murmur3.Hash(Encoding.UTF8.GetBytes(text), seed: 0);
        return Math.Max(id, 1); // 0 would say that there is none
    }

    private static string ThisHost()
    {
        try
        {
            return File.ReadAllText("/etc/machine-id").Trim() is { Length: > 0 } id ? id : Environment.MachineName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Environment.MachineName;
        }
    }
}
