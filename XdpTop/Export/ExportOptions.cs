using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>Which of several collectors get the records.</summary>
internal enum ExportPolicy
{
    /// <summary>Each gets all.</summary>
    All,

    /// <summary>The first, in the order given, that is up; an earlier one again as soon as it is up again.</summary>
    Failover,
}

/// <summary>How an Exporting Process works.</summary>
internal sealed record ExportOptions
{
    /// <summary>The Observation Domain (RFC 7011 section 2) that messages name.</summary>
    public uint ObservationDomainId { get; init; } = 1;

    /// <summary>
    /// How often Templates are sent again. Over UDP they can be lost, and a collector drops those not repeated in time
    /// (RFC 7011 section 8.4); common collectors keep them for minutes to half an hour.
    /// </summary>
    public TimeSpan TemplateInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Over UDP, also after so many messages: what a collector that was started in between misses at most.</summary>
    public int TemplateMessages { get; init; } = 4096;

    /// <summary>How long a Data Record waits for others to fill its message.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long until a session that failed is tried again, at first. See <see cref="Reconnection"/>.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestRetryInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The part of such an interval by which it is made longer or shorter, at random, at most.</summary>
    public double RetryJitter { get; init; } = 0.25;

    /// <summary>How long a collector may take nothing of what is on its way before that is held to be a problem.</summary>
    public TimeSpan StallInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>At the end: how long to go on sending what still waits.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Which of several collectors get the records.</summary>
    public ExportPolicy Policy { get; init; }

    /// <summary>What Data Records are made of.</summary>
    public RecordKind Records { get; init; }

    /// <summary>Which fields they have.</summary>
    public FieldSelection Fields { get; init; } = FieldSelection.Default;

    /// <summary>When the program started: systemInitTimeMilliseconds (160), from which on all is counted.</summary>
    public DateTimeOffset StartTime { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>Which packets were metered.</summary>
    public PacketSampling Sampling { get; init; } = PacketSampling.Off;

    /// <summary>Reads what the Metering Process has counted. Called by the exporter thread.</summary>
    public Func<MeteringStatistics> Metering { get; init; } = static () => default;

    /// <summary>How often statistics are sent.</summary>
    public TimeSpan StatisticsInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Flow Records that can wait for each collector; when there are more, the oldest are lost and counted.
    /// </summary>
    public int WaitingCapacity { get; init; } = 64 * 1024;

    /// <summary>
    /// Messages sent over UDP in one go, at intervals of a millisecond or more, while few records wait. Linux gives a collector's
    /// socket 212,992 octets by default, which is about 90 full messages: at this rate (some 90,000 records a second) it may
    /// be away from its socket for 9 ms before messages are lost there, where xdptop cannot count them.
    /// </summary>
    public int MessagesPerBurst { get; init; } = 10;

    /// <summary>
    /// As many times more are sent in one go when all room for waiting records is taken, or at the end no time is left; less
    /// by the square of how much is. So a short rush goes out gently, and 1,000,000 records a second hold some half of the room.
    /// </summary>
    public int BurstFactorInHurry { get; init; } = 32;

    /// <summary>
    /// Flow Records that can wait for their reverse direction: 11 MiB of them. When more come, those go out alone that
    /// have waited longest.
    /// </summary>
    public int BiflowCapacity { get; init; } = 64 * 1024;

    /// <summary>
    /// How long a Flow Record waits for its reverse direction. Time-outs end both within a second, as both began and fell
    /// silent together. A RST, however, ends only its own direction soon; the other one, which is not answered to,
    /// does with the idle time-out. So it is the default idle time-out and <see cref="BiflowSlack"/>.
    /// </summary>
    public TimeSpan BiflowPatience { get; init; } = TimeSpan.FromSeconds(15) + BiflowSlack;

    /// <summary>For what lies between the ends of two directions that end by the same rule, and for workers that are busy.</summary>
    public static TimeSpan BiflowSlack => TimeSpan.FromSeconds(3);

    /// <summary>
    /// Unless something has been wrong with the collector for <see cref="DrainTimeout"/>, leave records in the workers' queues
    /// rather than lose any of those waiting: for capture files, whose workers wait for room in their queues.
    /// </summary>
    public bool WorkersWait { get; init; }
}
