namespace XdpTop.Cli.Bench;

/// <summary>What one engine measurement gave.</summary>
internal sealed record EngineResult
{
    /// <summary>Different flows that were sent.</summary>
    public int Flows { get; init; }

    /// <summary>In a round.</summary>
    public required long Packets { get; init; }

    /// <summary>Of all rounds.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Of the worker, for a packet, without the making of the frame.</summary>
    public required double NanosecondsPerPacket { get; init; }

    /// <summary>For making a frame: measured by itself, and subtracted.</summary>
    public required double ProducerNanoseconds { get; init; }

    /// <summary>All memory of the flow cache, by the flow that it has room for.</summary>
    public required double OctetsPerFlow { get; init; }

    /// <summary>The longest time between two batches.</summary>
    public required TimeSpan LongestGap { get; init; }

    /// <summary>999 of 1000 gaps are not longer.</summary>
    public required TimeSpan Gap999 { get; init; }

    /// <summary>The longest gap of an empty loop on the same core, for as long.</summary>
    public required TimeSpan LongestNoise { get; init; }

    /// <summary>Garbage collections meanwhile.</summary>
    public required int Collections { get; init; }

    public double MillionPacketsPerSecond => 1000 / NanosecondsPerPacket;
}
