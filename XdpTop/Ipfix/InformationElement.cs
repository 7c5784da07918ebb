namespace XdpTop.Ipfix;

/// <summary>
/// An Information Element (RFC 7011 section 2): a kind of field, as Templates name it.
/// </summary>
/// <param name="EnterpriseNumber">Whose element it is; 0 is IANA's own registry.</param>
/// <param name="Id">
/// Its number in IANA's registry (https://www.iana.org/assignments/ipfix), or in the enterprise's own.
/// </param>
/// <param name="Name">Its name in the registry.</param>
/// <param name="Length">
/// Octets that it takes in our Data Records: that of its type, or fewer where all values fit (RFC 7011 section 6.2,
/// Reduced-Size Encoding), or <see cref="VariableLength"/>.
/// </param>
internal sealed record InformationElement(
    uint EnterpriseNumber, ushort Id, string Name, ElementType Type, ElementSemantics Semantics, ElementUnits Units, ushort Length)
{
    /// <summary>In a Template: the length stands with each value (RFC 7011 section 7).</summary>
    public const ushort VariableLength = ushort.MaxValue;

    /// <summary>The least and the greatest value; both 0 where only the type bounds them.</summary>
    public (ulong Begin, ulong End) Range { get; init; }

    /// <summary>What it is, of xdptop's own ones; empty of those that IANA's registry describes.</summary>
    public string Description { get; init; } = "";
}

/// <summary>Abstract data types (RFC 7012 section 3.1), by their numbers in RFC 5610 section 3.1.</summary>
internal enum ElementType : byte
{
    OctetArray = 0,
    Unsigned8 = 1,
    Unsigned16 = 2,
    Unsigned32 = 3,
    Unsigned64 = 4,
    Float64 = 10,
    String = 13,
    DateTimeSeconds = 14,
    DateTimeMilliseconds = 15,
    DateTimeMicroseconds = 16,
    DateTimeNanoseconds = 17,
    IPv4Address = 18,
    IPv6Address = 19,
}

/// <summary>Data type semantics (RFC 7012 section 3.2), by their numbers in RFC 5610 section 3.6.</summary>
internal enum ElementSemantics : byte
{
    Default = 0,
    Quantity = 1,
    TotalCounter = 2,
    DeltaCounter = 3,
    Identifier = 4,
    Flags = 5,
}

/// <summary>Units by their numbers in RFC 5610 section 3.7.</summary>
internal enum ElementUnits : ushort
{
    None = 0,
    Bits = 1,
    Octets = 2,
    Packets = 3,
    Flows = 4,
    Seconds = 5,
    Milliseconds = 6,
    Microseconds = 7,
    Nanoseconds = 8,
    Messages = 10,
    Hops = 11,
}
