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
    private const ushort TemplateSetId = 2;
    private const int NoSet = -1;

    private readonly byte[] _buffer;
    private readonly uint _observationDomainId;
    private int _maximumLength;
    private int _length = HeaderLength;
    private int _setAt = NoSet;
    private ushort _setId;

    public MessageWriter(byte[] buffer, uint observationDomainId)
    {
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

    /// <summary>Of the message being built: Data Records in the messages before it, modulo 2^32.</summary>
    public uint SequenceNumber { get; private set; }

    /// <summary>Data Records in the message being built.</summary>
    public int Records { get; private set; }

    /// <summary>The message being built has neither Templates nor Data Records.</summary>
    public bool IsEmpty => _length == HeaderLength;

    /// <summary>Adds a Template Set. False, and nothing added, if it does not fit into this message.</summary>
    public bool TryAddTemplates(ReadOnlySpan<Template> templates)
    {
        int needed = SetHeaderLength;
        foreach (Template template in templates)
            needed += template.Length;
        if (_length + needed > MaximumLength)
            return false;
        BeginSet(TemplateSetId);
        foreach (Template template in templates)
        {
            template.WriteTemplate(_buffer.AsSpan(_length));
            _length += template.Length;
        }
        EndSet();
        return true;
    }

    /// <summary>
    /// Adds a Data Record by the Template of its IP version. False, and nothing added, if it does not fit into this
    /// message.
    /// </summary>
    /// <param name="byteDistribution">Empty where it is not counted.</param>
    public bool TryAddRecord(in FlowRecord record, uint interfaceIndex, ReadOnlySpan<uint> byteDistribution = default) =>
        TryAdd(FlowTemplates.For(in record, !byteDistribution.IsEmpty), in record, in record, new RecordContext(interfaceIndex, byteDistribution));

    /// <summary>The same for a Biflow (RFC 5103).</summary>
    /// <param name="record">Of the forward direction.</param>
    public bool TryAddBiflow(in FlowRecord record, in FlowRecord reverse, uint interfaceIndex) =>
        TryAdd(BiflowTemplates.For(in record), in record, in reverse, new RecordContext(interfaceIndex, byteDistribution: []));

    private bool TryAdd(Template template, in FlowRecord record, in FlowRecord reverse, RecordContext context)
    {
        bool setGoesOn = _setAt != NoSet && _setId == template.Id;
        int needed = template.RecordLength + (setGoesOn ? 0 : SetHeaderLength);
        if (_length + needed > MaximumLength)
            return false;
        if (!setGoesOn)
        {
            EndSet();
            BeginSet(template.Id);
        }
        template.WriteRecord(_buffer.AsSpan(_length, template.RecordLength), in record, in reverse, context);
        _length += template.RecordLength;
        Records++;
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
        SequenceNumber += (uint)Records;
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
