namespace XdpTop.Ipfix;

/// <summary>
/// What the Data Records of a run are made of. Biflows come without byte distributions: a Data Record with those of both
/// directions would be longer than what goes through unfragmented to a collector (RFC 7011 section 10.3.3).
/// </summary>
internal enum RecordKind
{
    /// <summary>A Flow Record.</summary>
    Plain,

    /// <summary>A Flow Record and its byte distribution.</summary>
    WithByteDistribution,

    /// <summary>The two Flow Records of a Biflow (RFC 5103), or one that has no reverse.</summary>
    Biflow,
}
