using System.Text;
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
    /// <param name="givesUp">Null for what cannot stall, as a file. Is asked again and again while a pipe or terminal has no room, since somebody does not read it.</param>
    /// <exception cref="IOException">It cannot be written, as on a full disk.</exception>
    public static bool WriteAll(int fd, ReadOnlySpan<byte> bytes, Func<bool>? givesUp)
    {
        while (!bytes.IsEmpty)
        {
            if (givesUp is null || HasRoom(fd))
            {
                int written = Write(fd, givesUp is null ? bytes : bytes[..Math.Min(bytes.Length, PipeBuf)]);
                if (written < 0)
                    return false;
                bytes = bytes[written..];
            }
            else if (givesUp())
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether somebody who does not read it can make a write wait: that of a pipe, a terminal or a socket, which cannot seek.</summary>
    public static bool CanStall(int fd) => LibC.lseek(fd, 0, LibC.SEEK_CUR) < 0;

    /// <summary>Whether there is a pipe or a terminal, or another device of that kind, at a path; symbolic links are followed.</summary>
    public static bool IsPipeOrDevice(string path)
    {
        Stat.statx status;
        return TryLookAt(path, &status) && (status.stx_mode & Stat.S_IFMT) is Stat.S_IFIFO or Stat.S_IFCHR;
    }

    /// <summary>Whether two paths are of one regular file, by symbolic or hard links.</summary>
    public static bool IsSameFile(string one, string other)
    {
        Stat.statx first, second;
        return TryLookAt(one, &first) && TryLookAt(other, &second)
            && (first.stx_mode & Stat.S_IFMT) == Stat.S_IFREG
            && (first.stx_ino, first.stx_dev_major, first.stx_dev_minor) == (second.stx_ino, second.stx_dev_major, second.stx_dev_minor);
    }

    /// <summary>Opens what is there for writing, so that no write waits; -1 when it is a pipe that nobody reads yet.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static int OpenToWrite(string path)
    {
        int fd;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            fd = LibC.open(name, LibC.O_WRONLY | LibC.O_NONBLOCK | LibC.O_NOCTTY | LibC.O_CLOEXEC);
        return fd >= 0 || LibC.errno == Errno.ENXIO ? fd : throw new IOException(NativeException.Describe(LibC.errno));
    }

    public static void Close(int fd) => _ = LibC.close(fd);

    /// <summary>Waits until there is something to read, or the time is over. True if there is something.</summary>
    /// <param name="hasGone">Whether it is a terminal that has hung up, or nothing that can be read.</param>
    public static bool WaitForInput(int fd, TimeSpan patience, out bool hasGone)
    {
        pollfd readable = new() { fd = fd, events = LibC.POLLIN };
        bool isReady = LibC.poll(&readable, 1, (int)Math.Ceiling(patience.TotalMilliseconds)) > 0;
        int events = readable.revents;
        hasGone = isReady && ((events & LibC.POLLHUP) != 0 || (events & LibC.POLLERR) != 0 || (events & LibC.POLLNVAL) != 0);
        return isReady && !hasGone;
    }

    private static bool TryLookAt(string path, Stat.statx* status) =>
        Stat.statx_of(Stat.AT_FDCWD, path, 0, Stat.STATX_BASIC_STATS, status) == 0;

    // False also when a signal came in between: then nothing is known, and write would wait. An error is write's to tell.
    private static bool HasRoom(int fd)
    {
        pollfd room = new() { fd = fd, events = LibC.POLLOUT };
        return LibC.poll(&room, 1, Patience) > 0;
    }

    /// <summary>How many bytes it took, 0 if it has to be asked again; -1 when nobody reads the pipe any more.</summary>
    private static int Write(int fd, ReadOnlySpan<byte> bytes)
    {
        nint written;
        fixed (byte* first = bytes)
            written = (nint)LibC.write(fd, first, (size_t)bytes.Length);
        if (written >= 0)
            return (int)written;
        return LibC.errno switch
        {
            Errno.EINTR or Errno.EAGAIN => 0,
            Errno.EPIPE => -1,
            int errno => throw new IOException(NativeException.Describe(errno)),
        };
    }
}
