using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>linux/if_xdp.h, C names kept. https://docs.kernel.org/networking/af_xdp.html</summary>
internal static class IfXdp
{
    public const int AF_XDP = 44;
    public const int SOL_XDP = 283;

    // Bits of sockaddr_xdp.sxdp_flags.
    public const ushort XDP_COPY = 1 << 1;
    public const ushort XDP_ZEROCOPY = 1 << 2;
    public const ushort XDP_USE_NEED_WAKEUP = 1 << 3;

    /// <summary>Of linux/if_xdp.h from Linux 6.6 on: a bit of sockaddr_xdp.sxdp_flags. Frames may take several descriptors.</summary>
    public static ushort XDP_USE_SG => 1 << 4;

    /// <summary>Likewise, a bit of xdp_desc.options: the frame goes on in the next descriptor.</summary>
    public static uint XDP_PKT_CONTD => 1 << 0;

    /// <summary>Bit of a ring's flags word.</summary>
    public const uint XDP_RING_NEED_WAKEUP = 1 << 0;

    // Socket options.
    public const int XDP_MMAP_OFFSETS = 1;
    public const int XDP_RX_RING = 2;
    public const int XDP_UMEM_REG = 4;
    public const int XDP_UMEM_FILL_RING = 5;
    public const int XDP_UMEM_COMPLETION_RING = 6;
    public const int XDP_STATISTICS = 7;
    public const int XDP_OPTIONS = 8;

    /// <summary>Bit of xdp_options.flags.</summary>
    public const uint XDP_OPTIONS_ZEROCOPY = 1 << 0;

    // Offsets for mmap of the rings.
    public const long XDP_PGOFF_RX_RING = 0;
    public const long XDP_UMEM_PGOFF_FILL_RING = 0x100000000;

    // linux/if_link.h: flags of a link that attaches an XDP program.
    public const uint XDP_FLAGS_SKB_MODE = 1 << 1;
    public const uint XDP_FLAGS_DRV_MODE = 1 << 2;

    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_xdp
    {
        public ushort sxdp_family;
        public ushort sxdp_flags;
        public uint sxdp_ifindex;
        public uint sxdp_queue_id;
        public uint sxdp_shared_umem_fd;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct xdp_ring_offset
    {
        public ulong producer;
        public ulong consumer;
        public ulong desc;
        public ulong flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct xdp_mmap_offsets
    {
        public xdp_ring_offset rx;
        public xdp_ring_offset tx;
        public xdp_ring_offset fr;
        public xdp_ring_offset cr;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct xdp_umem_reg
    {
        public ulong addr;
        public ulong len;
        public uint chunk_size;
        public uint headroom;
        public uint flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct xdp_statistics
    {
        public ulong rx_dropped;
        public ulong rx_invalid_descs;
        public ulong tx_invalid_descs;
        public ulong rx_ring_full;
        public ulong rx_fill_ring_empty_descs;
        public ulong tx_ring_empty_descs;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct xdp_options
    {
        public uint flags;
    }

    /// <summary>A descriptor in the RX ring; the fill ring's are an address alone (u64).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct xdp_desc
    {
        public ulong addr;
        public uint len;
        public uint options;
    }
}
