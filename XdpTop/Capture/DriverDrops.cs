using System.Runtime.InteropServices;
using System.Text;
using static XdpTop.Native.Ethtool;
using static XdpTop.Native.NetIf;

namespace XdpTop.Capture;

/// <summary>
/// What the driver of an interface counts as lost on the way in, as 'ethtool -S' shows it. Each driver has names of its
/// own: those that are well known are picked out. One thread at a time.
/// </summary>
internal sealed unsafe class DriverDrops
{
    // More than any driver has.
    private const uint MostStatistics = 1 << 16;

    // The driver writes as many as it has at that moment, which may be more than a moment before.
    private const uint Spare = 4096;

    /// <summary>Lost for lack of room in the NIC or of buffers of the host: not among the packets that the interface counts.</summary>
    private static readonly HashSet<string> s_missed =
    [
        "rx_missed", "rx_missed_errors", "port.rx_missed", "rx_no_buffer", "rx_no_buffer_count", "rx_out_of_buffer", "rx_no_dma_resources",
        "rx_no_descriptors", "rx_discards", "rx_discards_phy", "rx_total_discard_pkts", "port.rx_discards", "rx_discard", "rx_buff_alloc_err", "rx_alloc_fail",
        "rx_over_errors", "rx_nodesc_drops", "rx_hw_drops", "vport_rx_dropped", "rx_no_bufs",
    ];

    /// <summary>Not processed, for other reasons.</summary>
    private static readonly HashSet<string> s_dropped = ["rx_dropped", "port.rx_dropped", "rx_drops", "rx_xdp_drop", "rx_xdp_drops", "rx_xsk_drops", "rx_length_errors", "rx_crc_errors"];

    private readonly NetworkInterface _target;
    private readonly uint _statistics; // of the driver
    private readonly (int Place, string Name)[] _known;

    public DriverDrops(NetworkInterface target)
    {
        _target = target;
        _statistics = NumberOfStatistics();
        _known = _statistics > 0 ? Known(Names()) : [];
    }

    /// <summary>Whether a packet that is counted under this name is not among those that the interface counts as received.</summary>
    public static bool IsMissed(string name) => s_missed.Contains(name);

    /// <summary>Of the names in their order: those that are known, with their places.</summary>
    internal static (int Place, string Name)[] Known(IReadOnlyList<string> names) =>
        [.. names.Index().Where(item => s_missed.Contains(item.Item) || s_dropped.Contains(item.Item))];

    /// <summary>All that are known, since the driver was loaded; empty where it has none, or has gone.</summary>
    public (string Name, ulong Count)[] Read()
    {
        if (_known.Length == 0)
            return [];
        byte[] block = new byte[sizeof(ethtool_stats) + (_statistics + Spare) * sizeof(ulong)];
        fixed (byte* first = block)
        {
            *(ethtool_stats*)first = new() { cmd = ETHTOOL_GSTATS, n_stats = _statistics };
            // Of another number the names are not known.
            if (NumberOfStatistics() != _statistics || !_target.Ask(SIOCETHTOOL, new ifreq { ifr_data = first }, out _))
                return [];
        }
        ReadOnlySpan<byte> values = block.AsSpan(sizeof(ethtool_stats));
        (string, ulong)[] counts = new (string, ulong)[_known.Length];
        for (int i = 0; i < counts.Length; i++)
            counts[i] = (_known[i].Name, MemoryMarshal.Read<ulong>(values[(_known[i].Place * sizeof(ulong))..]));
        return counts;
    }

    private uint NumberOfStatistics()
    {
        ethtool_drvinfo info = new() { cmd = ETHTOOL_GDRVINFO };
        return _target.Ask(SIOCETHTOOL, new ifreq { ifr_data = &info }, out _) && info.n_stats <= MostStatistics ? info.n_stats : 0;
    }

    private string[] Names()
    {
        byte[] block = new byte[sizeof(ethtool_gstrings) + _statistics * ETH_GSTRING_LEN];
        fixed (byte* first = block)
        {
            *(ethtool_gstrings*)first = new() { cmd = ETHTOOL_GSTRINGS, string_set = ETH_SS_STATS, len = _statistics };
            if (!_target.Ask(SIOCETHTOOL, new ifreq { ifr_data = first }, out _))
                return [];
        }
        string[] names = new string[_statistics];
        for (int i = 0; i < names.Length; i++)
        {
            ReadOnlySpan<byte> name = block.AsSpan(sizeof(ethtool_gstrings) + i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
            int end = name.IndexOf((byte)0);
            names[i] = Encoding.ASCII.GetString(end < 0 ? name : name[..end]).Trim();
        }
        return names;
    }
}
