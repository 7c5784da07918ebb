namespace XdpTop.Flows;

/// <summary>
/// All that is counted of an Observation Point since start, or of several together: packets as they are on the wire, by
/// what became of them. Always: <see cref="ReceivedPackets"/> = <see cref="MeteredPackets"/> + <see cref="NotIp"/> +
/// <see cref="Malformed"/> + <see cref="Truncated"/> + <see cref="Filtered"/> + <see cref="SampledOut"/>. A value: whoever
/// has it may keep it.
/// </summary>
internal record struct ObservationPointCounters
{
    // Drivers tell what they have counted up to 2 s late, and the two sides are not read at the same moment.
    private const ulong RaceTenth = 10;
    private const ulong RacePackets = 64;

    public ulong ReceivedPackets;

    /// <summary>Octets of whole frames on the wire.</summary>
    public ulong ReceivedOctets;
    public ulong MeteredPackets;
    public ulong NotIp;
    public ulong Malformed;
    public ulong Truncated;

    /// <summary>Of flows that --filter refuses.</summary>
    public ulong Filtered;

    /// <summary>Packets that sampling has passed over.</summary>
    public ulong SampledOut;

    /// <summary>Of so many packets one is metered; 0 and 1 are all. The same for all Observation Points of a run.</summary>
    public uint SamplingInterval;

    /// <summary>Later IP fragments, metered, whose first one was not seen: they count to a flow without ports.</summary>
    public ulong UnresolvedFragments;

    /// <summary>Flow Records begun since start: ended ones and those alive.</summary>
    public ulong Flows;

    /// <summary>Of these, those that go on with a flow after its active time-out, where that is told: in live captures.</summary>
    public ulong Continued;

    /// <summary>Records that ended because the flow cache was full.</summary>
    public ulong LackOfResources;

    /// <summary>Ended Flow Records that found no room on their way to the outputs.</summary>
    public ulong RecordsDropped;

    /// <summary>Packets that the kernel dropped since the RX ring, or the tap's ring, was full: the worker was too slow.</summary>
    public ulong RingFullDrops;

    /// <summary>Frames that the kernel dropped for other reasons: no free chunk in the UMEM, or a frame larger than one.</summary>
    public ulong OtherDrops;

    /// <summary>Frames that the XDP program handed over, and that came to no socket: the kernel refused, as while one is closed.</summary>
    public ulong RedirectFailures;

    /// <summary>Frames that came on RX queues with no socket, and so were left to the host; not in <see cref="ReceivedPackets"/>.</summary>
    public ulong LeftToHost;

    /// <summary>
    /// Packets that the interface itself has counted while it was captured from: those that came in, and of a tap those
    /// that went out, too. 0 of a capture file.
    /// </summary>
    public ulong InterfacePackets;

    /// <summary>Packets that the interface had no room for, not in <see cref="InterfacePackets"/>.</summary>
    public ulong InterfaceMissed;

    /// <summary>Frames that the kernel dropped between the driver and xdptop.</summary>
    public readonly ulong KernelDrops => RingFullDrops + OtherDrops + RedirectFailures;

    /// <summary>
    /// The share of the interface's packets that were received, whether metered or ignored: 0 to 1. Null where it cannot be
    /// known: before the first packet, and where the driver has counted clearly less than there was, as those that count
    /// packets put together (GRO, TSO) as one, or that do not count what an XDP program redirects.
    /// </summary>
    public readonly double? Coverage
    {
        get
        {
            ulong offered = InterfacePackets + InterfaceMissed;
            if (offered == 0 || ReceivedPackets > offered + offered / RaceTenth + RacePackets)
                return null;
            return Math.Min(1, (double)ReceivedPackets / offered);
        }
    }

    public static ObservationPointCounters operator +(in ObservationPointCounters a, in ObservationPointCounters b) =>
        Combine(in a, in b, static (x, y) => x + y);

    /// <summary>What has been counted since the other was read; all of a counter that has begun anew, as one of a driver that was loaded again.</summary>
    public static ObservationPointCounters operator -(in ObservationPointCounters now, in ObservationPointCounters before) =>
        Combine(in now, in before, static (x, y) => x >= y ? x - y : x);

    private static ObservationPointCounters Combine(in ObservationPointCounters a, in ObservationPointCounters b, Func<ulong, ulong, ulong> combine) => new()
    {
        ReceivedPackets = combine(a.ReceivedPackets, b.ReceivedPackets),
        ReceivedOctets = combine(a.ReceivedOctets, b.ReceivedOctets),
        MeteredPackets = combine(a.MeteredPackets, b.MeteredPackets),
        NotIp = combine(a.NotIp, b.NotIp),
        Malformed = combine(a.Malformed, b.Malformed),
        Truncated = combine(a.Truncated, b.Truncated),
        Filtered = combine(a.Filtered, b.Filtered),
        SampledOut = combine(a.SampledOut, b.SampledOut),
        SamplingInterval = Math.Max(a.SamplingInterval, b.SamplingInterval),
        UnresolvedFragments = combine(a.UnresolvedFragments, b.UnresolvedFragments),
        Flows = combine(a.Flows, b.Flows),
        Continued = combine(a.Continued, b.Continued),
        LackOfResources = combine(a.LackOfResources, b.LackOfResources),
        RecordsDropped = combine(a.RecordsDropped, b.RecordsDropped),
        RingFullDrops = combine(a.RingFullDrops, b.RingFullDrops),
        OtherDrops = combine(a.OtherDrops, b.OtherDrops),
        RedirectFailures = combine(a.RedirectFailures, b.RedirectFailures),
        LeftToHost = combine(a.LeftToHost, b.LeftToHost),
        InterfacePackets = combine(a.InterfacePackets, b.InterfacePackets),
        InterfaceMissed = combine(a.InterfaceMissed, b.InterfaceMissed),
    };
}
