using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static XdpTop.Native.NetIf;
using static XdpTop.Native.Netlink;
using static XdpTop.Native.RtNetlink;

namespace XdpTop.Capture;

/// <summary>A network interface as rtnetlink(7) tells of it at one moment.</summary>
/// <param name="Index">ifIndex: another one when the interface has gone and come back.</param>
/// <param name="IsUp">Whether it is set up.</param>
/// <param name="HasCarrier">Whether there is somebody at the other end, as far as the driver knows.</param>
/// <param name="Mtu">Octets of the largest packet that goes out, without the link layer's header.</param>
/// <param name="Counters">What it has counted since it is there.</param>
internal readonly record struct LinkState(int Index, bool IsUp, bool HasCarrier, int Mtu, LinkCounters Counters)
{
    /// <summary>ifIndex of the bridge or bond that it is part of; 0 if there is none.</summary>
    public int Master { get; init; }

    private const int RequestOctets = 128;
    private const int AnswerOctets = 16384;

    /// <summary>Asks the kernel; null if there is no interface of this name.</summary>
    public static LinkState? Read(string name)
    {
        RtNetlinkRequest request = new(stackalloc byte[RequestOctets], RTM_GETLINK, 0, default(ifinfomsg));
        request.Attribute(IFLA_IFNAME, name);
        return Parse(request.Ask(stackalloc byte[AnswerOctets]));
    }

    /// <summary>Takes a message of type RTM_NEWLINK apart; null if it is none, or is cut off before its first attribute.</summary>
    internal static LinkState? Parse(ReadOnlySpan<byte> message)
    {
        int headers = Unsafe.SizeOf<nlmsghdr>() + Unsafe.SizeOf<ifinfomsg>();
        if (message.Length < headers || MemoryMarshal.Read<nlmsghdr>(message).nlmsg_type != RTM_NEWLINK)
            return null;
        ifinfomsg link = MemoryMarshal.Read<ifinfomsg>(message[Unsafe.SizeOf<nlmsghdr>()..]);
        LinkState state = new(link.ifi_index, (link.ifi_flags & (uint)IFF_UP) != 0, (link.ifi_flags & IFF_LOWER_UP) != 0, 0, default);
        ReadOnlySpan<byte> rest = message[headers..];
        while (rest.Length >= Unsafe.SizeOf<nlattr>())
        {
            nlattr attribute = MemoryMarshal.Read<nlattr>(rest);
            if (attribute.nla_len < Unsafe.SizeOf<nlattr>() || attribute.nla_len > rest.Length)
                break;
            ReadOnlySpan<byte> value = rest[Unsafe.SizeOf<nlattr>()..attribute.nla_len];
            if (attribute.nla_type == IFLA_MTU && value.Length >= sizeof(uint))
                state = state with { Mtu = MemoryMarshal.Read<int>(value) };
            else if (attribute.nla_type == IFLA_MASTER && value.Length >= sizeof(uint))
                state = state with { Master = MemoryMarshal.Read<int>(value) };
            else if (attribute.nla_type == IFLA_STATS64 && value.Length >= Unsafe.SizeOf<rtnl_link_stats64>())
                state = state with { Counters = LinkCounters.From(MemoryMarshal.Read<rtnl_link_stats64>(value)) };
            int next = (attribute.nla_len + NLMSG_ALIGNTO - 1) & ~(NLMSG_ALIGNTO - 1);
            rest = next < rest.Length ? rest[next..] : default;
        }
        return state;
    }
}

/// <summary>
/// What an interface counts itself, since it is there: the kernel's words for it are at
/// https://docs.kernel.org/networking/statistics.html.
/// </summary>
internal readonly record struct LinkCounters
{
    /// <summary>What ip(8) calls <see cref="RxMissed"/>.</summary>
    public const string MissedName = "rx_missed_errors";

    /// <summary>All good packets that came to the host, those included that were dropped later.</summary>
    public ulong RxPackets { get; init; }

    public ulong TxPackets { get; init; }

    /// <summary>Packets, of those counted, that were not processed: nobody wanted them, or there was no memory.</summary>
    public ulong RxDropped { get; init; }

    /// <summary>Packets that the host had no room for, and which are not among <see cref="RxPackets"/>.</summary>
    public ulong RxMissed { get; init; }

    /// <summary>Overflows of a FIFO, which may be less or more than packets.</summary>
    public ulong RxFifo { get; init; }

    /// <summary>Packets, of those counted, that came where none were expected.</summary>
    public ulong RxNoHandler { get; init; }

    internal static LinkCounters From(in rtnl_link_stats64 stats) => new()
    {
        RxPackets = stats.rx_packets,
        TxPackets = stats.tx_packets,
        RxDropped = stats.rx_dropped,
        RxMissed = stats.rx_missed_errors,
        RxFifo = stats.rx_fifo_errors,
        RxNoHandler = stats.rx_nohandler,
    };
}
