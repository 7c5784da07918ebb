using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>linux/rtnetlink.h, with linux/if_link.h and linux/veth.h for its attributes, and linux/pkt_sched.h; C names kept. rtnetlink(7)</summary>
internal static class RtNetlink
{
    // nlmsghdr.nlmsg_type
    public const ushort RTM_NEWLINK = 16;
    public const ushort RTM_DELLINK = 17;
    public const ushort RTM_NEWTFILTER = 44;
    public const ushort RTM_GETTFILTER = 46;

    /// <summary>tcmsg.tcm_parent: the hooks of a clsact qdisc.</summary>
    public const uint TC_H_CLSACT = 0xFFFFFFF1;
    public const uint TC_H_MIN_INGRESS = 0xFFF2;
    public const uint TC_H_MIN_EGRESS = 0xFFF3;

    // Attributes of a link.
    public const ushort IFLA_IFNAME = 3;
    public const ushort IFLA_MTU = 4;
    public const ushort IFLA_LINKINFO = 18;
    public const ushort IFLA_NUM_TX_QUEUES = 31;
    public const ushort IFLA_NUM_RX_QUEUES = 32;

    // Attributes inside IFLA_LINKINFO.
    public const ushort IFLA_INFO_KIND = 1;
    public const ushort IFLA_INFO_DATA = 2;

    /// <summary>Inside IFLA_INFO_DATA of a veth link: an ifinfomsg and attributes of the other end.</summary>
    public const ushort VETH_INFO_PEER = 1;

    [StructLayout(LayoutKind.Sequential)]
    public struct ifinfomsg
    {
        public byte ifi_family;
        private byte __ifi_pad;
        public ushort ifi_type;
        public int ifi_index;
        public uint ifi_flags;
        public uint ifi_change;
    }

    /// <summary>About traffic control: qdiscs, filters.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct tcmsg
    {
        public byte tcm_family;
        private byte tcm__pad1;
        private ushort tcm__pad2;
        public int tcm_ifindex;
        public uint tcm_handle;
        public uint tcm_parent;
        public uint tcm_info;
    }
}
