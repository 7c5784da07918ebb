namespace XdpTop.Flows;

/// <summary>
/// A Flow Record (RFC 7011 section 2) outside the flow cache: a copy of what the cache holds of a flow, when the flow
/// ended (on its way to an Exporting Process) or in a snapshot (on its way to the screen). Plain data with no references.
/// </summary>
internal struct FlowRecord
{
    public FlowKey Key;

    /// <summary>Time of the first packet: nanoseconds since 1970-01-01 UTC.</summary>
    public long Start;

    /// <summary>Time of the last packet: nanoseconds since 1970-01-01 UTC.</summary>
    public long End;

    public ulong Packets;

    /// <summary>Octets of the IP packets, headers included: octetDeltaCount (1).</summary>
    public ulong Octets;

    /// <summary>Octets after the transport headers.</summary>
    public ulong PayloadOctets;

    /// <summary>Octets of the frames, link layer headers and padding included, without FCS: layer2OctetDeltaCount (352).</summary>
    public ulong Layer2Octets;

    /// <summary>tcpOptions (209).</summary>
    public ulong TcpOptions;

    /// <summary>ipv4Options (208) or ipv6ExtensionHeaders (64), by the key's IP version.</summary>
    public uint IpOptions;

    /// <summary>Packets by length of the IP packet.</summary>
    public LengthHistogram LengthHistogram;

    /// <summary>minimumIpTotalLength (25); lengths above 65,535 are kept as 65,535.</summary>
    public ushort MinimumLength;

    /// <summary>maximumIpTotalLength (26), likewise.</summary>
    public ushort MaximumLength;

    /// <summary>tcpControlBits (6): all packets' flags ORed.</summary>
    public ushort TcpFlags;

    public byte MinimumTtl;
    public byte MaximumTtl;

    /// <summary>ipClassOfService (5) of the first packet.</summary>
    public byte ClassOfService;

    /// <summary>fragmentFlags (197): all packets' flags ORed.</summary>
    public byte FragmentFlags;

    public FlowEndReason EndReason;

    /// <summary>Which Observation Point (interface) saw the flow: an index into the Metering Process's list of them.</summary>
    public byte ObservationPoint;

    /// <summary>
    /// Set by an Exporting Process that pairs directions: the record after this one is the reverse direction of the same
    /// Biflow (RFC 5103), and both are one Data Record.
    /// </summary>
    public bool HasReverse;
}
