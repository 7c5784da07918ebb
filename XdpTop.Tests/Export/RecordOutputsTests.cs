using System.Text.Json;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Tests.Ipfix;

namespace XdpTop.Tests.Export;

public sealed class RecordOutputsTests : IDisposable
{
    private static readonly ObservationPoint[] s_observationPoints = [new("lo", 1), new("eth9", 9)];

    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-outputs-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("flows.jsonl")]
    [InlineData("flows.txt")]
    [InlineData("flows")]
    public void A_name_of_no_other_kind_gets_JSON_Lines(string name)
    {
        FlowRecord[] records = TestRecords.Random(1000, seed: 1);
        string[] lines = File.ReadAllLines(Write(name, records));
        Assert.Equal(records.Length, lines.Length);
        Assert.All(lines.Zip(records), pair =>
        {
            using JsonDocument document = JsonDocument.Parse(pair.First);
            Assert.Equal(pair.Second.Packets, document.RootElement.GetProperty("packetDeltaCount").GetUInt64());
        });
    }

    [Fact]
    public void A_csv_file_has_a_header_and_a_line_for_each_record()
    {
        Assert.Equal(1001, File.ReadAllLines(Write("flows.CSV", TestRecords.Random(1000, seed: 2))).Length);
        Assert.StartsWith("sourceIPv4Address,", File.ReadAllText(Write("none.csv", [])), StringComparison.Ordinal);
    }

    [Fact]
    public void An_ipfix_file_is_messages_back_to_back_that_a_decoder_understands()
    {
        FlowRecord[] records = TestRecords.Random(1000, seed: 3);
        List<DecodedMessage> messages = new IpfixDecoder().DecodeAll(File.ReadAllBytes(Write("flows.ipfix", records)));
        Assert.True(messages.Count > 5);
        DecodedRecord[] decoded = [.. messages.SelectMany(message => message.Records)];
        Assert.Equal(records.Length, decoded.Length);
        for (int i = 0; i < records.Length; i++)
            MessageWriterTests.AssertEqual(in records[i], records[i].ObservationPoint == 0 ? 1u : 9u, decoded[i]);
        uint sequence = 0;
        foreach (DecodedMessage message in messages)
        {
            Assert.Equal((sequence, 77u), (message.SequenceNumber, message.ObservationDomainId));
            sequence += message.DataRecords;
        }
    }

    [Fact]
    public void A_file_that_cannot_be_created_is_refused_with_one_sentence()
    {
        string path = Path.Combine(_directory, "missing", "flows.csv");
        IOException exception = Assert.Throws<IOException>(() => Open(path));
        Assert.StartsWith($"the output '{path}' cannot be created: ", exception.Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => Open(_directory));
    }

    [Fact]
    public void A_full_disk_is_an_IOException()
    {
        using GuardedOutput output = new(Open("/dev/full"));
        output.Write(TestRecords.Random(10, seed: 4));
        output.Write(TestRecords.Random(10, seed: 4));
        Assert.Equal(20u, output.NotWritten.Records);
        Assert.StartsWith("writing to '/dev/full' failed: ", output.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_that_cannot_be_ended_has_failed_with_all_records_in_it()
    {
        GuardedOutput output = new(new EndlessOutput());
        output.Write(TestRecords.Random(10, seed: 4));
        Assert.Equal("", output.Problem);
        output.Dispose();
        Assert.Equal((0u, "writing to 'flows' failed: No space left on device; all records are in it"), (output.NotWritten.Records, output.Problem));
    }

    [Theory]
    [InlineData(true, "Operation not permitted")] // EPERM, of a file that has been made immutable
    [InlineData(false, "File too large")] // EFBIG
    public void Errors_that_come_as_other_exceptions_fail_the_output_alone(bool isDenied, string cause)
    {
        Exception failure = isDenied
            ? new UnauthorizedAccessException("Access to the path is denied.", new IOException("Operation not permitted"))
            : new ArgumentOutOfRangeException("Specified file length was too large for the file system.", innerException: null);
        foreach (bool isText in (bool[])[true, false])
        {
            FailingStream stream = new(failure);
            using GuardedOutput output = new(isText
                ? RecordOutputs.OnStandardOutput(stream, s_observationPoints, FieldSelection.Default)
                : new IpfixFileOutput("'flows'", stream, new ExportOptions(), s_observationPoints, TimeProvider.System));
            output.Write(TestRecords.Random(10, seed: 5));
            Assert.EndsWith($" failed: {cause}; 10 records are not in it", output.Problem, StringComparison.Ordinal);
        }
    }

    private sealed class FailingStream(Exception failure) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw failure;
    }

    private static IRecordOutput Open(string path) => RecordOutputs.Open(path, s_observationPoints, new ExportOptions { ObservationDomainId = 77 }, TimeProvider.System);

    private string Write(string name, FlowRecord[] records)
    {
        string path = Path.Combine(_directory, name);
        using IRecordOutput output = Open(path);
        output.Write(records.AsSpan(0, records.Length / 2));
        output.Write(records.AsSpan(records.Length / 2));
        return path;
    }

    private sealed class EndlessOutput : IRecordOutput
    {
        public string Name => "'flows'";

        public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default)
        {
        }

        public void Dispose() => throw new IOException("No space left on device : 'flows'");
    }
}
