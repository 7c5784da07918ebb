using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>ifaddrs.h, C names kept. getifaddrs(3)</summary>
internal static unsafe partial class IfAddrs
{
    // int getifaddrs(struct ifaddrs **ifap);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getifaddrs(ifaddrs** ifap);

    // void freeifaddrs(struct ifaddrs *ifa);
    [LibraryImport("libc")]
    public static partial void freeifaddrs(ifaddrs* ifa);

    /// <summary>An address of an interface. The first fields.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ifaddrs
    {
        public ifaddrs* ifa_next;
        public byte* ifa_name;
        public uint ifa_flags;

        /// <summary>sockaddr, sockaddr_in or sockaddr_in6, as its family says; null where there is none.</summary>
        public ushort* ifa_addr;
    }
}
