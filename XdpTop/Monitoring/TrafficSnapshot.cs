using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>
/// The traffic as it was at one moment: what the screen and the batch output show, and all that they see of it.
/// Written by the snapshot thread, then handed over whole; buffers are reused, so it is valid until the reader takes
/// the next one.
/// </summary>
internal sealed class TrafficSnapshot
{
    public TrafficSnapshot(int maximumRows)
    {
        Rows = new FlowRow[maximumRows];
        Groups = new GroupRow[maximumRows];
    }

    /// <summary>Counts snapshots from 1: set by <see cref="SnapshotExchange"/>.</summary>
    public long Number;

    /// <summary>When it was taken: nanoseconds since 1970-01-01 UTC, on the capture's own clock.</summary>
    public long Time;

    /// <summary>What rates are over: since the snapshot before, or all of a capture file that was read to its end, a second at least.</summary>
    public TimeSpan Interval;

    /// <summary>The flows asked for, sorted as asked for: <see cref="RowCount"/> of them are in use.</summary>
    public FlowRow[] Rows { get; }

    public int RowCount;

    /// <summary>Flows alive in all flow caches.</summary>
    public int LiveFlows;

    /// <summary>Flows alive that the display filter lets through, or of a Biflow that it does; the rows are the first of these.</summary>
    public int MatchingFlows;

    /// <summary>The groups asked for, sorted as asked for: <see cref="GroupCount"/> of them are in use.</summary>
    public GroupRow[] Groups { get; }

    public int GroupCount;

    /// <summary>What <see cref="Groups"/> are; they may be of another kind than what has just been asked for.</summary>
    public GroupKind GroupKind;

    /// <summary>All groups there are; <see cref="Groups"/> are the first of these.</summary>
    public int AllGroups;

    /// <summary>The sum over all flows that were put together.</summary>
    public GroupSum AllFlows;

    /// <summary>Flows, or ends of flows, whose group found no room in the table of groups.</summary>
    public int FlowsWithoutGroup;

    /// <summary>Packets of the flows by length, where <see cref="GroupKind"/> is <see cref="GroupKind.Protocols"/>.</summary>
    public ulong[] Lengths { get; } = new ulong[LengthHistogram.Bins];

    /// <summary>What the interfaces received in each second.</summary>
    public RateHistory History { get; } = new();

    /// <summary>The conversation that is looked at on its own, or null; then what follows says nothing.</summary>
    public WatchedFlow? Watched;

    /// <summary>The watched flow and its reverse as they are, or were when they ended; no packets where there is none.</summary>
    public FlowRow WatchedRow;

    /// <summary>Shannon's entropy of the payload of the record that goes on, in bits per octet, where bytes are counted.</summary>
    public double? WatchedEntropy;
    public double? WatchedReverseEntropy;
    public RateHistory WatchedForward { get; } = new();
    public RateHistory WatchedReverse { get; } = new();

    /// <summary>Of all Observation Points together, since start.</summary>
    public ObservationPointCounters Totals;

    /// <summary>Garbage collections of the runtime; each stops all workers for a moment.</summary>
    public int Collections;

    /// <summary>How long they were stopped in all.</summary>
    public TimeSpan CollectionPauses;

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

    /// <summary>Null and a number are the number.</summary>
    public static XskStatistics operator +(XskStatistics a, XskStatistics b)
    {
        return new XskStatistics
        {
            RxDropped = Sum(a.RxDropped, b.RxDropped),
            RxInvalidDescs = Sum(a.RxInvalidDescs, b.RxInvalidDescs),
            TxInvalidDescs = Sum(a.TxInvalidDescs, b.TxInvalidDescs),
            RxRingFull = Sum(a.RxRingFull, b.RxRingFull),
            RxFillRingEmptyDescs = Sum(a.RxFillRingEmptyDescs, b.RxFillRingEmptyDescs),
            TxRingEmptyDescs = Sum(a.TxRingEmptyDescs, b.TxRingEmptyDescs),
        };

        static ulong? Sum(ulong? a, ulong? b) => a is null ? b : b is null ? a : a + b;
    }
}
