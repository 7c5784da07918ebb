using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>
/// Flow Records as lines of JSON. Names are those of IANA's Information Elements, values as <see cref="FieldText"/> has them.
/// What a flow does not have is left out: ports of ICMP and IGMP, tags of untagged frames, TCP's fields where it is not
/// TCP, options where there were none.
/// </summary>
internal sealed class FlowRecordJson
{
    /// <summary>Above the longest line of one direction, without the interface's name.</summary>
    private const int MaximumLength = 3072;

    /// <summary>Above what follows it: the byte distribution or, which is shorter, the reverse direction.</summary>
    private const int MaximumExtraLength = 3072;

    private readonly byte[][] _interfaceNames;
    private readonly IReadOnlyList<ObservationPoint> _observationPoints;
    private readonly Column[] _columns;
    private readonly Column[] _reverseColumns;

    /// <param name="fields">Which fields lines have, as far as the flows have them; all if not given.</param>
    public FlowRecordJson(IReadOnlyList<ObservationPoint> observationPoints, FieldSelection? fields = null)
    {
        // Escapes what could harm a terminal, too.
        _interfaceNames =
        [
            .. observationPoints.Select(point =>
                JsonEncodedText.Encode(point.Name, JavaScriptEncoder.Default).EncodedUtf8Bytes.ToArray()),
        ];
        _observationPoints = observationPoints;
        IReadOnlyList<FlowField> text = (fields ?? FieldSelection.Default).Text;
        _columns = [.. text.Select(field => new Column(field, InformationElements.Of(field).Name))];
        _reverseColumns =
        [
            .. text.Where(field => field.HasReverse())
                .Select(field => new Column(field, InformationElements.ReverseOf(InformationElements.Of(field)).Name)),
        ];
    }

    /// <summary>Writes an ended flow: "type":"flow".</summary>
    /// <param name="byteDistribution">Empty where it is not counted.</param>
    public void WriteEnded(IBufferWriter<byte> output, in FlowRecord record, ReadOnlySpan<uint> byteDistribution = default)
    {
        Utf8Text text = Begin(output, "flow"u8, in record, byteDistribution);
        End(output, ref text);
    }

    /// <summary>Writes the two directions of an ended Biflow: the reverse one's fields have names of their own.</summary>
    public void WriteEndedBiflow(IBufferWriter<byte> output, in FlowRecord record, in FlowRecord reverse)
    {
        Utf8Text text = Begin(output, "flow"u8, in record);
        AppendReverse(ref text, in reverse);
        End(output, ref text);
    }

    /// <summary>Writes a flow that is alive, with its rates: "type":"liveFlow".</summary>
    /// <param name="octetsPerSecond">Of IP packets.</param>
    public void WriteLive(
        IBufferWriter<byte> output, in FlowRecord record, double packetsPerSecond, double octetsPerSecond)
    {
        Utf8Text text = Begin(output, "liveFlow"u8, in record);
        AppendRate(ref text, ",\"packetsPerSecond\":"u8, packetsPerSecond);
        AppendRate(ref text, ",\"octetsPerSecond\":"u8, octetsPerSecond);
        End(output, ref text);
    }

    /// <summary>Writes the two directions of a Biflow that is alive.</summary>
    public void WriteLiveBiflow(
        IBufferWriter<byte> output, in FlowRecord record, double packetsPerSecond, double octetsPerSecond,
        in FlowRecord reverse, double reversePacketsPerSecond, double reverseOctetsPerSecond)
    {
        Utf8Text text = Begin(output, "liveFlow"u8, in record);
        AppendRate(ref text, ",\"packetsPerSecond\":"u8, packetsPerSecond);
        AppendRate(ref text, ",\"octetsPerSecond\":"u8, octetsPerSecond);
        AppendReverse(ref text, in reverse);
        AppendRate(ref text, ",\"reversePacketsPerSecond\":"u8, reversePacketsPerSecond);
        AppendRate(ref text, ",\"reverseOctetsPerSecond\":"u8, reverseOctetsPerSecond);
        End(output, ref text);
    }

    private static void End(IBufferWriter<byte> output, ref Utf8Text text)
    {
        text.Append("}\n"u8);
        output.Advance(text.Length);
    }

    private Utf8Text Begin(IBufferWriter<byte> output, ReadOnlySpan<byte> type, in FlowRecord record, ReadOnlySpan<uint> byteDistribution = default)
    {
        int nameLength = record.ObservationPoint < _interfaceNames.Length ? _interfaceNames[record.ObservationPoint].Length : 0;
        Utf8Text text = new(output.GetSpan(MaximumLength + MaximumExtraLength + 2 * nameLength));
        text.Append("{\"type\":\""u8);
        text.Append(type);
        text.Append((byte)'"');
        Append(ref text, _columns, in record, byteDistribution);
        return text;
    }

    private void AppendReverse(ref Utf8Text text, in FlowRecord reverse)
    {
        text.Append(",\"biflowDirection\":\"initiator\""u8);
        Append(ref text, _reverseColumns, in reverse, []);
    }

    private void Append(ref Utf8Text text, Column[] columns, in FlowRecord record, ReadOnlySpan<uint> byteDistribution)
    {
        bool hasPoint = record.ObservationPoint < _interfaceNames.Length;
        ReadOnlySpan<byte> interfaceName = hasPoint ? _interfaceNames[record.ObservationPoint] : [];
        uint interfaceIndex = hasPoint ? _observationPoints[record.ObservationPoint].Index : 0;
        FlowTraits traits = record.Traits() | (byteDistribution.IsEmpty ? FlowTraits.None : FlowTraits.ByteDistribution);
        foreach (Column column in columns)
        {
            if ((column.Needs & ~traits) != 0)
                continue;
            text.Append(column.Opening);
            FieldText.Append(ref text, column.Field, in record, interfaceName, interfaceIndex, byteDistribution, (byte)',');
            text.Append(column.Closing);
        }
    }

    private static void AppendRate(ref Utf8Text text, ReadOnlySpan<byte> name, double rate)
    {
        text.Append(name);
        text.Append(rate);
    }

    /// <summary>A field with what stands before its value, <c>,"name":</c> and a quotation mark or bracket, and after it.</summary>
    private readonly struct Column(FlowField field, string name)
    {
        public readonly FlowField Field = field;
        public readonly FlowTraits Needs = field.Needs();
        public readonly byte[] Opening =
            Encoding.UTF8.GetBytes($",\"{name}\":{(FieldText.IsString(field) ? "\"" : FieldText.IsList(field) ? "[" : "")}");
        public readonly byte[] Closing = FieldText.IsString(field) ? "\""u8.ToArray() : FieldText.IsList(field) ? "]"u8.ToArray() : [];
    }
}
