using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>stdlib.h, C names kept. pts(4)</summary>
internal static partial class StdLib
{
    // int posix_openpt(int flags);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int posix_openpt(int flags);

    // int grantpt(int fd);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int grantpt(int fd);

    // int unlockpt(int fd);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int unlockpt(int fd);

    /// <summary>Gives an error number, not -1.</summary>
    // int ptsname_r(int fd, char *buf, size_t buflen);
    [LibraryImport("libc")]
    public static partial int ptsname_r(int fd, Span<byte> buf, nuint buflen);
}
