using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Tests.Flows;
using XdpTop.Ipfix;
using XdpTop.Tests.Ipfix;

namespace XdpTop.Tests.Export;

/// <summary>Byte distributions on their way with their records, to every output.</summary>
public sealed class ByteDistributionExportTests : IDisposable
{
    private const uint Pen = 32473;
    private static readonly ObservationPoint[] s_observationPoints = [new("lo", 1), new("eth9", 9)];

    private static readonly ExportOptions s_options = new() { Records = RecordKind.WithByteDistribution, ObservationDomainId = 77 };

    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-bytes-").FullName;
    private readonly FlowRecord[] _records = TestRecords.Random(300, seed: 1);
    private readonly ByteDistribution[] _distributions = TestRecords.RandomDistributions(300, seed: 2);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void JSON_has_an_array_and_the_entropy()
    {
        string[] lines = File.ReadAllLines(Write("flows.jsonl"));
        Assert.Equal(_records.Length, lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            using JsonDocument document = JsonDocument.Parse(lines[i]);
            Assert.Equal(_records[i].Packets, document.RootElement.GetProperty("packetDeltaCount").GetUInt64());
            Assert.Equal<uint>(
                [.. document.RootElement.GetProperty("payloadByteDistribution").EnumerateArray().Select(count => count.GetUInt32())], _distributions[i]);
            Assert.Equal(Entropy(_distributions[i]), document.RootElement.GetProperty("payloadEntropy").GetDouble(), 0.0005);
        }
    }

    [Fact]
    public void CSV_has_two_columns_more()
    {
        string[] lines = File.ReadAllLines(Write("flows.csv"));
        string header = Encoding.UTF8.GetString(new FlowRecordCsv([]).Header).TrimEnd('\n');
        Assert.Equal($"{header},payloadEntropy,payloadByteDistribution", lines[0]);
        for (int i = 0; i < _records.Length; i++)
        {
            string[] fields = lines[i + 1].Split(',');
            Assert.Equal(header.Split(',').Length + 2, fields.Length);
            Assert.Equal(Entropy(_distributions[i]), double.Parse(fields[^2], CultureInfo.InvariantCulture), 0.0005);
            Assert.Equal<uint>([.. fields[^1].Split(' ').Select(uint.Parse)], _distributions[i]);
        }
    }

    [Fact]
    public void An_ipfix_file_has_two_elements_more_in_templates_of_their_own()
    {
        List<DecodedMessage> messages = new IpfixDecoder().DecodeAll(File.ReadAllBytes(Write("flows.ipfix")));
        Assert.Equal(KnownTemplates.Uniflows, messages[0].TemplateIds);
        AssertRecords([.. messages.SelectMany(message => message.Records)]);
    }

    [Fact]
    public void The_templates_are_the_others_and_two_elements()
    {
        FlowTemplates with = new(FieldSelection.Default, RecordKind.WithByteDistribution), without = new(FieldSelection.Default, RecordKind.Plain);
        foreach ((Template one, Template other) in with.All.Zip(without.All))
        {
            Assert.Equal(other.Elements, one.Elements.SkipLast(2));
            Assert.Equal(
                [(Pen, (ushort)4, "payloadEntropy", (ushort)8), (Pen, (ushort)3, "payloadByteDistribution", (ushort)1024)],
                one.Elements.TakeLast(2).Select(e => (e.EnterpriseNumber, e.Id, e.Name, e.Length)));
        }
    }

    [Fact]
    public void The_longest_record_fits_its_line()
    {
        FlowRecord record = default;
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<FlowRecord>(ref record)).Fill(0xff);
        record.Key.IpVersion = 6;
        record.EndReason = FlowEndReason.LackOfResources;
        (record.Start, record.End) = (long.MinValue, long.MaxValue);
        ByteDistribution distribution = default;
        ((Span<uint>)distribution).Fill(uint.MaxValue);
        ArrayBufferWriter<byte> output = new();
        new FlowRecordJson([]).WriteEnded(output, in record, distribution);
        using JsonDocument document = JsonDocument.Parse(output.WrittenMemory);
        Assert.Equal(8, document.RootElement.GetProperty("payloadEntropy").GetDouble());
        new FlowRecordCsv([]).Write(output, in record, distribution);
    }

    [Theory]
    [InlineData(1420)]
    [InlineData(1232)] // IPv6's least MTU
    [InlineData(65535)]
    public void A_collector_gets_every_record_with_its_distribution(int maximumMessageLength)
    {
        FakeTransport transport = new() { MaximumMessageLength = maximumMessageLength };
        using FlowRecordQueue queue = new(512, byteDistribution: true);
        using ExportingProcess process = NewProcess(queue, transport);
        for (int i = 0; i < _records.Length; i++)
            Assert.True(queue.TryEnqueue(in _records[i], in _distributions[i]));
        process.Start();
        process.Stop();
        Assert.Equal(KnownTemplates.Uniflows, transport.Messages.SelectMany(message => message.TemplateIds));
        Assert.All(transport.Messages, message => Assert.InRange(message.Length, 17, maximumMessageLength));
        AssertRecords([.. transport.Records]);
        Assert.Equal((300u, 0u), (process.Status.RecordsSent, process.Status.RecordsLost));
    }

    [Fact]
    public void Records_that_are_longer_than_the_path_allows_a_message_to_be_are_lost_and_said()
    {
        Assert.True(CollectorAddress.TryParse("collector.example", out CollectorAddress? address, out _));
        FakeTransport transport = new() { MaximumMessageLength = 1000 };
        ExportCounters counters = new();
        ManualTime time = new();
        using CollectorSession session = new(
            address, s_options, s_observationPoints,
            (_, _) => Task.FromResult<ITransport>(transport), time, counters);
        RecordBuffer records = new(1000);
        for (int i = 0; i < _records.Length; i++)
            records.Add(_records.AsSpan(i, 1), _distributions[i]);
        Assert.False(session.Pump(records, flush: true));
        Assert.Equal((0, 0u, 300u), (records.Count, counters.Sent.Records, counters.NotSent.Records));
        Assert.Equal(KnownTemplates.Uniflows, transport.Messages.SelectMany(message => message.TemplateIds));
        Assert.Equal(
            "records are longer than a message to the collector udp://collector.example:4739 may be, 1000 octets: "
                + "raise the MTU of the way there, or leave out --byte-distribution", session.Problem);

        transport.MaximumMessageLength = 1420;
        records.Add(_records.AsSpan(0, 1), _distributions[0]);
        session.Pump(records, flush: true);
        for (int i = 0; i < 2; i++)
        {
            time.Advance(TimeSpan.FromSeconds(60));
            session.Pump(records, flush: true);
        }
        Assert.Equal((1u, 300u, ""), (counters.Sent.Records, counters.NotSent.Records, session.Problem));
    }

    [Fact]
    public void A_full_buffer_loses_the_oldest_records_with_their_distributions()
    {
        RecordBuffer buffer = new(100);
        for (int i = 0; i < _records.Length; i++)
            Assert.Equal(i < 100 ? default : Tally.Of(_records.AsSpan(i - 100, 1)), buffer.Add(_records.AsSpan(i, 1), _distributions[i]));
        for (int i = 200; i < 300; i++, buffer.RemoveFirst())
        {
            Assert.Equal(_records[i].Start, buffer.First.Start);
            Assert.Equal<uint>(_distributions[i], buffer.FirstByteDistribution);
        }
        RecordBuffer without = new(2);
        without.Add(_records.AsSpan(0, 1));
        Assert.True(without.FirstByteDistribution.IsEmpty);
    }

    private static ExportingProcess NewProcess(FlowRecordQueue queue, FakeTransport transport)
    {
        ExportingProcess process = new(
            [queue], [], s_observationPoints, s_options,
            (_, _) => Task.FromResult<ITransport>(transport), TimeProvider.System);
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        return process;
    }

    private void AssertRecords(DecodedRecord[] decoded)
    {
        Assert.Equal(_records.Length, decoded.Length);
        for (int i = 0; i < decoded.Length; i++)
        {
            MessageWriterTests.AssertEqual(
                in _records[i], s_observationPoints[_records[i].ObservationPoint].Index, decoded[i]);
            byte[] counts = decoded[i].Bytes(3, Pen);
            Assert.Equal<uint>([.. Enumerable.Range(0, 256).Select(value => (uint)IpfixDecoder.Number(counts, 4 * value, 4))], _distributions[i]);
            Assert.Equal(Entropy(_distributions[i]), BitConverter.UInt64BitsToDouble(decoded[i].Number(4, Pen)), 1e-9);
        }
    }

    /// <summary>By another formula than the program's: log₂ n − Σ c·log₂ c / n.</summary>
    private static double Entropy(ByteDistribution distribution)
    {
        double octets = 0, sum = 0;
        foreach (uint count in distribution)
        {
            octets += count;
            sum += count > 0 ? count * Math.Log2(count) : 0;
        }
        return octets > 0 ? Math.Log2(octets) - sum / octets : 0;
    }

    private string Write(string name)
    {
        string path = Path.Combine(_directory, name);
        using IRecordOutput output = RecordOutputs.Open(path, s_observationPoints, s_options, TimeProvider.System);
        output.Write(_records.AsSpan(0, 100), _distributions);
        output.Write(_records.AsSpan(100), _distributions.AsSpan(100));
        return path;
    }
}
