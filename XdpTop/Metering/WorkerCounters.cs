using XdpTop.Packets;

namespace XdpTop.Metering;

/// <summary>
/// What a worker has counted since start. Every packet on the wire is counted once as received and once by what became
/// of it, so that <see cref="ReceivedPackets"/> = <see cref="Metered"/> + <see cref="NotIp"/> + <see cref="Malformed"/> +
/// <see cref="Truncated"/> + <see cref="Filtered"/> + <see cref="SampledOut"/> always.
/// </summary>
internal record struct WorkerCounters
{
    public ulong ReceivedPackets;

    /// <summary>Octets of whole frames, as long as they were on the wire.</summary>
    public ulong ReceivedOctets;
    public ulong Metered;
    public ulong NotIp;
    public ulong Malformed;
    public ulong Truncated;

    /// <summary>Of flows that the filter refuses.</summary>
    public ulong Filtered;

    /// <summary>Octets of frames that were malformed or truncated.</summary>
    public ulong IgnoredOctets;

    /// <summary>Packets that sampling has passed over: nothing else is known of them.</summary>
    public ulong SampledOut;

    /// <summary>Later IP fragments whose first one was not seen: metered without ports.</summary>
    public ulong UnresolvedFragments;

    /// <summary>Batches of frames.</summary>
    public ulong Batches;

    /// <summary>Counts a frame that was not metered.</summary>
    public void CountIgnored(ParseResult result, uint octets)
    {
        if (result != ParseResult.NotIp)
            IgnoredOctets += octets;
        switch (result)
        {
            case ParseResult.NotIp:
                NotIp++;
                break;
            case ParseResult.Malformed:
                Malformed++;
                break;
            default:
                Truncated++;
                break;
        }
    }
}
