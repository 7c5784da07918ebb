using Tmds.Linux;

namespace XdpTop.Native;

/// <summary>What can be done with file descriptors, for those who use no C names.</summary>
internal static unsafe class FileDescriptor
{
    /// <summary>
    /// write(2), until all is written; waits for room even where the descriptor is set not to wait. False when it is a pipe
    /// that nobody reads any more (EPIPE).
    /// </summary>
    /// <exception cref="IOException">It cannot be written, as on a full disk.</exception>
    public static bool WriteAll(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            for (int at = 0; at < bytes.Length;)
            {
                nint written = (nint)LibC.write(fd, first + at, (size_t)(bytes.Length - at));
                int errno = written < 0 ? LibC.errno : 0;
                switch (errno)
                {
                    case 0:
                        at += (int)written;
                        break;
                    case Errno.EINTR:
                        break;
                    case Errno.EAGAIN:
                        pollfd room = new() { fd = fd, events = LibC.POLLOUT };
                        _ = LibC.poll(&room, 1, -1);
                        break;
                    case Errno.EPIPE:
                        return false;
                    default:
                        throw new IOException(NativeException.Describe(errno));
                }
            }
        }
        return true;
    }
}
