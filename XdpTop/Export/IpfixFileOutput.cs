using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>
/// An IPFIX File (RFC 5655): IPFIX Messages back to back, the Templates in the first ones, statistics each minute and in the
/// last.
/// </summary>
internal sealed class IpfixFileOutput : IRecordOutput
{
    private const int MessageLength = 16 * 1024;

    private readonly Stream _stream;
    private readonly ExportContent _content;
    private readonly TimeSpan _statisticsInterval;
    private readonly TimeProvider _time;
    private readonly MessageWriter _writer;
    private long _statisticsAt;
    private bool _isAnnounced;
    private bool _isCutOff;
    private ExportStatistics _exported;

    /// <param name="stream">Unbuffered; owned from here on.</param>
    public IpfixFileOutput(
        string name, Stream stream, ExportOptions options, IReadOnlyList<ObservationPoint> observationPoints, TimeProvider time)
    {
        Name = name;
        _stream = stream;
        _content = new ExportContent(options, observationPoints);
        _statisticsInterval = options.StatisticsInterval;
        _time = time;
        _statisticsAt = time.GetTimestamp();
        _writer = new MessageWriter(new byte[MessageLength], options.ObservationDomainId, _content.Templates);
    }

    public string Name { get; }

    public bool CanStall => _stream.CanStall();

    public void Miss(in Tally records)
    {
        _exported.NotSentFlows += records.Records;
        _exported.NotSentPackets += records.Packets;
        _exported.NotSentOctets += records.Octets;
    }

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
            _isCutOff = true;
            throw;
        }
    }

    public void Dispose()
    {
        using (_stream)
        {
            Announce();
            WriteMessage();
            WriteStatistics();
        }
    }

    private void WriteMessages(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions)
    {
        Announce();
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
        if (_time.GetElapsedTime(_statisticsAt) >= _statisticsInterval)
            WriteStatistics();
    }

    // Not after what was cut off, of which Templates can have been a part.
    private void WriteStatistics()
    {
        _statisticsAt = _time.GetTimestamp();
        if (_isCutOff)
            return;
        foreach (EncodedRecord record in _content.Statistics(in _exported))
            Add(record);
        WriteMessage();
    }

    /// <summary>Templates, and what is told of interfaces and elements, go before the first record.</summary>
    private void Announce()
    {
        if (_isAnnounced)
            return;
        _isAnnounced = true;
        foreach (EncodedRecord record in _content.Announcements)
            Add(record);
    }

    private void Add(EncodedRecord record)
    {
        if (_writer.TryAdd(record))
            return;
        WriteMessage();
        _writer.TryAdd(record);
    }

    /// <summary>Adds a Flow Record, or the two of a Biflow, to the message, if it fits.</summary>
    private bool TryAdd(ReadOnlySpan<FlowRecord> dataRecord, ReadOnlySpan<uint> byteDistribution)
    {
        ref readonly FlowRecord record = ref dataRecord[0];
        uint index = _content.InterfaceIndex(in record);
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
            ReadOnlySpan<byte> message = _writer.Complete(_time.GetUtcNow());
            _stream.WriteWhole(message);
            _exported.Messages++;
            _exported.Octets += (ulong)message.Length;
            _exported.FlowRecords += (ulong)_writer.Records;
        }
        finally
        {
            _writer.Next();
        }
    }
}
