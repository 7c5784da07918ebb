namespace XdpTop.Flows;

/// <summary>Why a flow ended: flowEndReason (136) of RFC 7012, with its values.</summary>
internal enum FlowEndReason : byte
{
    /// <summary>Not ended: the record is of a flow that is alive.</summary>
    None = 0,

    /// <summary>No packet for the idle time-out.</summary>
    IdleTimeout = 1,

    /// <summary>Alive for the active time-out; a further packet begins a new record.</summary>
    ActiveTimeout = 2,

    /// <summary>TCP's FIN or RST was seen.</summary>
    EndOfFlow = 3,

    /// <summary>xdptop ended, or the capture file did.</summary>
    ForcedEnd = 4,

    /// <summary>The flow cache was full, and another flow needed the place.</summary>
    LackOfResources = 5,
}
