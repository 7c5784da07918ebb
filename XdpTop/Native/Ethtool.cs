using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>linux/ethtool.h, C names kept: what a driver says of itself, asked for by SIOCETHTOOL.</summary>
internal static class Ethtool
{
    // First field of each struct: what is asked for.
    public const uint ETHTOOL_GDRVINFO = 0x00000003;
    public const uint ETHTOOL_GCOALESCE = 0x0000000e;
    public const uint ETHTOOL_GRINGPARAM = 0x00000010;
    public const uint ETHTOOL_GSTRINGS = 0x0000001b;
    public const uint ETHTOOL_GSTATS = 0x0000001d;
    public const uint ETHTOOL_GFLAGS = 0x00000025;
    public const uint ETHTOOL_GRXFH = 0x00000029;
    public const uint ETHTOOL_GGRO = 0x0000002b;
    public const uint ETHTOOL_SGRO = 0x0000002c;
    public const uint ETHTOOL_GCHANNELS = 0x0000003c;
    public const uint ETHTOOL_GRSSH = 0x00000046;

    /// <summary>enum ethtool_stringset: the names of what ETHTOOL_GSTATS tells.</summary>
    public const uint ETH_SS_STATS = 1;

    /// <summary>Octets of each name, NULs after it included.</summary>
    public const int ETH_GSTRING_LEN = 32;

    // Bits of what ETHTOOL_GFLAGS tells.
    public const uint ETH_FLAG_RXVLAN = 1 << 8;
    public const uint ETH_FLAG_LRO = 1 << 15;

    // ethtool_rxnfc.flow_type
    public const uint TCP_V4_FLOW = 0x01;
    public const uint UDP_V4_FLOW = 0x02;
    public const uint TCP_V6_FLOW = 0x05;
    public const uint UDP_V6_FLOW = 0x06;

    // Bits of ethtool_rxnfc.data: the fields that RSS looks at.
    public const ulong RXH_IP_SRC = 1 << 4;
    public const ulong RXH_IP_DST = 1 << 5;
    public const ulong RXH_L4_B_0_1 = 1 << 6;
    public const ulong RXH_L4_B_2_3 = 1 << 7;

    /// <summary>Queues ("channels"): combined ones serve both directions.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ethtool_channels
    {
        public uint cmd;
        public uint max_rx;
        public uint max_tx;
        public uint max_other;
        public uint max_combined;
        public uint rx_count;
        public uint tx_count;
        public uint other_count;
        public uint combined_count;
    }

    /// <summary>For what is on or off.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ethtool_value
    {
        public uint cmd;
        public uint data;
    }

    /// <summary>Places in the rings: now, and at most.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ethtool_ringparam
    {
        public uint cmd;
        public uint rx_max_pending;
        public uint rx_mini_max_pending;
        public uint rx_jumbo_max_pending;
        public uint tx_max_pending;
        public uint rx_pending;
        public uint rx_mini_pending;
        public uint rx_jumbo_pending;
        public uint tx_pending;
    }

    /// <summary>How long, and for how many frames, an interrupt waits. Of its many fields, those looked at.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 92)]
    public struct ethtool_coalesce
    {
        [FieldOffset(0)] public uint cmd;
        [FieldOffset(4)] public uint rx_coalesce_usecs;
        [FieldOffset(8)] public uint rx_max_coalesced_frames;
        [FieldOffset(40)] public uint use_adaptive_rx_coalesce;
    }

    /// <summary>
    /// RSS: the indirection table (an RX queue in each uint) and the key follow in the same block. Asked with sizes of 0,
    /// the kernel tells the sizes alone. In the gap after hfunc, Linux 6.8 has input_xfrm as its first byte.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    public struct ethtool_rxfh
    {
        [FieldOffset(0)] public uint cmd;
        [FieldOffset(4)] public uint rss_context;
        [FieldOffset(8)] public uint indir_size;
        [FieldOffset(12)] public uint key_size;
        [FieldOffset(16)] public byte hfunc;
        [FieldOffset(20)] public uint rsvd32;
    }

    /// <summary>What names there are; they follow in the same block, each of ETH_GSTRING_LEN octets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ethtool_gstrings
    {
        public uint cmd;
        public uint string_set;
        public uint len;
    }

    /// <summary>What the driver counts; the numbers follow in the same block, each a ulong.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ethtool_stats
    {
        public uint cmd;
        public uint n_stats;
    }

    /// <summary>Which fields of a kind of packet RSS looks at; the rest is for other requests.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    public struct ethtool_rxnfc
    {
        [FieldOffset(0)] public uint cmd;
        [FieldOffset(4)] public uint flow_type;
        [FieldOffset(8)] public ulong data;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ethtool_drvinfo
    {
        public uint cmd;
        public text32 driver;
        public text32 version;
        public text32 fw_version;
        public text32 bus_info;
        public text32 erom_version;
        private text12 reserved2;
        public uint n_priv_flags;
        public uint n_stats;
        public uint testinfo_len;
        public uint eedump_len;
        public uint regdump_len;
    }

    /// <summary>char[32], NUL-terminated.</summary>
    [InlineArray(32)]
    public struct text32
    {
        private byte _first;
    }

    /// <summary>char[12].</summary>
    [InlineArray(12)]
    public struct text12
    {
        private byte _first;
    }
}
