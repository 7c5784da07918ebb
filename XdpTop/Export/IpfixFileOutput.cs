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
    public IpfixFileOutput(
        string name, Stream stream, uint observationDomainId, IReadOnlyList<ObservationPoint> observationPoints,
        TimeProvider time, RecordKind records)
    {
        Name = name;
        _stream = stream;
        _interfaceIndexes = [.. observationPoints.Select(point => point.Index)];
        _time = time;
        _writer = new MessageWriter(new byte[MessageLength], observationDomainId);
        _writer.TryAddTemplates(records.Templates());
    }

    public string Name { get; }

    public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default)
    {
        long end = _stream.End();
        try
        {
            WriteMessages(records, distributions);
        }
        catch (IOException)
        {
            _stream.CutOff(end);
            throw;
        }
    }

    public void Dispose()
    {
        using (_stream)
            WriteMessage();
    }

    private void WriteMessages(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions)
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

    /// <summary>Adds a Flow Record, or the two of a Biflow, to the message, if it fits.</summary>
    private bool TryAdd(ReadOnlySpan<FlowRecord> dataRecord, ReadOnlySpan<uint> byteDistribution)
    {
        ref readonly FlowRecord record = ref dataRecord[0];
        uint index = record.ObservationPoint < _interfaceIndexes.Length ? _interfaceIndexes[record.ObservationPoint] : 0;
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
            _stream.WriteWhole(_writer.Complete(_time.GetUtcNow()));
        }
        finally
        {
            _writer.Next();
        }
    }
}
