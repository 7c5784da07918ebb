using System.Buffers;
using System.Globalization;
using System.Text;
using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>
/// Flow Records as lines of CSV (RFC 4180, but for line ends of one character): the fields and forms of
/// <see cref="FlowRecordJson"/>, empty where that leaves them out; the histogram's bins are set apart by semicolons, the
/// byte distribution's counts by spaces.
/// </summary>
internal sealed class FlowRecordCsv
{
    /// <summary>Above the longest line of one direction, without the interface's name.</summary>
    private const int MaximumLength = 2048;

    /// <summary>Above what follows it: the byte distribution or, which is shorter, the reverse direction.</summary>
    private const int MaximumExtraLength = 3072;

    private readonly byte[][] _interfaceNames;
    private readonly IReadOnlyList<ObservationPoint> _observationPoints;
    private readonly Column[] _columns;
    private readonly Column[] _reverseColumns; // none where directions stay apart
    private readonly byte[] _noReverse = []; // the reverse direction's fields where there is none

    /// <param name="records">Of Biflows, lines have the reverse direction's fields, empty where there is none.</param>
    /// <param name="fields">Which columns there are; all if not given.</param>
    public FlowRecordCsv(
        IReadOnlyList<ObservationPoint> observationPoints, RecordKind records = RecordKind.Plain, FieldSelection? fields = null)
    {
        _interfaceNames = [.. observationPoints.Select(point => Quote(point.Name))];
        _observationPoints = observationPoints;
        FlowField[] text =
        [
            .. (fields ?? FieldSelection.Default).Text
                .Where(field => records == RecordKind.WithByteDistribution || field.Needs() != FlowTraits.ByteDistribution),
        ];
        FlowField[] reversed = records == RecordKind.Biflow ? [.. text.Where(field => field.HasReverse())] : [];
        _columns = [.. text.Select(field => new Column(field))];
        _reverseColumns = [.. reversed.Select(field => new Column(field))];
        IEnumerable<string> names = text.Select(field => InformationElements.Of(field).Name);
        if (records == RecordKind.Biflow)
        {
            names = [.. names, "biflowDirection", .. reversed.Select(field => InformationElements.ReverseOf(InformationElements.Of(field)).Name)];
            _noReverse = [.. Enumerable.Repeat((byte)',', reversed.Length + 1)];
        }
        Header = Encoding.UTF8.GetBytes(string.Join(',', names) + "\n");
    }

    /// <summary>The first line.</summary>
    public byte[] Header { get; }

    /// <summary>Writes one line.</summary>
    /// <param name="byteDistribution">Empty where it is not counted.</param>
    public void Write(IBufferWriter<byte> output, in FlowRecord record, ReadOnlySpan<uint> byteDistribution = default)
    {
        Utf8Text text = Begin(output, in record, byteDistribution);
        text.Append(_noReverse);
        End(output, ref text);
    }

    /// <summary>Writes one line of a Biflow.</summary>
    public void WriteBiflow(IBufferWriter<byte> output, in FlowRecord record, in FlowRecord reverse)
    {
        Utf8Text text = Begin(output, in record, []);
        text.Append(",initiator"u8);
        if (_reverseColumns.Length > 0)
            text.Append((byte)',');
        Append(ref text, _reverseColumns, in reverse, []);
        End(output, ref text);
    }

    private static void End(IBufferWriter<byte> output, ref Utf8Text text)
    {
        text.Append((byte)'\n');
        output.Advance(text.Length);
    }

    private Utf8Text Begin(IBufferWriter<byte> output, in FlowRecord record, ReadOnlySpan<uint> byteDistribution)
    {
        int nameLength = record.ObservationPoint < _interfaceNames.Length ? _interfaceNames[record.ObservationPoint].Length : 0;
        Utf8Text text = new(output.GetSpan(MaximumLength + MaximumExtraLength + 2 * nameLength));
        Append(ref text, _columns, in record, byteDistribution);
        return text;
    }

    private void Append(ref Utf8Text text, Column[] columns, in FlowRecord record, ReadOnlySpan<uint> byteDistribution)
    {
        bool hasPoint = record.ObservationPoint < _interfaceNames.Length;
        ReadOnlySpan<byte> interfaceName = hasPoint ? _interfaceNames[record.ObservationPoint] : [];
        uint interfaceIndex = hasPoint ? _observationPoints[record.ObservationPoint].Index : 0;
        FlowTraits traits = record.Traits() | (byteDistribution.IsEmpty ? FlowTraits.None : FlowTraits.ByteDistribution);
        for (int i = 0; i < columns.Length; i++)
        {
            if (i > 0)
                text.Append((byte)',');
            Column column = columns[i];
            if ((column.Needs & ~traits) == 0)
                FieldText.Append(ref text, column.Field, in record, interfaceName, interfaceIndex, byteDistribution, column.ListSeparator);
        }
    }

    /// <summary>A name in quotes, without what could harm a terminal.</summary>
    private static byte[] Quote(string name)
    {
        string harmless = new([.. name.Select(character => IsHarmful(character) ? '?' : character)]);
        return Encoding.UTF8.GetBytes($"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
    }

    // Those of category Format turn the direction of what follows, for one.
    private static bool IsHarmful(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private readonly struct Column(FlowField field)
    {
        public readonly FlowField Field = field;
        public readonly FlowTraits Needs = field.Needs();
        public readonly byte ListSeparator = field == FlowField.PacketLengthHistogram ? (byte)';' : (byte)' ';
    }
}
