namespace XdpTop.Cli.Bench;

/// <summary>What one engine measurement gave.</summary>
internal sealed record EngineResult
{
    /// <summary>Different flows that were sent.</summary>
    public required int Flows { get; init; }

    /// <summary>Of the worker, for a packet, without the making of the frame.</summary>
    public required double NanosecondsPerPacket { get; init; }

    /// <summary>For making a frame: measured by itself, and subtracted.</summary>
    public required double ProducerNanoseconds { get; init; }

    /// <summary>All memory of a flow cache that is as large as there are flows, by the flow.</summary>
    public required double OctetsPerFlow { get; init; }

    /// <summary>The longest time between two batches.</summary>
    public required TimeSpan LongestGap { get; init; }

    public double MillionPacketsPerSecond => 1000 / NanosecondsPerPacket;
}
