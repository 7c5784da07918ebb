namespace XdpTop.Ipfix;

/// <summary>
/// An Information Element (RFC 7011 section 2): a kind of field, as Templates name it.
/// </summary>
/// <param name="Id">
/// Its number in IANA's registry (https://www.iana.org/assignments/ipfix), or in the enterprise's own.
/// </param>
/// <param name="Length">
/// Octets that it takes in our Data Records: that of its abstract data type, or fewer where all values fit
/// (RFC 7011 section 6.2, Reduced-Size Encoding).
/// </param>
/// <param name="Name">Its name in the registry.</param>
/// <param name="EnterpriseNumber">Whose element it is; 0 is IANA's own registry.</param>
internal sealed record InformationElement(ushort Id, ushort Length, string Name, uint EnterpriseNumber = 0);
