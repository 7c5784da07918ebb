using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>An IPFIX File (RFC 5655): IPFIX Messages back to back, the Templates in the first.</summary>
internal sealed class IpfixFileOutput : IRecordOutput
{
    private const int MessageLength = 16 * 1024;

    private readonly Stream _stream;
    private readonly uint[] _interfaceIndexes;
    private readonly TimeProvider _time;
    private readonly MessageWriter _writer;

    /// <param name="stream">Unbuffered; owned from here on.</param>
    /// <param name="biflow">Whether there can be Biflows among the records.</param>
    public IpfixFileOutput(
        string name, Stream stream, uint observationDomainId, IReadOnlyList<ObservationPoint> observationPoints,
        TimeProvider time, bool biflow = false)
    {
        Name = name;
        _stream = stream;
        _interfaceIndexes = [.. observationPoints.Select(point => point.Index)];
        _time = time;
        _writer = new MessageWriter(new byte[MessageLength], observationDomainId);
        _writer.TryAddTemplates(biflow ? BiflowTemplates.WithUniflows : FlowTemplates.All);
    }

    public string Name { get; }

    public void Write(ReadOnlySpan<FlowRecord> records)
    {
        while (!records.IsEmpty)
        {
            if (!TryAdd(records))
            {
                WriteMessage();
                TryAdd(records);
            }
            records = records[(records[0].HasReverse ? 2 : 1)..];
        }
        WriteMessage();
    }

    public void Dispose()
    {
        using (_stream)
            WriteMessage();
    }

    /// <summary>Adds the first Data Record to the message, if it fits.</summary>
    private bool TryAdd(ReadOnlySpan<FlowRecord> records)
    {
        ref readonly FlowRecord record = ref records[0];
        uint index = record.ObservationPoint < _interfaceIndexes.Length ? _interfaceIndexes[record.ObservationPoint] : 0;
        return record.HasReverse ? _writer.TryAddBiflow(in record, in records[1], index) : _writer.TryAddRecord(in record, index);
    }

    private void WriteMessage()
    {
        if (_writer.IsEmpty)
            return;
        try
        {
            _stream.Write(_writer.Complete(_time.GetUtcNow()));
            _stream.Flush();
        }
        finally
        {
            _writer.Next();
        }
    }
}
