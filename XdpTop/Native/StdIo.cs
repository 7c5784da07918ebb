using System.Runtime.InteropServices;
using Tmds.Linux;

namespace XdpTop.Native;

/// <summary>stdio.h, C names kept; and write(2) for streams.</summary>
internal static unsafe partial class StdIo
{
    /// <summary>
    /// A va_list reaches a callee as a pointer on x86-64 (it is an array there) and on arm64 (it is too large for
    /// registers), so that one can be passed on as it came.
    /// </summary>
    // int vsnprintf(char *str, size_t size, const char *format, va_list ap);
    [LibraryImport("libc")]
    public static partial int vsnprintf(byte* str, nuint size, byte* format, nint ap);

    /// <summary>
    /// write(2): gives the octets written, or -1 with errno. An interruption is no error, nor is a pipe that is set not to
    /// wait and has no room: both are waited for.
    /// </summary>
    public static int Write(int fd, ReadOnlySpan<byte> bytes, out int errno)
    {
        fixed (byte* first = bytes)
        {
            while (true)
            {
                nint written = (nint)LibC.write(fd, first, (size_t)bytes.Length);
                errno = written < 0 ? LibC.errno : 0;
                if (errno == Errno.EAGAIN)
                {
                    pollfd room = new() { fd = fd, events = LibC.POLLOUT };
                    _ = LibC.poll(&room, 1, -1);
                }
                else if (errno != Errno.EINTR)
                {
                    return (int)written;
                }
            }
        }
    }
}
