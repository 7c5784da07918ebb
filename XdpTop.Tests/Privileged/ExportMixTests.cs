using System.Globalization;
using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>
/// 100,000 flows of both IP versions and of TCP, UDP and ICMP, by each transport to programs of others: what arrives there
/// and what xdptop says it did not send is what it has metered.
/// </summary>
public sealed class ExportMixTests : IDisposable
{
    private const int Flows = 100_000;

    /// <summary>
    /// Writes what it gets into FILE.0 of the first connection, FILE.1 of the second. The first one, when it has so many
    /// octets, hears no more of the network, reads what is there, and is killed: so it is known what it has read.
    /// </summary>
    private const string Sink = """
        import ctypes, os, signal, socket, struct, sys
        port, file, limit = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        listener = socket.create_server(('127.0.0.1', port))
        connection, _ = listener.accept()
        out, count = open(file, 'wb', 0), 0
        while (octets := connection.recv(8192)):
            out.write(octets)
            count += len(octets)
            if limit and count >= limit:
                drop_all = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0))
                connection.setsockopt(socket.SOL_SOCKET, 26, struct.pack('HL', 1, ctypes.addressof(drop_all)))
                connection.setblocking(False)
                try:
                    while True: out.write(connection.recv(65536))
                except BlockingIOError: pass
                os.kill(os.getpid(), signal.SIGKILL)
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-mix").FullName;
    private readonly int _port = FreePort.Find();
    private readonly SortedDictionary<string, FlowSum> _expected;

    public ExportMixTests() => _expected = KnownMix.Write(PathOf("mix.pcap"), Flows);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Nfcapd_gets_all_over_UDP()
    {
        using Nfcapd collector = new();
        JsonElement summary = Export(collector.Url);
        SortedDictionary<string, FlowSum> sums = new(StringComparer.Ordinal);
        foreach ((string flow, FlowSum sum) in collector.Flows())
            KnownMix.Add(sums, $"{KnownMix.ClassOfService(flow.Contains(':'))} {flow.Split(' ')[^1]}", sum.Records, sum.Packets, sum.Octets);
        Assert.Equal(_expected, sums);
        AssertSent(summary, KnownMix.Total(_expected.Values), new FlowSum(0, 0, 0));
    }

    [Fact]
    public void Nfacctd_gets_all_over_UDP_with_times_to_the_millisecond()
    {
        string written = PathOf("flows.jsonl");
        using Nfacctd collector = new("src_host, etype, proto, timestamp_start");
        Export(collector.Url, "-o", written);
        List<JsonElement> rows = collector.AwaitRows(Flows);
        SortedDictionary<string, FlowSum> sums = new(StringComparer.Ordinal);
        foreach (JsonElement row in rows)
            KnownMix.Add(sums, $"{KnownMix.ClassOfService(Text(row, "etype") == "86dd")} {Text(row, "ip_proto")}", 1, ulong.Parse(Text(row, "packets")), ulong.Parse(Text(row, "bytes")));
        Assert.Equal(_expected, sums);
        Dictionary<string, string> times = rows.ToDictionary(
            row => Text(row, "ip_src"), row => Text(row, "timestamp_start").Replace(".", "", StringComparison.Ordinal)[..13]);
        Assert.Equal(FlowFiles.Ended(File.ReadAllText(written)).Count(), times.Count);
        Assert.All(FlowFiles.Ended(File.ReadAllText(written)), flow =>
            Assert.Equal(Milliseconds(flow.GetProperty("flowStartNanoseconds").GetDateTimeOffset()), times[Source(flow)]));

        static string Text(JsonElement row, string name) => row.GetProperty(name).ToString();
    }

    [Fact]
    public void OpenSSL_passes_all_on_that_comes_over_TLS_and_asks_for_a_certificate()
    {
        using TestCertificates certificates = new(_directory);
        string own = certificates.Create("127.0.0.1", days: 8), probe = certificates.Create("probe.example", days: 8);
        using ProgramRun server = ProgramRun.StartOther(
            "sh", "-c", $"exec openssl s_server -quiet -accept 127.0.0.1:{_port} -cert {own} -key {own} -Verify 1 -verify_return_error -CAfile {certificates.Authority} >{PathOf("tls.ipfix")}");
        AwaitListener("/proc/net/tcp");
        JsonElement summary = Export(
            $"tls://127.0.0.1:{_port}", "--export-ca", certificates.Authority, "--export-cert", probe, "--export-key", probe);
        AssertSent(summary, KnownMix.Total(_expected.Values), new FlowSum(0, 0, 0));
        long octets = Collector(summary).GetProperty("messageOctets").GetInt64();
        Assert.True(ProgramRun.Until(() => new FileInfo(PathOf("tls.ipfix")).Length == octets), "what was sent did not arrive");
        SortedDictionary<string, FlowSum> sums = new(StringComparer.Ordinal);
        IpfixStreams.AddSums(PathOf("tls.ipfix"), sums);
        Assert.Equal(_expected, sums);
    }

    [Fact]
    public void What_arrives_at_a_collector_that_is_killed_and_started_again_and_what_is_not_sent_is_what_was_metered()
    {
        File.WriteAllText(PathOf("sink.py"), Sink);
        using ProgramRun first = StartSink("first.ipfix", limit: 5_000_000);
        using ProgramRun run = ProgramRun.Start("-r", PathOf("mix.pcap"), "-b", "--json", "--drain", "15", "-e", $"tcp://127.0.0.1:{_port}");
        first.WaitForEnd();
        using ProgramRun second = StartSink("second.ipfix", limit: 0);
        Assert.Equal(1, run.WaitForEnd()); // not all of it arrived
        Assert.Equal(0, second.WaitForEnd());

        SortedDictionary<string, FlowSum> sums = new(StringComparer.Ordinal);
        foreach (string file in (string[])["first.ipfix", "second.ipfix"])
        {
            Assert.True(IpfixStreams.KeepWholeMessages(PathOf(file)) > 0);
            IpfixStreams.AddSums(PathOf(file), sums);
        }
        FlowSum arrived = KnownMix.Total(sums.Values), all = KnownMix.Total(_expected.Values);
        FlowSum missing = new(all.Records - arrived.Records, all.Packets - arrived.Packets, all.Octets - arrived.Octets);
        Assert.True(missing.Records > 0); // what was on its way to the first
        AssertSent(run.Summary(), arrived, missing);
        Assert.Contains(
            $"xdptop: {missing.Records} flow records ({missing.Packets} packets, {missing.Octets} octets) did not reach the collector tcp://127.0.0.1:{_port}\n",
            run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_collectors_each_gets_all_also_if_the_other_is_not_there()
    {
        File.WriteAllText(PathOf("sink.py"), Sink);
        using ProgramRun sink = StartSink("all.ipfix", limit: 0);
        using ProgramRun run = ProgramRun.Start(
            "-r", PathOf("mix.pcap"), "-b", "--json", "--drain", "2", "-e", $"tcp://127.0.0.1:{_port}", "-e", $"tcp://127.0.0.1:{FreePort.Find()}");
        Assert.Equal(1, run.WaitForEnd()); // not all of it arrived everywhere
        Assert.Equal(0, sink.WaitForEnd());
        Assert.Matches("\nxdptop: the collector tcp://127.0.0.1:[0-9]+ refuses: nothing listens", run.Errors);
        SortedDictionary<string, FlowSum> sums = new(StringComparer.Ordinal);
        IpfixStreams.AddSums(PathOf("all.ipfix"), sums);
        Assert.Equal(_expected, sums);
        FlowSum all = KnownMix.Total(_expected.Values), none = new(0, 0, 0);
        AssertSent(run.Summary(), all, none);
        AssertSent(run.Summary(), none, all, collector: 1);
    }

    [Theory]
    [InlineData("127.0.0.1", 8, false, "is of no authority that is trusted here: give its authority's with --export-ca")]
    [InlineData("other.example", 8, true, "is for another name: export to the name that it is for")]
    [InlineData("127.0.0.1", -1, true, "has expired or is not valid yet: renew it there")]
    public void A_certificate_that_is_not_right_is_told_of_and_nothing_is_sent(string name, int days, bool trusted, string expected)
    {
        using TestCertificates certificates = new(_directory);
        string own = certificates.Create(name, days);
        using ProgramRun server = ProgramRun.StartOther(
            "sh", "-c", $"exec openssl s_server -quiet -accept 127.0.0.1:{_port} -cert {own} -key {own} >{PathOf("tls.ipfix")}");
        AwaitListener("/proc/net/tcp");
        string[] trust = trusted ? ["--export-ca", certificates.Authority] : [];
        (int exitCode, string output, string errors) = ProgramRun.Run(
            ["-r", PathOf("mix.pcap"), "-b", "--json", "--drain", "1", "-e", $"tls://127.0.0.1:{_port}", .. trust]);
        Assert.Equal(1, exitCode);
        Assert.Contains($"xdptop: the certificate of the collector tls://127.0.0.1:{_port} {expected} (trying again)\n", errors, StringComparison.Ordinal);
        Assert.Contains($"xdptop: {Flows} flow records (", errors, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(PathOf("tls.ipfix")).Length);
        Assert.Equal(Flows, FlowFiles.Ended(output).Count());
    }

    [Theory]
    [InlineData("ipfix")]
    [InlineData("ipfix", "--rotate", "300K")]
    [InlineData("csv")]
    [InlineData("jsonl")]
    public void What_is_in_the_files_on_a_full_disk_and_what_is_said_not_to_be_is_what_was_metered(string format, params string[] rotate)
    {
        string disk = PathOf("disk"), file = Path.Combine(disk, $"flows.{format}");
        Directory.CreateDirectory(disk);
        CaptureTools.Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk);
        try
        {
            (int exitCode, _, string errors) = ProgramRun.Run(["-r", PathOf("mix.pcap"), "-b", "-o", file, .. rotate]);
            Assert.Equal(1, exitCode);
            Assert.Contains($"; {Flows} flow records; ", errors, StringComparison.Ordinal); // metering went on
            System.Text.RegularExpressions.Match said = System.Text.RegularExpressions.Regex.Match(
                errors, $"xdptop: writing to '{file}' failed: No space left on device; ([0-9]+) records are not in it\n$");
            Assert.True(said.Success, errors);
            string[] files = Directory.GetFiles(disk);
            // Three of 300 KiB or little more, and of the fourth as many whole records as there was room for, if any.
            Assert.InRange(files.Length, rotate.Length > 0 ? 3 : 1, rotate.Length > 0 ? 4 : 1);
            Assert.Equal(Flows - int.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture), files.Sum(RecordsIn));
        }
        finally
        {
            CaptureTools.Run("umount", disk);
        }
    }

    private static int RecordsIn(string file)
    {
        if (!file.EndsWith(".ipfix", StringComparison.Ordinal))
            return File.ReadLines(file).Count() - (file.EndsWith(".csv", StringComparison.Ordinal) ? 1 : 0);
        Assert.Equal(new FileInfo(file).Length, IpfixStreams.KeepWholeMessages(file));
        SortedDictionary<string, FlowSum> sums = new(StringComparer.Ordinal);
        IpfixStreams.AddSums(file, sums);
        return KnownMix.Total(sums.Values).Records;
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private JsonElement Export(string url, params string[] more)
    {
        using ProgramRun run = ProgramRun.Start(["-r", PathOf("mix.pcap"), "-b", "--json", "--drain", "15", "-e", url, .. more]);
        Assert.Equal(0, run.WaitForEnd());
        Assert.DoesNotContain("did not reach", run.Errors, StringComparison.Ordinal);
        return run.Summary();
    }

    private ProgramRun StartSink(string file, int limit)
    {
        ProgramRun sink = ProgramRun.StartOther("/usr/bin/python3", PathOf("sink.py"), $"{_port}", PathOf(file), $"{limit}");
        AwaitListener("/proc/net/tcp");
        return sink;
    }

    /// <summary>Waits until somebody listens on the port.</summary>
    private void AwaitListener(string table) => Assert.True(
        ProgramRun.Until(() => File.ReadLines(table).Any(line =>
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, string local, _, "0A" or "07", ..]
            && local.EndsWith($":{_port:X4}", StringComparison.Ordinal))),
        "nobody listens");

    private static JsonElement Collector(JsonElement summary, int index = 0) => summary.GetProperty("collectors")[index];

    private static void AssertSent(JsonElement summary, FlowSum sent, FlowSum notSent, int collector = 0)
    {
        Assert.Equal(sent, Sum(Collector(summary, collector).GetProperty("sent")));
        Assert.Equal(notSent, Sum(Collector(summary, collector).GetProperty("notSent")));

        static FlowSum Sum(JsonElement tally) =>
            new(tally.GetProperty("flowRecords").GetInt32(), tally.GetProperty("packets").GetUInt64(), tally.GetProperty("octets").GetUInt64());
    }

    private static string Source(JsonElement flow) =>
        (flow.TryGetProperty("sourceIPv4Address", out JsonElement source) ? source : flow.GetProperty("sourceIPv6Address")).ToString();

    private static string Milliseconds(DateTimeOffset time) => $"{time.ToUnixTimeMilliseconds()}";
}
