using System.Buffers.Binary;
using XdpTop.Flows;
using static XdpTop.Ipfix.InformationElements;

namespace XdpTop.Ipfix;

/// <summary>
/// A Template (RFC 7011 section 3.4.1): which fields a Data Record has, in what order. All are of fixed length. That of a
/// Biflow (RFC 5103) has after them biflowDirection and, as reverse elements, those that the reverse direction has a value
/// of its own of.
/// </summary>
internal sealed class Template
{
    /// <summary>biflowDirection (239): the source of the forward direction began the conversation.</summary>
    private const byte Initiator = 1;

    private readonly FlowField[] _fields;
    private readonly FlowField[] _reverseFields; // none where it is of no Biflow
    private readonly bool _isBiflow;

    /// <param name="id">Also the Set ID of the Data Sets that it describes: 256 or above.</param>
    public Template(ushort id, IReadOnlyList<FlowField> fields, bool isBiflow)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(id, 256);
        Id = id;
        _fields = [.. fields];
        _isBiflow = isBiflow;
        _reverseFields = isBiflow ? [.. fields.Where(field => field.HasReverse())] : [];
        List<InformationElement> elements = [.. _fields.Select(Of)];
        if (isBiflow)
            elements.AddRange([Find("biflowDirection"), .. _reverseFields.Select(field => ReverseOf(Of(field)))]);
        Elements = elements;
        RecordLength = elements.Sum(element => element.Length);
        Record = new EncodedRecord(EncodedRecord.TemplateSetId, Encode());
    }

    public ushort Id { get; }

    public IReadOnlyList<InformationElement> Elements { get; }

    /// <summary>Octets of a Data Record.</summary>
    public int RecordLength { get; }

    /// <summary>The Template Record itself.</summary>
    public EncodedRecord Record { get; }

    /// <summary>flowKeyIndicator (173): bit n is set if the field n is of the Flow Key.</summary>
    public ulong FlowKeyIndicator
    {
        get
        {
            ulong indicator = 0;
            for (int i = 0; i < _fields.Length; i++)
                indicator |= _fields[i].IsKey() ? 1UL << i : 0;
            return indicator;
        }
    }

    /// <summary>Whether both have the same fields.</summary>
    public bool IsLike(Template other) => _isBiflow == other._isBiflow && _fields.SequenceEqual(other._fields);

    /// <summary>Writes a Data Record: <see cref="RecordLength"/> octets.</summary>
    /// <param name="reverse">That of a Biflow's reverse direction; any where the Template is of no Biflow.</param>
    public void WriteRecord(Span<byte> to, in FlowRecord record, in FlowRecord reverse, RecordContext context)
    {
        int length = FieldWriter.Write(_fields, to, in record, context);
        if (!_isBiflow)
            return;
        to[length++] = Initiator;
        FieldWriter.Write(_reverseFields, to[length..], in reverse, context);
    }

    private byte[] Encode()
    {
        byte[] header = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(header, Id);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)Elements.Count);
        return [.. header, .. Elements.SelectMany(EncodedRecord.FieldSpecifier)];
    }
}
