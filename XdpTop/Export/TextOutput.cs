using System.Buffers;
using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>Writes a record as one line of UTF-8, line end included.</summary>
/// <param name="byteDistribution">Empty where it is not counted.</param>
internal delegate void RecordFormatter(IBufferWriter<byte> output, in FlowRecord record, ReadOnlySpan<uint> byteDistribution);

/// <summary>Writes the two directions of a Biflow as one line of UTF-8, line end included.</summary>
internal delegate void BiflowFormatter(IBufferWriter<byte> output, in FlowRecord record, in FlowRecord reverse);

/// <summary>An output of lines: JSON Lines or CSV.</summary>
internal sealed class TextOutput : IRecordOutput
{
    private readonly Stream _stream;
    private readonly RecordFormatter _format;
    private readonly BiflowFormatter _formatBiflow;
    private readonly bool _leaveOpen;
    private readonly ArrayBufferWriter<byte> _lines = new(64 * 1024);

    /// <param name="header">Written first; can be empty.</param>
    /// <param name="stream">Unbuffered; owned from here on, unless it is to be left open.</param>
    /// <param name="leaveOpen">Whether others go on writing to the stream.</param>
    public TextOutput(string name, Stream stream, ReadOnlySpan<byte> header, RecordFormatter format, BiflowFormatter formatBiflow, bool leaveOpen = false)
    {
        _leaveOpen = leaveOpen;
        Name = name;
        _stream = stream;
        _format = format;
        _formatBiflow = formatBiflow;
        _lines.Write(header); // goes out with the first records, or at the end
    }

    public string Name { get; }

    public bool CanStall => _stream.CanStall();

    public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default)
    {
        for (int i = 0; i < records.Length; i++)
        {
            if (records[i].HasReverse)
                _formatBiflow(_lines, in records[i], in records[++i]);
            else
                _format(_lines, in records[i], ByteDistribution.At(distributions, i));
        }
        WriteLines();
    }

    public void Dispose()
    {
        using (_leaveOpen ? null : _stream)
            WriteLines();
    }

    private void WriteLines()
    {
        if (_lines.WrittenCount == 0)
            return;
        try
        {
            _stream.WriteWhole(_lines.WrittenSpan);
        }
        finally
        {
            _lines.ResetWrittenCount();
        }
    }
}
