namespace XdpTop.Export;

/// <summary>What the Metering Process counts that collectors are told (RFC 7011 section 4.2), since start.</summary>
internal readonly record struct MeteringStatistics
{
    /// <summary>IP packets received and not metered, as they were malformed or cut off too early.</summary>
    public ulong IgnoredPackets { get; init; }

    /// <summary>Octets of their frames.</summary>
    public ulong IgnoredOctets { get; init; }

    /// <summary>Packets that the kernel had no room for.</summary>
    public ulong DroppedPackets { get; init; }

    /// <summary>Packets that sampling has had to choose from: all that were received.</summary>
    public ulong ObservedPackets { get; init; }

    /// <summary>Packets that sampling has taken.</summary>
    public ulong SelectedPackets { get; init; }

    /// <summary>Flow Records that ended and found no room in a worker's queue.</summary>
    public Tally RecordsDropped { get; init; }
}

/// <summary>What was sent to one collector, or to a file, and what was not (RFC 7011 sections 4.1 and 4.3).</summary>
internal record struct ExportStatistics
{
    public ulong Messages;
    public ulong Octets;
    public ulong FlowRecords;
    public ulong NotSentFlows;
    public ulong NotSentPackets;
    public ulong NotSentOctets;
}
