namespace XdpTop.Tests.Ipfix;

/// <summary>
/// A Collecting Process after RFC 7011, written from the RFC alone: it learns Templates from the messages and decodes Data
/// Records by them. It takes fields by byte arithmetic of its own, and throws at anything that the RFC does not allow.
/// </summary>
internal sealed class IpfixDecoder
{
    private readonly Dictionary<int, List<FieldSpecifier>> _templates = [];
    private readonly HashSet<int> _optionsTemplates = [];

    public IReadOnlyDictionary<int, List<FieldSpecifier>> Templates => _templates;

    /// <summary>Decodes one message that fills the bytes.</summary>
    public DecodedMessage Decode(byte[] bytes)
    {
        List<DecodedMessage> messages = DecodeAll(bytes);
        return messages.Count == 1 ? messages[0] : throw new FormatException($"{messages.Count} messages");
    }

    /// <summary>Decodes messages that stand back to back.</summary>
    public List<DecodedMessage> DecodeAll(byte[] bytes)
    {
        List<DecodedMessage> messages = [];
        for (int at = 0; at < bytes.Length;)
        {
            if (bytes.Length - at < 16)
                throw new FormatException("a message header is cut off");
            int length = (int)Number(bytes, at + 2, 2);
            if (length < 16 || at + length > bytes.Length)
                throw new FormatException($"a message says that it has {length} octets");
            messages.Add(DecodeMessage(bytes[at..(at + length)]));
            at += length;
        }
        return messages;
    }

    public static ulong Number(byte[] bytes, int at, int length)
    {
        ulong number = 0;
        for (int i = 0; i < length; i++)
            number = (number * 256) + bytes[at + i];
        return number;
    }

    private DecodedMessage DecodeMessage(byte[] bytes)
    {
        if (Number(bytes, 0, 2) != 10)
            throw new FormatException("not version 10");
        DecodedMessage message = new(
            bytes.Length, (uint)Number(bytes, 4, 4), (uint)Number(bytes, 8, 4), (uint)Number(bytes, 12, 4));
        for (int at = 16; at < bytes.Length;)
        {
            if (bytes.Length - at < 4)
                throw new FormatException("a set header is cut off");
            int id = (int)Number(bytes, at, 2);
            int length = (int)Number(bytes, at + 2, 2);
            if (length <= 4 || at + length > bytes.Length)
                throw new FormatException($"set {id} says that it has {length} octets");
            byte[] content = bytes[(at + 4)..(at + length)];
            if (id is 2 or 3)
                DecodeTemplates(content, isOptions: id == 3, message);
            else if (id >= 256)
                DecodeData(id, content, message);
            else
                throw new FormatException($"set id {id}");
            at += length;
        }
        return message;
    }

    private void DecodeTemplates(byte[] bytes, bool isOptions, DecodedMessage message)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int id = (int)Number(bytes, at, 2);
            int count = (int)Number(bytes, at + 2, 2);
            if (id < 256 || count == 0)
                throw new FormatException($"template {id} with {count} fields");
            at += 4;
            if (isOptions)
            {
                int scopes = (int)Number(bytes, at, 2);
                if (scopes == 0 || scopes > count)
                    throw new FormatException($"options template {id} with {scopes} of {count} fields in its scope");
                at += 2;
                _optionsTemplates.Add(id);
            }
            List<FieldSpecifier> fields = [];
            for (int i = 0; i < count; i++)
            {
                int element = (int)Number(bytes, at, 2);
                int length = (int)Number(bytes, at + 2, 2);
                at += 4;
                uint enterprise = 0;
                if (element >= 0x8000)
                {
                    element -= 0x8000;
                    enterprise = (uint)Number(bytes, at, 4);
                    at += 4;
                }
                fields.Add(new FieldSpecifier(enterprise, element, length));
            }
            if (_templates.TryGetValue(id, out List<FieldSpecifier>? known) && !known.SequenceEqual(fields))
                throw new FormatException($"template {id} changed");
            _templates[id] = fields;
            if (!isOptions)
                message.TemplateIds.Add(id);
        }
    }

    private void DecodeData(int id, byte[] bytes, DecodedMessage message)
    {
        if (!_templates.TryGetValue(id, out List<FieldSpecifier>? fields))
            throw new FormatException($"data of template {id}, which was not sent");
        for (int at = 0; at < bytes.Length;)
        {
            Dictionary<(uint Enterprise, int Id), byte[]> record = [];
            foreach (FieldSpecifier field in fields)
            {
                int length = field.Length;
                if (length == 65535)
                {
                    length = bytes[at++];
                    if (length == 255)
                        throw new FormatException("a long string");
                }
                record.Add((field.Enterprise, field.Id), bytes[at..(at + length)]);
                at += length;
            }
            (_optionsTemplates.Contains(id) ? message.Options : message.Records).Add(new DecodedRecord(id, record));
        }
    }
}

internal sealed record FieldSpecifier(uint Enterprise, int Id, int Length);

internal sealed record DecodedMessage(int Length, uint ExportTime, uint SequenceNumber, uint ObservationDomainId)
{
    public List<int> TemplateIds { get; } = [];

    /// <summary>Data Records of flows.</summary>
    public List<DecodedRecord> Records { get; } = [];

    /// <summary>Data Records by Options Templates.</summary>
    public List<DecodedRecord> Options { get; } = [];

    /// <summary>All that Sequence Numbers count.</summary>
    public uint DataRecords => (uint)(Records.Count + Options.Count);
}

internal sealed record DecodedRecord(int TemplateId, Dictionary<(uint Enterprise, int Id), byte[]> Fields)
{
    public byte[] Bytes(int id, uint enterprise = 0) => Fields[(enterprise, id)];

    public ulong Number(int id, uint enterprise = 0) =>
        IpfixDecoder.Number(Bytes(id, enterprise), 0, Bytes(id, enterprise).Length);

    public string Text(int id, uint enterprise = 0) => System.Text.Encoding.UTF8.GetString(Bytes(id, enterprise));

    /// <summary>A dateTimeNanoseconds: NTP's 64-bit timestamp as nanoseconds since 1970.</summary>
    public long Nanoseconds(int id, uint enterprise = 0)
    {
        long seconds = (long)IpfixDecoder.Number(Bytes(id, enterprise), 0, 4);
        UInt128 fraction = IpfixDecoder.Number(Bytes(id, enterprise), 4, 4);
        return ((seconds - 2_208_988_800) * 1_000_000_000) + (long)(fraction * 1_000_000_000 >> 32);
    }
}
