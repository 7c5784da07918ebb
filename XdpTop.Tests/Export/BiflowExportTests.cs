using System.Text;
using System.Text.Json;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Packets;
using XdpTop.Tests.Flows;
using XdpTop.Tests.Ipfix;

namespace XdpTop.Tests.Export;

/// <summary>Biflows on their whole way, from flow caches to files and messages.</summary>
public sealed class BiflowExportTests : IDisposable
{
    private const uint ReversePen = 29305;
    private static readonly ObservationPoint[] s_observationPoints = [new("lo", 1), new("eth9", 9)];

    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-biflow-").FullName;
    private readonly FlowRecordQueue[] _queues = [new(4096), new(4096)];
    private readonly FakeTransport _transport = new();
    private readonly ManualTime _time = new();
    private volatile bool _isConnected;

    public void Dispose()
    {
        foreach (FlowRecordQueue queue in _queues)
            queue.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Directions_that_two_workers_meter_become_one_record()
    {
        string file = Path.Combine(_directory, "flows.jsonl");
        using ExportingProcess process = New(new ExportOptions { Records = RecordKind.Biflow }, file);
        process.Start();
        FlowCache[] caches = [.. _queues.Select(queue => new FlowCache(new FlowCacheOptions { Capacity = 1000 }, queue))];
        for (int i = 0; i < 500; i++)
        {
            // RSS sends one direction here and the other there, or both to one.
            ParsedPacket request = Packet(i), reply = Packet(i);
            (reply.Source, reply.Destination, reply.SourcePort, reply.DestinationPort) = (request.Destination, request.Source, request.DestinationPort, request.SourcePort);
            reply.Timestamp++;
            caches[i % 2].Meter([request, request]);
            if (i % 5 != 0)
                caches[i / 2 % 2].Meter([reply]);
        }
        foreach (FlowCache cache in caches)
            cache.EndAll(TestRecords.NewYear + 1_000_000_000);
        process.Stop();
        foreach (FlowCache cache in caches)
            cache.Dispose();

        Assert.Equal((100u, 400u), (process.Status.Uniflows, process.Status.Biflows));
        JsonElement[] lines = [.. File.ReadAllLines(file).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(500, lines.Length);
        Assert.All(lines, line =>
        {
            Assert.Equal(443, line.GetProperty("destinationTransportPort").GetInt32());
            Assert.Equal(2, line.GetProperty("packetDeltaCount").GetInt32());
        });
        JsonElement[] biflows = [.. lines.Where(line => line.TryGetProperty("biflowDirection", out _))];
        Assert.Equal(400, biflows.Length);
        Assert.All(biflows, line => Assert.Equal(1, line.GetProperty("reversePacketDeltaCount").GetInt32()));
    }

    [Fact]
    public void A_collector_gets_biflows_and_what_is_left_alone_and_sequence_numbers_count_both_as_one()
    {
        using ExportingProcess process = New(new ExportOptions { Records = RecordKind.Biflow });
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        FlowRecord[] records = [.. Conversations(1000)];
        _queues[0].EnqueueAll(records);
        _queues[1].EnqueueAll([.. records.Where((_, i) => i % 4 != 0).Select(Reverse)]);
        process.Start();
        process.Stop();
        Assert.Equal((250u, 750u, 1000u, 0u), (process.Status.Uniflows, process.Status.Biflows, process.Status.RecordsSent, process.Status.RecordsLost));
        Assert.Equal([.. KnownTemplates.Uniflows, .. KnownTemplates.Biflows], _transport.Messages.SelectMany(message => message.TemplateIds));
        DecodedRecord[] decoded = [.. _transport.Records];
        Assert.Equal(750, decoded.Count(record => record.TemplateId == 272));
        Assert.All(decoded.Where(record => record.TemplateId == 272), record =>
        {
            Assert.Equal(80u, record.Number(11)); // forward is the client's side
            Assert.Equal(record.Number(2), record.Number(2, ReversePen));
        });
        uint sequence = 0;
        foreach (DecodedMessage message in _transport.Messages)
        {
            Assert.InRange(message.Length, 17, 1420);
            Assert.Equal(sequence, message.SequenceNumber);
            sequence += message.DataRecords;
        }
    }

    [Fact]
    public void Messages_that_are_too_short_for_all_templates_have_one_each()
    {
        _transport.MaximumMessageLength = 464;
        using ExportingProcess process = New(new ExportOptions { Records = RecordKind.Biflow });
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        FlowRecord[] records = [.. Conversations(10)];
        _queues[0].EnqueueAll([.. records, .. records.Select(Reverse)]);
        process.Start();
        process.Stop();
        Assert.Equal([.. KnownTemplates.Uniflows, .. KnownTemplates.Biflows], _transport.Messages.SelectMany(message => message.TemplateIds));
        Assert.All(_transport.Messages, message => Assert.InRange(message.Length, 17, 464));
        Assert.Equal(10, _transport.Records.Count());
    }

    [Fact]
    public void Unpaired_records_go_out_when_their_time_is_over()
    {
        string file = Path.Combine(_directory, "flows.jsonl");
        using ExportingProcess process = New(new ExportOptions { Records = RecordKind.Biflow }, file);
        process.Start();
        _queues[0].EnqueueAll([.. Conversations(5)]);
        Assert.True(SpinWait.SpinUntil(() => _queues[0].Count == 0, TimeSpan.FromSeconds(20)));
        Assert.Equal(0u, process.Status.Uniflows);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return process.Status.Uniflows == 5;
            },
            TimeSpan.FromSeconds(20)));
        // They are counted before they are written.
        Assert.True(SpinWait.SpinUntil(() => File.ReadAllLines(file).Length == 5, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void However_little_room_there_is_no_record_is_lost_while_workers_wait()
    {
        using ExportingProcess process = New(new ExportOptions
        {
            Records = RecordKind.Biflow, BiflowCapacity = 1500, WaitingCapacity = 1200, MessagesPerBurst = 1, WorkersWait = true,
        });
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        process.SwitchOn();
        process.Start();
        Assert.True(SpinWait.SpinUntil(() => _isConnected, TimeSpan.FromSeconds(20)));
        FlowRecord[] records = [.. Conversations(4096)];
        _queues[0].EnqueueAll(records);
        _queues[1].EnqueueAll([.. records.Reverse().Select(Reverse)]);
        process.Stop();
        ExportStatus status = process.Status;
        Assert.Equal(8192u, status.Uniflows + 2 * status.Biflows);
        Assert.Equal((status.Uniflows + status.Biflows, 0u), (status.RecordsSent, status.RecordsLost));
        Assert.NotEqual(0u, status.Biflows);
        Assert.Equal((ulong)_transport.Records.Count(), status.RecordsSent);
    }

    [Fact]
    public void When_too_many_wait_for_a_collector_a_biflow_is_lost_whole()
    {
        using ExportingProcess process = New(new ExportOptions { Records = RecordKind.Biflow, WaitingCapacity = 101 });
        Assert.True(process.Collectors.TrySet("udp://192.0.2.1", out _));
        FlowRecord[] records = [.. Conversations(300)];
        _queues[0].EnqueueAll([.. records.SelectMany(record => (FlowRecord[])[record, Reverse(record)])]);
        process.Start();
        Assert.True(SpinWait.SpinUntil(() => process.Status.RecordsWaiting == 50, TimeSpan.FromSeconds(20)));
        process.SwitchOn();
        process.Stop();
        Assert.Equal((50u, 250u), (process.Status.RecordsSent, process.Status.RecordsLost));
        Assert.Equal(records[250..].Select(record => (ulong)record.Key.SourcePort), _transport.Records.Select(record => record.Number(7)));
    }

    [Fact]
    public void Every_kind_of_file_has_both_directions()
    {
        FlowRecord[] records = [.. TestRecords.Random(2000, seed: 6)];
        for (int i = 0; i < records.Length; i += 3)
        {
            if (i + 1 < records.Length)
                records[i].HasReverse = true;
            if (i + 1 < records.Length)
                records[i + 1].Key.IpVersion = records[i].Key.IpVersion;
        }
        foreach (string name in (string[])["flows.csv", "flows.jsonl", "flows.ipfix"])
        {
            using IRecordOutput output = RecordOutputs.Open(Path.Combine(_directory, name), s_observationPoints, new ExportOptions { Records = RecordKind.Biflow }, TimeProvider.System);
            output.Write(records);
        }
        string[] expected = [.. records
            .Select((record, i) => (Record: record, Index: i))
            .Where(r => r.Index == 0 || !records[r.Index - 1].HasReverse)
            .Select(r => $"{r.Record.Packets} {(r.Record.HasReverse ? $"{records[r.Index + 1].Packets} {records[r.Index + 1].MaximumTtl}" : " ")}")];
        Assert.Equal(expected, File.ReadAllLines(Path.Combine(_directory, "flows.jsonl")).Select(line =>
        {
            using JsonDocument json = JsonDocument.Parse(line);
            string Text(string name) => json.RootElement.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
            return $"{Text("packetDeltaCount")} {Text("reversePacketDeltaCount")} {Text("reverseMaximumTTL")}";
        }));
        string[] lines = File.ReadAllLines(Path.Combine(_directory, "flows.csv"));
        string[] header = lines[0].Split(',');
        Assert.Equal(lines.Length - 1, expected.Length);
        Assert.Equal(expected, lines[1..].Select(line =>
        {
            string[] cells = line.Split(',');
            Assert.Equal(header.Length, cells.Length);
            string Text(string name) => cells[Array.IndexOf(header, name)];
            return $"{Text("packetDeltaCount")} {Text("reversePacketDeltaCount")} {Text("reverseMaximumTTL")}";
        }));
        DecodedRecord[] decoded = [.. new IpfixDecoder().DecodeAll(File.ReadAllBytes(Path.Combine(_directory, "flows.ipfix"))).SelectMany(m => m.Records)];
        Assert.Equal(expected, decoded.Select(record =>
            $"{record.Number(2)} {(record.TemplateId >= 272 ? $"{record.Number(2, ReversePen)} {record.Number(53, ReversePen)}" : " ")}"));
    }

    [Fact]
    public void Reverse_names_are_those_of_the_forward_ones_and_say_the_same_in_JSON_and_CSV()
    {
        string[] header = Encoding.UTF8.GetString(new FlowRecordCsv([]).Header).TrimEnd('\n').Split(',');
        string[] biflow = Encoding.UTF8.GetString(new FlowRecordCsv([], RecordKind.Biflow).Header).TrimEnd('\n').Split(',');
        Assert.Equal(header, biflow[..header.Length]);
        Assert.Equal("biflowDirection", biflow[header.Length]);
        Assert.All(biflow[(header.Length + 1)..], name => Assert.Contains(char.ToLowerInvariant(name[7]) + name[8..], header));
        FlowRecordJson json = new(s_observationPoints);
        FlowRecordCsv csv = new(s_observationPoints, RecordKind.Biflow);
        FlowRecord[] records = TestRecords.Random(200, seed: 8);
        for (int i = 0; i + 1 < records.Length; i++)
        {
            System.Buffers.ArrayBufferWriter<byte> output = new();
            json.WriteEndedBiflow(output, in records[i], in records[i + 1]);
            using JsonDocument line = JsonDocument.Parse(output.WrittenMemory.ToArray());
            output.ResetWrittenCount();
            json.WriteEnded(output, in records[i + 1]);
            using JsonDocument reverse = JsonDocument.Parse(output.WrittenMemory.ToArray());
            output.ResetWrittenCount();
            csv.WriteBiflow(output, in records[i], in records[i + 1]);
            string[] cells = Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd('\n').Split(',');
            Assert.Equal(biflow.Length, cells.Length);
            for (int column = header.Length + 1; column < biflow.Length; column++)
            {
                string name = char.ToLowerInvariant(biflow[column][7]) + biflow[column][8..];
                string expected = reverse.RootElement.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
                Assert.Equal(expected, line.RootElement.TryGetProperty(biflow[column], out JsonElement found) ? found.ToString() : "");
                Assert.Equal(expected.Trim('[', ']').Replace(',', ';'), cells[column]);
            }
        }
    }

    [Fact]
    public void The_longest_line_has_room_and_a_live_one_has_the_rates_of_both_directions()
    {
        FlowRecord record = default;
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<FlowRecord>(ref record)).Fill(0xff);
        record.Key.IpVersion = 6;
        record.Key.Protocol = 6;
        record.EndReason = FlowEndReason.LackOfResources;
        record.HasReverse = true;
        System.Buffers.ArrayBufferWriter<byte> output = new();
        new FlowRecordCsv([], RecordKind.Biflow).WriteBiflow(output, in record, in record);
        output.ResetWrittenCount();
        FlowRecordJson json = new([]);
        json.WriteLiveBiflow(output, in record, double.MaxValue, double.MinValue, in record, double.MaxValue, double.MinValue);
        using (JsonDocument.Parse(output.WrittenMemory.ToArray()))
            output.ResetWrittenCount();
        json.WriteLiveBiflow(output, TestRecords.Tcp(), 1.5, 2.5, TestRecords.Tcp(), 3.5, 4.5);
        using JsonDocument line = JsonDocument.Parse(output.WrittenMemory);
        Assert.Equal("liveFlow", line.RootElement.GetProperty("type").GetString());
        Assert.Equal(
            [1.5, 2.5, 3.5, 4.5],
            new[] { "packetsPerSecond", "octetsPerSecond", "reversePacketsPerSecond", "reverseOctetsPerSecond" }
                .Select(name => line.RootElement.GetProperty(name).GetDouble()));
    }

    private static IEnumerable<FlowRecord> Conversations(int count) =>
        Enumerable.Range(0, count).Select(i => TestRecords.Tcp(sourcePort: (ushort)(1000 + i)));

    private static FlowRecord Reverse(FlowRecord record)
    {
        FlowRecord reverse = record;
        Assert.True(Biflow.TryReverse(in record.Key, out reverse.Key));
        reverse.Start++;
        return reverse;
    }

    private static ParsedPacket Packet(int conversation) => new()
    {
        IpVersion = 4, Source = IpAddress.Parse("10.0.0.1"), Destination = IpAddress.Parse("10.0.0.2"), Protocol = 17,
        SourcePort = (ushort)(1000 + conversation), DestinationPort = 443, IpOctets = 100, FrameOctets = 114, Timestamp = TestRecords.NewYear,
    };

    private ExportingProcess New(ExportOptions options, params string[] files) => new(
        _queues, files.Select(file => RecordOutputs.Open(file, s_observationPoints, options, _time)), s_observationPoints, options,
        (_, _) =>
        {
            _isConnected = true;
            return Task.FromResult<ITransport>(_transport);
        },
        _time);
}
