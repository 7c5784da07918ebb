using System.Runtime.InteropServices;
using static XdpTop.Native.Ethtool;
using static XdpTop.Native.NetIf;

namespace XdpTop.Capture;

/// <summary>How a driver is set up, as ethtool(8) shows it. Asked for, never changed; null is what the driver does not tell.</summary>
internal static unsafe class DriverSettings
{
    // More than any driver has: the kernel tells the sizes.
    private const int MostRssOctets = 1 << 20;

    /// <summary>Of ethtool_rxfh, from Linux 6.8 on: what is done to a packet's fields before they are hashed (RXH_XFRM_…).</summary>
    private const int OffsetOfInputXfrm = 17;

    /// <summary>Places in a queue's RX ring, and the most that can be had.</summary>
    public static (uint Now, uint Most)? RxRing(NetworkInterface target)
    {
        ethtool_ringparam ring = new() { cmd = ETHTOOL_GRINGPARAM };
        return target.Ask(SIOCETHTOOL, new ifreq { ifr_data = &ring }, out _) && ring.rx_max_pending > 0
            ? (ring.rx_pending, ring.rx_max_pending)
            : null;
    }

    /// <summary>RX queues in use and the most that can be had; combined ones serve TX, too.</summary>
    public static (uint Now, uint Most, bool Combined)? Channels(NetworkInterface target)
    {
        ethtool_channels channels = new() { cmd = ETHTOOL_GCHANNELS };
        if (!target.Ask(SIOCETHTOOL, new ifreq { ifr_data = &channels }, out _))
            return null;
        bool combined = channels.max_combined > 0;
        return (channels.rx_count + channels.combined_count, combined ? channels.max_combined : channels.max_rx, combined);
    }

    /// <summary>How long, in µs, an interrupt waits for more frames, and whether the driver changes that by the load.</summary>
    public static (bool Adaptive, uint Microseconds, uint Frames)? Coalescing(NetworkInterface target)
    {
        ethtool_coalesce coalesce = new() { cmd = ETHTOOL_GCOALESCE };
        return target.Ask(SIOCETHTOOL, new ifreq { ifr_data = &coalesce }, out _)
            ? (coalesce.use_adaptive_rx_coalesce != 0, coalesce.rx_coalesce_usecs, coalesce.rx_max_coalesced_frames)
            : null;
    }

    /// <summary>Whether the kernel puts received packets together (GRO).</summary>
    public static bool? Gro(NetworkInterface target) => Value(target, ETHTOOL_GGRO) is { } gro ? gro != 0 : null;

    /// <summary>Whether the NIC puts received packets together (LRO), and takes VLAN tags out of them.</summary>
    public static (bool Lro, bool RxVlan)? Offloads(NetworkInterface target) =>
        Value(target, ETHTOOL_GFLAGS) is { } flags ? ((flags & ETH_FLAG_LRO) != 0, (flags & ETH_FLAG_RXVLAN) != 0) : null;

    /// <summary>How packets are spread over the RX queues.</summary>
    public static RssSettings? Rss(NetworkInterface target)
    {
        ethtool_rxfh sizes = new() { cmd = ETHTOOL_GRSSH };
        if (!target.Ask(SIOCETHTOOL, new ifreq { ifr_data = &sizes }, out _))
            return null;
        long octets = sizeof(ethtool_rxfh) + (long)sizes.indir_size * sizeof(uint) + sizes.key_size;
        if (octets > MostRssOctets || sizes.indir_size == 0 && sizes.key_size == 0)
            return null;
        byte[] block = new byte[octets];
        fixed (byte* first = block)
        {
            *(ethtool_rxfh*)first = new() { cmd = ETHTOOL_GRSSH, indir_size = sizes.indir_size, key_size = sizes.key_size };
            if (!target.Ask(SIOCETHTOOL, new ifreq { ifr_data = first }, out _))
                return null;
            ReadOnlySpan<byte> table = block.AsSpan(sizeof(ethtool_rxfh), (int)sizes.indir_size * sizeof(uint));
            return new RssSettings
            {
                HashFunction = ((ethtool_rxfh*)first)->hfunc,
                IsSymmetricByInput = block[OffsetOfInputXfrm] != 0,
                Indirection = MemoryMarshal.Cast<byte, uint>(table).ToArray(),
                Key = block[(sizeof(ethtool_rxfh) + table.Length)..],
            };
        }
    }

    /// <summary>Kinds of packets, as ethtool names them, of which RSS looks at less than both addresses and both ports.</summary>
    public static IReadOnlyList<string>? KindsHashedByLess(NetworkInterface target)
    {
        const ulong All = RXH_IP_SRC | RXH_IP_DST | RXH_L4_B_0_1 | RXH_L4_B_2_3;
        List<string> kinds = [];
        bool isTold = false;
        foreach ((uint flowType, string kind) in ((uint, string)[])[(TCP_V4_FLOW, "tcp4"), (UDP_V4_FLOW, "udp4"), (TCP_V6_FLOW, "tcp6"), (UDP_V6_FLOW, "udp6")])
        {
            ethtool_rxnfc fields = new() { cmd = ETHTOOL_GRXFH, flow_type = flowType };
            if (!target.Ask(SIOCETHTOOL, new ifreq { ifr_data = &fields }, out _))
                continue;
            isTold = true;
            if ((fields.data & All) != All)
                kinds.Add(kind);
        }
        return isTold ? kinds : null;
    }

    private static uint? Value(NetworkInterface target, uint request)
    {
        ethtool_value value = new() { cmd = request };
        return target.Ask(SIOCETHTOOL, new ifreq { ifr_data = &value }, out _) ? value.data : null;
    }
}
