using System.Runtime.InteropServices;
using Tmds.Linux;

namespace XdpTop.Native;

/// <summary>What has to be so before the program does anything else.</summary>
internal static unsafe partial class ProcessStart
{
    private const int SIGXFSZ = 25;
    private const nint SIG_IGN = 1;

    /// <summary>
    /// A file that grows longer than it may is an error like a full disk (EFBIG), not the end of the process. Descriptors 0
    /// to 2 are open, if to nothing: else what is opened next would be taken for standard output. (One of them the runtime can
    /// have taken before, for what it reads: writing there fails, and harms nothing.)
    /// </summary>
    public static void Prepare()
    {
        _ = signal(SIGXFSZ, SIG_IGN);
        fixed (byte* nothing = "/dev/null"u8)
        {
            for (int fd = 0; fd <= 2; fd++)
            {
                if (LibC.fcntl(fd, LibC.F_GETFD) < 0)
                    _ = LibC.open(nothing, LibC.O_RDWR); // gives the lowest that is free: this one
            }
        }
    }

    // sighandler_t signal(int signum, sighandler_t handler);
    [LibraryImport("libc")]
    private static partial nint signal(int signum, nint handler);
}
