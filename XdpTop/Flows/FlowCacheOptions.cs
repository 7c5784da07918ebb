namespace XdpTop.Flows;

/// <summary>What a flow cache is made with; fixed from then on.</summary>
internal sealed record FlowCacheOptions
{
    public const int MaximumCapacity = 1 << 24;

    /// <summary>Flows that can be alive at once: 1 to <see cref="MaximumCapacity"/>.</summary>
    public int Capacity { get; init; } = 1 << 20;

    /// <summary>A flow with no packet for so long has ended.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A flow that has lasted so long is reported, and goes on in a new record.</summary>
    public TimeSpan ActiveTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a flow is kept after its FIN or RST, so that the last acknowledgements are counted to it and do not
    /// begin a record of their own.
    /// </summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Seed of the hash; a secret, so that nobody can send keys that all meet in one place.</summary>
    public uint Seed { get; init; }

    /// <summary>Stamped on every record: <see cref="FlowRecord.ObservationPoint"/>.</summary>
    public byte ObservationPoint { get; init; }

    /// <summary>Whether to count the values of the payloads' bytes: <see cref="Flows.ByteDistribution"/>.</summary>
    public bool ByteDistribution { get; init; }

    /// <summary>Which flows to have: packets of others are refused. Null for all.</summary>
    public FlowKeyFilter? Filter { get; init; }

    /// <summary>
    /// Whether to have all memory from the start, rather than as flows come: for line rate, where nothing may hold the
    /// worker up.
    /// </summary>
    public bool Populate { get; init; }

    /// <summary>
    /// Whether a flow that goes on after its active time-out stays one flow for those who read the cache: they see all that
    /// its records have counted, since its first packet. What is reported is the same.
    /// </summary>
    public bool JoinsRecords { get; init; }

    /// <summary>
    /// Whether to wait for the consumer of ended records when its queue is full, as a capture file can, instead of
    /// dropping and counting the record, as a live capture must.
    /// </summary>
    public bool WaitForQueue { get; init; }
}
