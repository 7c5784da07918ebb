using Tmds.Linux;

namespace XdpTop.Native;

/// <summary>What can be done with file descriptors, for those who use no C names.</summary>
internal static unsafe class FileDescriptor
{
    private const int PipeBuf = 4096; // PIPE_BUF: what a pipe takes whole, if poll(2) finds room in it
    private const int Patience = 100; // ms

    /// <summary>
    /// write(2), until all is written; waits for room even where the descriptor is set not to wait. False when it is a pipe
    /// that nobody reads any more (EPIPE), and when there was no room and <paramref name="givesUp"/>.
    /// </summary>
    /// <param name="givesUp">Is asked again and again while a pipe or terminal has no room, since somebody does not read it.</param>
    /// <exception cref="IOException">It cannot be written, as on a full disk.</exception>
    public static bool WriteAll(int fd, ReadOnlySpan<byte> bytes, Func<bool> givesUp)
    {
        while (!bytes.IsEmpty)
        {
            while (!HasRoom(fd))
            {
                if (givesUp())
                    return false;
            }
            int length = Math.Min(bytes.Length, PipeBuf);
            if (!WriteAll(fd, bytes[..length]))
                return false;
            bytes = bytes[length..];
        }
        return true;
    }

    /// <summary>Whether two paths lead to the same file, by whatever names; false where one leads to none.</summary>
    public static bool AreSame(string one, string other)
    {
        return TryRead(one, out Stat.statx first) && TryRead(other, out Stat.statx second) && first.stx_ino == second.stx_ino
            && (first.stx_dev_major, first.stx_dev_minor) == (second.stx_dev_major, second.stx_dev_minor);

        static bool TryRead(string path, out Stat.statx status)
        {
            fixed (Stat.statx* at = &status)
                return Stat.statx_of(Stat.AT_FDCWD, path, 0, Stat.STATX_BASIC_STATS, at) == 0;
        }
    }

    /// <summary>Waits until there is something to read, or the time is over. True if there is something, be it an end or an error.</summary>
    public static bool WaitForInput(int fd, TimeSpan patience)
    {
        pollfd readable = new() { fd = fd, events = LibC.POLLIN };
        return LibC.poll(&readable, 1, (int)Math.Ceiling(patience.TotalMilliseconds)) > 0;
    }

    private static bool HasRoom(int fd)
    {
        pollfd room = new() { fd = fd, events = LibC.POLLOUT };
        return LibC.poll(&room, 1, Patience) != 0; // an error is write's to tell
    }

    private static bool WriteAll(int fd, ReadOnlySpan<byte> bytes)
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
                        _ = HasRoom(fd);
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
