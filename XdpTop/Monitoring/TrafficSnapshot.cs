using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>
/// The traffic as it was at one moment: what the screen and the batch output show, and all that they see of it.
/// Written by the snapshot thread, then handed over whole; buffers are reused, so it is valid until the reader takes
/// the next one.
/// </summary>
internal sealed class TrafficSnapshot
{
    public TrafficSnapshot(int maximumRows) => Rows = new FlowRow[maximumRows];

    /// <summary>Counts snapshots from 1: set by <see cref="SnapshotExchange"/>.</summary>
    public long Number;

    /// <summary>When it was taken: nanoseconds since 1970-01-01 UTC, on the capture's own clock.</summary>
    public long Time;

    /// <summary>What rates are over: since the snapshot before, or since the start of a capture file.</summary>
    public TimeSpan Interval;

    /// <summary>The flows asked for, sorted as asked for: <see cref="RowCount"/> of them are in use.</summary>
    public FlowRow[] Rows { get; }

    public int RowCount;

    /// <summary>Flows alive in all flow caches.</summary>
    public int LiveFlows;

    /// <summary>Flows alive that the display filter lets through, or of a Biflow that it does; the rows are the first of these.</summary>
    public int MatchingFlows;

    /// <summary>Frames and octets since start.</summary>
    public TrafficTotals Totals;

    public double PacketsPerSecond;

    /// <summary>Of whole frames, as the interface counts them, without FCS.</summary>
    public double BitsPerSecond;

    public double NewFlowsPerSecond;

    /// <summary>Records that ended because the flow cache was full.</summary>
    public double EvictionsPerSecond;

    /// <summary>The Observation Points; a record's <see cref="FlowRecord.ObservationPoint"/> is an index into these.</summary>
    public InterfaceStatus[] Interfaces = [];

    /// <summary>One for each worker.</summary>
    public QueueStatus[] Queues = [];
}

/// <summary>One line on the screen: a flow, or the two directions of a Biflow.</summary>
internal struct FlowRow
{
    /// <summary>The flow; of a Biflow the forward direction.</summary>
    public FlowRecord Record;
    public double PacketsPerSecond;

    /// <summary>Octets of IP packets.</summary>
    public double OctetsPerSecond;

    /// <summary>Of a Biflow the reverse direction; else, like its rates, nothing but zeros.</summary>
    public FlowRecord Reverse;
    public double ReversePacketsPerSecond;
    public double ReverseOctetsPerSecond;

    public readonly bool IsBiflow => Reverse.Packets > 0;

    // Of both directions together.
    public readonly ulong Packets => Record.Packets + Reverse.Packets;

    public readonly ulong Octets => Record.Octets + Reverse.Octets;

    public readonly double TotalPacketsPerSecond => PacketsPerSecond + ReversePacketsPerSecond;

    public readonly double TotalOctetsPerSecond => OctetsPerSecond + ReverseOctetsPerSecond;

    /// <summary>Time of the last packet. (That of the first is the forward direction's.)</summary>
    public readonly long End => Math.Max(Record.End, Reverse.End);
}

/// <summary>
/// Counts since start over all workers. Always: <see cref="ReceivedPackets"/> = <see cref="MeteredPackets"/> +
/// <see cref="NotIp"/> + <see cref="Malformed"/> + <see cref="Truncated"/> + <see cref="Filtered"/>.
/// </summary>
internal record struct TrafficTotals
{
    public ulong ReceivedPackets;

    /// <summary>Octets of whole frames on the wire.</summary>
    public ulong ReceivedOctets;
    public ulong MeteredPackets;
    public ulong NotIp;
    public ulong Malformed;
    public ulong Truncated;

    /// <summary>Of flows that --filter refuses.</summary>
    public ulong Filtered;

    /// <summary>Later IP fragments, metered, whose first one was not seen: they count to a flow without ports.</summary>
    public ulong UnresolvedFragments;

    /// <summary>Flow Records begun since start: ended ones and those alive.</summary>
    public ulong Flows;

    /// <summary>Records that ended because the flow cache was full.</summary>
    public ulong LackOfResources;

    /// <summary>Frames that the kernel dropped since the RX ring was full: the worker was too slow.</summary>
    public ulong RingFullDrops;

    /// <summary>Frames that the kernel dropped for other reasons: no free chunk in the UMEM, or a frame larger than one.</summary>
    public ulong OtherDrops;

    /// <summary>Frames that came on RX queues with no socket, and so were left to the host; not in <see cref="ReceivedPackets"/>.</summary>
    public ulong LeftToHost;

    /// <summary>Ended Flow Records that found no room on their way to the outputs.</summary>
    public ulong RecordsDropped;

    /// <summary>Garbage collections of the runtime; each stops all workers for a moment.</summary>
    public int Collections;

    /// <summary>How long they were stopped in all.</summary>
    public TimeSpan CollectionPauses;

    /// <summary>Frames that the kernel dropped before xdptop could have them.</summary>
    public readonly ulong KernelDrops => RingFullDrops + OtherDrops;
}

/// <summary>A worker, and the RX queue or queues that it reads.</summary>
internal record struct QueueStatus
{
    public string Interface;

    /// <summary>The RX queues' numbers, as "0" or "0,2"; null where there are none, as in a capture file and in tap mode.</summary>
    public string? Queues;

    /// <summary>The worker's core, or -1 where it is not pinned.</summary>
    public int Cpu;

    public ulong ReceivedPackets;
    public double PacketsPerSecond;

    /// <summary>Batches of frames since start.</summary>
    public ulong Batches;

    /// <summary>Mean number of frames in a batch since the snapshot before; 64 is a full one.</summary>
    public double BatchFill;

    /// <summary>The longest time between two looks at the ring since the snapshot before, while there was traffic.</summary>
    public TimeSpan LongestGap;

    public int LiveFlows;
    public int FlowCapacity;
    public ulong LackOfResources;

    /// <summary>Frames waiting in the RX ring, and the ring's size; 0 where there is no ring.</summary>
    public int RingFill;
    public int RingSize;

    /// <summary>What the kernel has counted; null for capture files.</summary>
    public XskStatistics? Xsk;
}

/// <summary>
/// The six fields of struct xdp_statistics; null where the kernel is too old to have the field, or where it means nothing:
/// in tap mode, which has but <see cref="RxRingFull"/>.
/// </summary>
internal record struct XskStatistics
{
    /// <summary>Dropped for other reasons, as when no buffer was ready.</summary>
    public ulong? RxDropped;

    /// <summary>Dropped since a descriptor in the fill ring was not valid.</summary>
    public ulong? RxInvalidDescs;
    public ulong? TxInvalidDescs;

    /// <summary>Dropped since the ring was full: the worker was too slow.</summary>
    public ulong? RxRingFull;

    /// <summary>Times that the fill ring had no frame to receive into.</summary>
    public ulong? RxFillRingEmptyDescs;
    public ulong? TxRingEmptyDescs;

    public static XskStatistics operator +(XskStatistics a, XskStatistics b) => new()
    {
        RxDropped = a.RxDropped + b.RxDropped,
        RxInvalidDescs = a.RxInvalidDescs + b.RxInvalidDescs,
        TxInvalidDescs = a.TxInvalidDescs + b.TxInvalidDescs,
        RxRingFull = a.RxRingFull + b.RxRingFull,
        RxFillRingEmptyDescs = a.RxFillRingEmptyDescs + b.RxFillRingEmptyDescs,
        TxRingEmptyDescs = a.TxRingEmptyDescs + b.TxRingEmptyDescs,
    };
}
