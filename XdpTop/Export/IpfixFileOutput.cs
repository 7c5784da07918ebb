using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>An IPFIX File (RFC 5655): IPFIX Messages back to back, the Templates in the first.</summary>
internal sealed class IpfixFileOutput : IRecordOutput
{
    private const int MessageLength = 16 * 1024;

    private readonly Stream _stream;
    private readonly IReadOnlyList<ObservationPoint> _observationPoints;
    private readonly TimeProvider _time;
    private readonly MessageWriter _writer;

    /// <param name="stream">Unbuffered; owned from here on.</param>
    public IpfixFileOutput(
        string name, Stream stream, uint observationDomainId, IReadOnlyList<ObservationPoint> observationPoints,
        TimeProvider time, RecordKind records)
    {
        Name = name;
        _stream = stream;
        _observationPoints = observationPoints;
        _time = time;
        _writer = new MessageWriter(new byte[MessageLength], observationDomainId);
        _writer.TryAddTemplates(records.Templates());
    }

    public string Name { get; }

    public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default)
    {
        for (int i = 0, length; i < records.Length; i += length)
        {
            length = records[i].HasReverse ? 2 : 1;
            ReadOnlySpan<uint> distribution = ByteDistribution.At(distributions, i);
            if (TryAdd(records.Slice(i, length), distribution))
                continue;
            WriteMessage();
            TryAdd(records.Slice(i, length), distribution);
        }
        WriteMessage();
    }

    public void Dispose()
    {
        using (_stream)
            WriteMessage();
    }

    /// <summary>Adds a Flow Record, or the two of a Biflow, to the message, if it fits.</summary>
    private bool TryAdd(ReadOnlySpan<FlowRecord> dataRecord, ReadOnlySpan<uint> byteDistribution)
    {
        ref readonly FlowRecord record = ref dataRecord[0];
        uint index = record.ObservationPoint < _observationPoints.Count ? _observationPoints[record.ObservationPoint].Index : 0;
        return record.HasReverse
            ? _writer.TryAddBiflow(in record, in dataRecord[1], index)
            : _writer.TryAddRecord(in record, index, byteDistribution);
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
