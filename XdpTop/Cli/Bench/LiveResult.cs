namespace XdpTop.Cli.Bench;

/// <summary>What one measurement of the whole path gave.</summary>
internal sealed record LiveResult
{
    /// <summary>"redirect" or "tap".</summary>
    public required string Mode { get; init; }

    public required int Queues { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Packets sent.</summary>
    public required ulong Offered { get; init; }

    public required ulong Received { get; init; }

    /// <summary>What the kernel's own counters say that it dropped.</summary>
    public required ulong KernelDrops { get; init; }

    /// <summary>Processor time of the workers, kernel and user, for a packet.</summary>
    public required double CpuNanosecondsPerPacket { get; init; }

    /// <summary>Sent and not received.</summary>
    public ulong Lost => Offered - Math.Min(Received, Offered);

    public double MillionPacketsPerSecond => Received / Seconds / 1e6;
}
