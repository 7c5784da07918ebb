using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Tests.Ipfix;

namespace XdpTop.Tests.Export;

public sealed class RotationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-rotation-").FullName;
    private readonly ManualTime _time = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("300", 300, 0)]
    [InlineData("64k", 0, 65536)]
    [InlineData("100M", 0, 100L << 20)]
    [InlineData("2G", 0, 2L << 30)]
    public void It_is_by_seconds_or_size(string text, int seconds, long length)
    {
        Rotation? rotation = Rotation.Parse(text);
        Assert.Equal((TimeSpan.FromSeconds(seconds), length), (rotation?.Interval, rotation?.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("M")]
    [InlineData("0M")]
    [InlineData("5T")]
    [InlineData("99999999999")]
    public void Anything_else_is_none(string text) => Assert.Null(Rotation.Parse(text));

    [Theory]
    [InlineData("flows.ipfix")]
    [InlineData("flows.csv")]
    [InlineData("flows.jsonl")]
    public void Files_have_the_time_of_their_beginning_in_their_names_and_are_whole(string name)
    {
        _time.Advance(TimeSpan.FromSeconds(42.125));
        using (IRecordOutput output = Open(name, "60"))
        {
            output.Write(TestRecords.Random(10, seed: 1));
            _time.Advance(TimeSpan.FromSeconds(17));
            output.Tend();
            Assert.EndsWith(".part", Assert.Single(Directory.GetFiles(_directory)), StringComparison.Ordinal);
            _time.Advance(TimeSpan.FromSeconds(1)); // 00:01:00.125
            output.Tend();
            Assert.DoesNotContain(".part", Assert.Single(Directory.GetFiles(_directory)), StringComparison.Ordinal);
            _time.Advance(TimeSpan.FromSeconds(300)); // nothing ends: no file
            output.Tend();
            output.Write(TestRecords.Random(20, seed: 2));
        }
        string[] files = [.. Directory.GetFiles(_directory).Order(StringComparer.Ordinal)];
        string ending = Path.GetExtension(name);
        Assert.Equal([$"flows-20260101T000042.125Z{ending}", $"flows-20260101T000600.125Z{ending}"], files.Select(Path.GetFileName));
        Assert.Equal([10, 20], files.Select(RecordsIn));
    }

    [Fact]
    public void A_file_that_is_long_enough_is_followed_by_another_though_it_be_the_same_moment()
    {
        using (GuardedOutput output = new(Open("flows.ipfix", "64K")))
        {
            for (int i = 0; i < 10; i++)
                output.Write(TestRecords.Random(500, seed: i));
        }
        string[] files = [.. Directory.GetFiles(_directory).Order(StringComparer.Ordinal)];
        Assert.True(files.Length > 3);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, 64 * 1024 + 32 * 300)); // 32 records, and statistics
        Assert.All(files[..^1], file => Assert.InRange(new FileInfo(file).Length, 65536, 65536 + 500 * 250));
        Assert.Equal(5000, files.Sum(RecordsIn));
    }

    [Fact]
    public void A_file_that_cannot_be_begun_is_one_sentence()
    {
        string missing = Path.Combine(_directory, "missing");
        IOException exception = Assert.Throws<IOException>(() => Open("missing/flows.csv", "60"));
        Assert.StartsWith($"the output '{missing}/flows-20260101T000000.000Z.csv.part' cannot be created: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_written_ends_and_the_next_one_is_tried()
    {
        bool isFull = false;
        using (GuardedOutput output = new(new RotatingOutput(
            Path.Combine(_directory, "flows.csv"), Rotation.Parse("60")!, _time, path => new FileStream(path, FileMode.CreateNew), stream => new Disk(stream, () => isFull))))
        {
            output.Write(TestRecords.Random(5, seed: 1));
            isFull = true;
            output.Write(TestRecords.Random(10, seed: 1));
            isFull = false; // but that file has ended
            output.Write(TestRecords.Random(20, seed: 1));
            Assert.Equal(30u, output.NotWritten.Records);
            _time.Advance(TimeSpan.FromSeconds(60));
            output.Tend();
            output.Write(TestRecords.Random(40, seed: 1));
            Assert.EndsWith("is full; 30 records are not in it", output.Problem, StringComparison.Ordinal);
        }
        Assert.Equal([5, 40], Directory.GetFiles(_directory, "*.csv").Order(StringComparer.Ordinal).Select(file => (int)new FileInfo(file).Length));
    }

    /// <summary>A byte for each record.</summary>
    private sealed class Disk(Stream stream, Func<bool> isFull) : IRecordOutput
    {
        public string Name => "a disk";

        public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default)
        {
            if (isFull())
                throw new IOException("is full");
            stream.Write(new byte[records.Length]);
        }

        public void Dispose() => stream.Dispose();
    }

    private IRecordOutput Open(string name, string rotation) =>
        RecordOutputs.Open(Path.Combine(_directory, name), [new("lo", 1), new("eth9", 9)], new ExportOptions { ObservationDomainId = 77 }, _time, rotation: Rotation.Parse(rotation));

    private static int RecordsIn(string file) => Path.GetExtension(file) switch
    {
        ".ipfix" => new IpfixDecoder().DecodeAll(File.ReadAllBytes(file)).Sum(message => message.Records.Count),
        ".csv" => File.ReadAllLines(file).Length - 1,
        _ => File.ReadAllLines(file).Length,
    };
}
