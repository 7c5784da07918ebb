using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>stdio.h, C names kept.</summary>
internal static unsafe partial class StdIo
{
    /// <summary>
    /// A va_list reaches a callee as a pointer on x86-64 (it is an array there) and on arm64 (it is too large for
    /// registers), so that one can be passed on as it came.
    /// </summary>
    // int vsnprintf(char *str, size_t size, const char *format, va_list ap);
    [LibraryImport("libc")]
    public static partial int vsnprintf(byte* str, nuint size, byte* format, nint ap);
}
