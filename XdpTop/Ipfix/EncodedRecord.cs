using System.Buffers.Binary;

namespace XdpTop.Ipfix;

/// <summary>
/// A record as it stands in messages that is not of a flow: a Template, an Options Template, or a Data Record by one.
/// </summary>
/// <param name="SetId">Of the Sets that it can stand in.</param>
internal sealed record EncodedRecord(ushort SetId, byte[] Bytes)
{
    /// <summary>RFC 7011 section 3.3.2.</summary>
    public const ushort TemplateSetId = 2;

    /// <summary>RFC 7011 section 3.3.2.</summary>
    public const ushort OptionsTemplateSetId = 3;

    /// <summary>Bit of a Field Specifier's element id: an enterprise number follows (RFC 7011 section 3.2).</summary>
    private const ushort EnterpriseBit = 0x8000;

    /// <summary>Whether Sequence Numbers count it.</summary>
    public bool IsData => SetId >= 256;

    /// <summary>An element as Templates name it (RFC 7011 section 3.2).</summary>
    public static byte[] FieldSpecifier(InformationElement element)
    {
        bool isEnterprise = element.EnterpriseNumber != 0;
        byte[] bytes = new byte[isEnterprise ? 8 : 4];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(isEnterprise ? element.Id | EnterpriseBit : element.Id));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), element.Length);
        if (isEnterprise)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), element.EnterpriseNumber);
        return bytes;
    }
}
