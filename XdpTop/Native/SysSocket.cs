using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>&lt;sys/socket.h&gt;, what Tmds.LibC lacks; C names kept.</summary>
internal static unsafe partial class SysSocket
{
    /// <summary>
    /// Sends several datagrams. Gives how many were taken; -1 with errno only if not even the first was: an error of a
    /// later one is told by the next call, if it still holds by then.
    /// </summary>
    // int sendmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int sendmmsg(SafeHandle sockfd, mmsghdr* msgvec, uint vlen, int flags);

    [StructLayout(LayoutKind.Sequential)]
    public struct iovec
    {
        public void* iov_base;
        public nuint iov_len;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct msghdr
    {
        public void* msg_name;
        public uint msg_namelen;
        public iovec* msg_iov;
        public nuint msg_iovlen;
        public void* msg_control;
        public nuint msg_controllen;
        public int msg_flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct mmsghdr
    {
        public msghdr msg_hdr;
        public uint msg_len;
    }
}
