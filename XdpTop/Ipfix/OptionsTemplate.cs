using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace XdpTop.Ipfix;

/// <summary>An Options Template (RFC 7011 section 3.4.2), and the Data Records by it. For what is sent now and then.</summary>
internal sealed class OptionsTemplate
{
    /// <summary>Strings are cut there, so that a record fits any message.</summary>
    private const int LongestString = 200;

    private readonly InformationElement[] _elements;

    /// <param name="scope">Names of the elements that say what the others are about.</param>
    /// <param name="fields">Names of the others.</param>
    public OptionsTemplate(ushort id, string[] scope, string[] fields)
    {
        Id = id;
        _elements = [.. scope.Concat(fields).Select(InformationElements.Find)];
        byte[] header = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(header, id);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)_elements.Length);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)scope.Length);
        Record = new EncodedRecord(EncodedRecord.OptionsTemplateSetId, [.. header, .. _elements.SelectMany(EncodedRecord.FieldSpecifier)]);
    }

    public ushort Id { get; }

    /// <summary>The Options Template Record itself.</summary>
    public EncodedRecord Record { get; }

    /// <summary>A Data Record.</summary>
    /// <param name="values">One for each element: a string, a <see cref="double"/> or an unsigned number.</param>
    public EncodedRecord RecordOf(params ReadOnlySpan<object> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, _elements.Length);
        List<byte> bytes = [];
        for (int i = 0; i < values.Length; i++)
            bytes.AddRange(Encode(_elements[i], values[i]));
        return new EncodedRecord(Id, [.. bytes]);
    }

    private static byte[] Encode(InformationElement element, object value)
    {
        if (element.Type == ElementType.String)
        {
            byte[] text = Encoding.UTF8.GetBytes((string)value);
            int length = Math.Min(text.Length, LongestString);
            while (length < text.Length && (text[length] & 0xc0) == 0x80)
                length--; // not in the middle of a character
            return [(byte)length, .. text[..length]]; // RFC 7011 section 7: up to 254 octets
        }
        byte[] number = new byte[sizeof(ulong)];
        ulong bits = element.Type == ElementType.Float64
            ? BitConverter.DoubleToUInt64Bits((double)value)
            : Convert.ToUInt64(value, CultureInfo.InvariantCulture);
        BinaryPrimitives.WriteUInt64BigEndian(number, bits);
        return number[^element.Length..];
    }
}
