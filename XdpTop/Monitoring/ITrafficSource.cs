using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>What snapshots are taken of. Called by the snapshot thread alone; never stops a worker.</summary>
internal interface ITrafficSource
{
    IReadOnlyList<FlowCache> FlowCaches { get; }

    /// <summary>Nanoseconds since 1970-01-01 UTC, on the clock of the flows' time stamps.</summary>
    long Now { get; }

    /// <summary>Whether all is over and the time stands still: a capture file that was read to its end.</summary>
    bool IsFinished { get; }

    /// <summary>When <see cref="IsFinished"/>: the time of the first packet.</summary>
    long Began => Now;

    /// <summary>When <see cref="IsFinished"/>: puts into a history that is empty what came in each second of the whole.</summary>
    void ReadHistory(RateHistory history)
    {
    }

    ObservationPointCounters ReadTotals();

    /// <summary>The Observation Points as they are now.</summary>
    InterfaceStatus[] ReadInterfaces();

    /// <summary>The number of <see cref="ReadQueues"/>' entries; does not change.</summary>
    int QueueCount { get; }

    /// <summary>Fills in all but <see cref="QueueStatus.PacketsPerSecond"/>.</summary>
    void ReadQueues(Span<QueueStatus> queues);
}
