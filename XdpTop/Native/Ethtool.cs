using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>linux/ethtool.h, C names kept: what a driver says of itself, asked for by SIOCETHTOOL.</summary>
internal static class Ethtool
{
    // First field of each struct: what is asked for.
    public const uint ETHTOOL_GDRVINFO = 0x00000003;
    public const uint ETHTOOL_SGRO = 0x0000002c;
    public const uint ETHTOOL_GCHANNELS = 0x0000003c;

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
