namespace XdpTop.Flows;

/// <summary>What a flow cache has counted since start. Written by its worker thread; any thread may read a copy.</summary>
internal record struct FlowCacheCounters
{
    /// <summary>Flow Records begun.</summary>
    public ulong Flows;

    /// <summary>Of these, those that go on with a flow whose record before ended by the active time-out (<see cref="FlowCacheOptions.JoinsRecords"/>).</summary>
    public ulong Continued;

    /// <summary>Records that ended because the cache was full.</summary>
    public ulong LackOfResources;

    /// <summary>Ended records that found no room in the queue.</summary>
    public ulong RecordsDropped;

    /// <summary>What those counted: packets, and octets of IP packets.</summary>
    public ulong DroppedRecordsPackets;
    public ulong DroppedRecordsOctets;
}
