namespace XdpTop.Cli.Bench;

/// <summary>What a flood of new flows did to the engine.</summary>
internal sealed record FloodResult
{
    /// <summary>Flows that the cache has room for.</summary>
    public required int Capacity { get; init; }

    /// <summary>With as many flows as there is room for, and no new ones.</summary>
    public required double NanosecondsPerPacketBefore { get; init; }

    public required double NanosecondsPerPacket { get; init; }

    /// <summary>Records begun by the flood.</summary>
    public required ulong NewFlows { get; init; }

    /// <summary>Records ended for lack of resources.</summary>
    public required ulong Evictions { get; init; }

    public required double EvictionsPerSecond { get; init; }

    /// <summary>Of these, records that the exporter did not take in time.</summary>
    public required ulong RecordsDropped { get; init; }

    /// <summary>Flows that went on all the time.</summary>
    public required int HeavyFlows { get; init; }

    /// <summary>Of these, the ones that were not evicted.</summary>
    public required int HeavyFlowsKept { get; init; }

    public double Slowdown => NanosecondsPerPacket / NanosecondsPerPacketBefore;
}
