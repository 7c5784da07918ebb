using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>netdb.h, C names kept. getnameinfo(3)</summary>
internal static partial class Netdb
{
    /// <summary>Octets of the longest name that getnameinfo gives, its final NUL included.</summary>
    public const int NI_MAXHOST = 1025;

    /// <summary>An error where there is no name, in place of the address as text.</summary>
    public const int NI_NAMEREQD = 8;

    // int getnameinfo(const struct sockaddr *addr, socklen_t addrlen, char *host, socklen_t hostlen, char *serv, socklen_t servlen, int flags);
    [LibraryImport("libc")]
    public static partial int getnameinfo(ReadOnlySpan<byte> addr, uint addrlen, Span<byte> host, uint hostlen, nint serv, uint servlen, int flags);
}
