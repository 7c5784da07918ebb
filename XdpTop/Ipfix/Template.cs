using System.Buffers.Binary;
using XdpTop.Flows;

namespace XdpTop.Ipfix;

/// <summary>
/// Writes one field of a Data Record.
/// </summary>
/// <param name="field">As long as the Information Element says; network byte order.</param>
internal delegate void FieldWriter(Span<byte> field, in FlowRecord record, RecordContext context);

/// <summary>What Data Records say besides what is in the Flow Record.</summary>
/// <param name="interfaceIndex">ifIndex of the record's Observation Point; 0 where it has none.</param>
/// <param name="byteDistribution">The record's; empty where it is not counted.</param>
internal readonly ref struct RecordContext(uint interfaceIndex, ReadOnlySpan<uint> byteDistribution)
{
    public uint InterfaceIndex { get; } = interfaceIndex;

    public ReadOnlySpan<uint> ByteDistribution { get; } = byteDistribution;
}

/// <summary>An Information Element in a Template, and how it is written from a Flow Record.</summary>
/// <param name="IsReverse">Whether that record is the one of a Biflow's reverse direction.</param>
internal sealed record TemplateField(InformationElement Element, FieldWriter Write, bool IsReverse = false);

/// <summary>
/// A Template (RFC 7011 section 3.4.1): which fields a Data Record has, in what order. All are of fixed length.
/// </summary>
internal sealed class Template
{
    /// <summary>Bit of a Field Specifier's element id: an enterprise number follows (RFC 7011 section 3.2).</summary>
    private const ushort EnterpriseBit = 0x8000;

    private readonly TemplateField[] _fields;

    /// <param name="id">Also the Set ID of the Data Sets that it describes: 256 or above.</param>
    public Template(ushort id, params TemplateField[] fields)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(id, 256);
        Id = id;
        _fields = fields;
        RecordLength = fields.Sum(field => field.Element.Length);
        Length = 4 + fields.Sum(field => field.Element.EnterpriseNumber == 0 ? 4 : 8);
    }

    public ushort Id { get; }

    public IReadOnlyList<TemplateField> Fields => _fields;

    /// <summary>Octets of a Data Record.</summary>
    public int RecordLength { get; }

    /// <summary>Octets of the Template Record itself.</summary>
    public int Length { get; }

    /// <summary>Writes the Template Record: <see cref="Length"/> octets.</summary>
    public void WriteTemplate(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, Id);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)_fields.Length);
        to = to[4..];
        foreach (TemplateField field in _fields)
        {
            InformationElement element = field.Element;
            bool enterprise = element.EnterpriseNumber != 0;
            BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)(enterprise ? element.Id | EnterpriseBit : element.Id));
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], element.Length);
            to = to[4..];
            if (enterprise)
            {
                BinaryPrimitives.WriteUInt32BigEndian(to, element.EnterpriseNumber);
                to = to[4..];
            }
        }
    }

    /// <summary>Writes a Data Record: <see cref="RecordLength"/> octets.</summary>
    /// <param name="reverse">That of a Biflow's reverse direction; any where the Template is of no Biflow.</param>
    public void WriteRecord(Span<byte> to, in FlowRecord record, in FlowRecord reverse, RecordContext context)
    {
        foreach (TemplateField field in _fields)
        {
            int length = field.Element.Length;
            field.Write(to[..length], in field.IsReverse ? ref reverse : ref record, context);
            to = to[length..];
        }
    }
}
