using System.Runtime.InteropServices;
using XdpTop.Native;
using static XdpTop.Native.Netlink;
using static XdpTop.Native.NetIf;
using static XdpTop.Native.RtNetlink;

namespace XdpTop.Capture;

/// <summary>Makes, changes and removes network links (needs CAP_NET_ADMIN).</summary>
internal static class Links
{
    private const int RequestOctets = 512;
    private const int Eperm = 1;
    private const int Enodev = 19;

    /// <summary>The link's index, by its name or an alternative one (of at most 15 octets, as if_nametoindex(3) takes); 0 if there is no such link.</summary>
    public static int IndexOf(string name) => (int)if_nametoindex(name);

    /// <summary>The name that /sys and /proc have it by, which is none of its alternative ones; null if there is no such link.</summary>
    public static unsafe string? NameOf(int index)
    {
        byte* name = stackalloc byte[IFNAMSIZ];
        return Marshal.PtrToStringUTF8((nint)if_indextoname((uint)index, name));
    }

    /// <summary>Makes two links that are connected to each other: what one sends, the other receives.</summary>
    /// <param name="name">Up to 15 bytes.</param>
    /// <param name="peer">The other end's name.</param>
    /// <param name="queues">RX and TX queues of each end.</param>
    public static void CreateVethPair(string name, string peer, int queues)
    {
        RtNetlinkRequest request = new(stackalloc byte[RequestOctets], RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, default(ifinfomsg));
        End(ref request, name, queues);
        int info = request.Begin(IFLA_LINKINFO);
        request.Attribute(IFLA_INFO_KIND, "veth");
        int data = request.Begin(IFLA_INFO_DATA);
        int other = request.Begin(VETH_INFO_PEER);
        request.Append(default(ifinfomsg));
        End(ref request, peer, queues);
        request.End(other);
        request.End(data);
        request.End(info);
        Check(request.Send(), $"creating the veth pair {name} and {peer}", "the kernel needs the module veth, and the names must be free");

        static void End(ref RtNetlinkRequest request, string name, int queues)
        {
            request.Attribute(IFLA_IFNAME, name);
            request.Attribute(IFLA_NUM_TX_QUEUES, (uint)queues);
            request.Attribute(IFLA_NUM_RX_QUEUES, (uint)queues);
        }
    }

    /// <summary>Removes a link, a veth pair by either end. False if there is none of that name.</summary>
    public static bool Delete(string name)
    {
        RtNetlinkRequest request = new(stackalloc byte[RequestOctets], RTM_DELLINK, 0, default(ifinfomsg));
        request.Attribute(IFLA_IFNAME, name);
        int error = request.Send();
        if (error == Enodev)
            return false;
        Check(error, $"deleting the link {name}", $"delete it by hand: ip link delete {name}");
        return true;
    }

    public static void SetUp(string name, bool up)
    {
        ifinfomsg link = new() { ifi_flags = up ? (uint)IFF_UP : 0, ifi_change = (uint)IFF_UP };
        RtNetlinkRequest request = new(stackalloc byte[RequestOctets], RTM_NEWLINK, 0, link);
        request.Attribute(IFLA_IFNAME, name);
        Check(request.Send(), $"setting the link {name} {(up ? "up" : "down")}", "look at it: ip link");
    }

    public static void SetMtu(string name, int octets)
    {
        RtNetlinkRequest request = new(stackalloc byte[RequestOctets], RTM_NEWLINK, 0, default(ifinfomsg));
        request.Attribute(IFLA_IFNAME, name);
        request.Attribute(IFLA_MTU, (uint)octets);
        Check(request.Send(), $"setting the MTU of {name} to {octets}", $"see which MTUs its driver has: ip -details link show {name}");
    }

    private static void Check(int error, string operation, string remedy)
    {
        if (error != 0)
            throw new NativeException(operation, error, error == Eperm ? Capabilities.Remedy() : remedy);
    }
}
