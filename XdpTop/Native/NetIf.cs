using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>net/if.h and net/if_arp.h, and of linux/sockios.h what Tmds.LibC has not; C names kept. netdevice(7)</summary>
internal static unsafe partial class NetIf
{
    /// <summary>Octets of an interface's name, its final NUL included.</summary>
    public const int IFNAMSIZ = 16;

    // ifreq.ifr_flags
    public const short IFF_UP = 1 << 0;
    public const short IFF_RUNNING = 1 << 6;

    // A request of ioctl on any socket.
    public const int SIOCETHTOOL = 0x8946;

    // What kind of interface it is.
    public const ushort ARPHRD_ETHER = 1;
    public const ushort ARPHRD_LOOPBACK = 772;

    // unsigned int if_nametoindex(const char *ifname);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint if_nametoindex(string ifname);

    // char *if_indextoname(unsigned int ifindex, char *ifname);
    [LibraryImport("libc", SetLastError = true)]
    public static partial byte* if_indextoname(uint ifindex, byte* ifname);

    [StructLayout(LayoutKind.Explicit, Size = 40)]
    public struct ifreq
    {
        [FieldOffset(0)] public if_name ifr_name;
        [FieldOffset(16)] public short ifr_flags;
        [FieldOffset(16)] public hwaddr ifr_hwaddr;
        [FieldOffset(16)] public void* ifr_data;
    }

    /// <summary>char name[IFNAMSIZ], NUL-terminated.</summary>
    [InlineArray(IFNAMSIZ)]
    public struct if_name
    {
        private byte _first;
    }

    /// <summary>struct sockaddr: a ushort, here ARPHRD_…, and then the address.</summary>
    [InlineArray(16)]
    public struct hwaddr
    {
        private byte _first;
    }
}
