using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>linux/rtnetlink.h, with linux/if_link.h and linux/veth.h for its attributes, and linux/pkt_sched.h; C names kept. rtnetlink(7)</summary>
internal static class RtNetlink
{
    // nlmsghdr.nlmsg_type
    public const ushort RTM_NEWLINK = 16;
    public const ushort RTM_DELLINK = 17;
    public const ushort RTM_GETLINK = 18;
    public const ushort RTM_NEWTFILTER = 44;
    public const ushort RTM_GETTFILTER = 46;

    // Bits of sockaddr_nl.nl_groups: what to be told of.
    public const uint RTMGRP_LINK = 0x1;
    public const uint RTMGRP_IPV4_IFADDR = 0x10;
    public const uint RTMGRP_IPV6_IFADDR = 0x100;

    /// <summary>tcmsg.tcm_parent: the hooks of a clsact qdisc.</summary>
    public const uint TC_H_CLSACT = 0xFFFFFFF1;
    public const uint TC_H_MIN_INGRESS = 0xFFF2;
    public const uint TC_H_MIN_EGRESS = 0xFFF3;

    /// <summary>Bit of ifinfomsg.ifi_flags, from linux/if.h: there is a carrier, now. (IFF_RUNNING follows with some delay.)</summary>
    public const uint IFF_LOWER_UP = 1 << 16;

    // Attributes of a link.
    public const ushort IFLA_IFNAME = 3;
    public const ushort IFLA_MTU = 4;
    public const ushort IFLA_MASTER = 10;
    public const ushort IFLA_LINKINFO = 18;
    public const ushort IFLA_STATS64 = 23;
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

    /// <summary>The value of IFLA_STATS64, its first fields; later kernels have more.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct rtnl_link_stats64
    {
        public ulong rx_packets;
        public ulong tx_packets;
        public ulong rx_bytes;
        public ulong tx_bytes;
        public ulong rx_errors;
        public ulong tx_errors;
        public ulong rx_dropped;
        public ulong tx_dropped;
        public ulong multicast;
        public ulong collisions;
        public ulong rx_length_errors;
        public ulong rx_over_errors;
        public ulong rx_crc_errors;
        public ulong rx_frame_errors;
        public ulong rx_fifo_errors;
        public ulong rx_missed_errors;
        public ulong tx_aborted_errors;
        public ulong tx_carrier_errors;
        public ulong tx_fifo_errors;
        public ulong tx_heartbeat_errors;
        public ulong tx_window_errors;
        public ulong rx_compressed;
        public ulong tx_compressed;
        public ulong rx_nohandler;
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
