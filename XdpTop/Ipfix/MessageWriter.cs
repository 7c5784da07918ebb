using System.Buffers.Binary;
using XdpTop.Flows;

namespace XdpTop.Ipfix;

/// <summary>
/// Builds IPFIX Messages (RFC 7011 section 3), one after the other, in a buffer lent by the caller: the messages of one
/// Transport Session and one Observation Domain, since it counts their Sequence Numbers. Used by one thread.
/// </summary>
internal sealed class MessageWriter
{
    public const int HeaderLength = 16;

    private const ushort Version = 10;
    private const int SetHeaderLength = 4;
    private const int NoSet = -1;

    private readonly byte[] _buffer;
    private readonly uint _observationDomainId;
    private readonly FlowTemplates _templates;
    private int _maximumLength;
    private int _length = HeaderLength;
    private int _setAt = NoSet;
    private ushort _setId;
    private uint _dataRecords;

    /// <param name="templates">By which flows are written; sent by <see cref="TryAdd(EncodedRecord)"/>.</param>
    public MessageWriter(byte[] buffer, uint observationDomainId, FlowTemplates templates)
    {
        _templates = templates;
        _buffer = buffer;
        _observationDomainId = observationDomainId;
        MaximumLength = Math.Min(buffer.Length, ushort.MaxValue);
    }

    /// <summary>No message gets longer. To be set between messages.</summary>
    public int MaximumLength
    {
        get => _maximumLength;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Math.Min(_buffer.Length, ushort.MaxValue));
            _maximumLength = value;
        }
    }

    /// <summary>Of the message being built: Data Records in the messages before it, those of options included, modulo 2^32.</summary>
    public uint SequenceNumber { get; private set; }

    /// <summary>Data Records of flows in the message being built.</summary>
    public int Records { get; private set; }

    /// <summary>The message being built has neither Templates nor Data Records.</summary>
    public bool IsEmpty => _length == HeaderLength;

    /// <summary>Adds a Template or a Data Record of options. False, and nothing added, if it does not fit into this message.</summary>
    public bool TryAdd(EncodedRecord record)
    {
        if (!TryBegin(record.SetId, record.Bytes.Length, out Span<byte> place))
            return false;
        record.Bytes.CopyTo(place);
        if (record.IsData)
            _dataRecords++;
        return true;
    }

    /// <summary>
    /// Adds the Data Record of a flow, by the Template of its kind. False, and nothing added, if it does not fit into this
    /// message.
    /// </summary>
    /// <param name="byteDistribution">Empty where it is not counted.</param>
    public bool TryAddRecord(in FlowRecord record, uint interfaceIndex, ReadOnlySpan<uint> byteDistribution = default) =>
        TryAdd(in record, in record, new RecordContext(interfaceIndex, byteDistribution));

    /// <summary>The same for a Biflow (RFC 5103).</summary>
    /// <param name="record">Of the forward direction; it <see cref="FlowRecord.HasReverse"/>.</param>
    public bool TryAddBiflow(in FlowRecord record, in FlowRecord reverse, uint interfaceIndex) =>
        TryAdd(in record, in reverse, new RecordContext(interfaceIndex, byteDistribution: []));

    private bool TryAdd(in FlowRecord record, in FlowRecord reverse, RecordContext context)
    {
        Template template = _templates.For(in record);
        if (!TryBegin(template.Id, template.RecordLength, out Span<byte> place))
            return false;
        template.WriteRecord(place, in record, in reverse, context);
        Records++;
        _dataRecords++;
        return true;
    }

    /// <summary>Makes room for a record in a Set of this id.</summary>
    private bool TryBegin(ushort setId, int length, out Span<byte> place)
    {
        // Each Options Template has a Set of its own (RFC 7011 section 3.4.2 allows several): of more, nfcapd reads the first
        // alone, and nfacctd 1.7 looks for the second in the wrong place, and drops the rest of the message.
        bool setGoesOn = _setAt != NoSet && _setId == setId && setId != EncodedRecord.OptionsTemplateSetId;
        int needed = length + (setGoesOn ? 0 : SetHeaderLength);
        place = default;
        if (_length + needed > MaximumLength)
            return false;
        if (!setGoesOn)
        {
            EndSet();
            BeginSet(setId);
        }
        place = _buffer.AsSpan(_length, length);
        _length += length;
        return true;
    }

    /// <summary>
    /// Completes the message being built and gives its bytes, valid until the writer is used again. Can be called
    /// again, as when sending failed, until <see cref="Next"/> begins the next message.
    /// </summary>
    public ReadOnlySpan<byte> Complete(DateTimeOffset exportTime)
    {
        EndSet();
        Span<byte> header = _buffer.AsSpan(0, HeaderLength);
        BinaryPrimitives.WriteUInt16BigEndian(header, Version);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)_length);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], (uint)exportTime.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], SequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], _observationDomainId);
        return _buffer.AsSpan(0, _length);
    }

    /// <summary>Begins the next message: the one before is sent.</summary>
    public void Next()
    {
        SequenceNumber += _dataRecords;
        _dataRecords = 0;
        Records = 0;
        _length = HeaderLength;
        _setAt = NoSet;
    }

    private void BeginSet(ushort id)
    {
        _setAt = _length;
        _setId = id;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(_length), id);
        _length += SetHeaderLength;
    }

    private void EndSet()
    {
        if (_setAt == NoSet)
            return;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(_setAt + 2), (ushort)(_length - _setAt));
        _setAt = NoSet;
    }
}
