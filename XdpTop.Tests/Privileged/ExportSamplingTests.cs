using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>Collectors that others wrote learn of sampling from what xdptop sends, and multiply.</summary>
public sealed class ExportSamplingTests : IDisposable
{
    private const int Interval = 10;
    private const int Flows = 3_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-sampling").FullName;

    public ExportSamplingTests() => KnownMix.Write(PathOf("mix.pcap"), Flows);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("--sample")]
    [InlineData("--sample-random")]
    public void Nfcapd_multiplies(string option)
    {
        using Nfcapd collector = new();
        SortedDictionary<string, FlowSum> sampled = Export(collector.Url, option);
        Assert.Equal(Multiplied(sampled), collector.Flows());
    }

    [Theory]
    [InlineData("--sample", false)]
    [InlineData("--sample", true)]
    [InlineData("--sample-random", false)]
    public void Nfacctd_knows_the_rate_and_multiplies_if_it_shall(string option, bool renormalize)
    {
        string[] settings = renormalize ? ["nfacctd_renormalize: true"] : [];
        using Nfacctd collector = new("src_host, timestamp_start, sampling_rate", "", settings);
        SortedDictionary<string, FlowSum> sampled = Export(collector.Url, option);
        List<JsonElement> rows = collector.AwaitRows(sampled.Values.Sum(flow => flow.Records));
        Assert.All(rows, row => Assert.Equal(renormalize ? 1 : Interval, row.GetProperty("sampling_rate").GetInt32()));
        Assert.Equal(
            (renormalize ? Multiplied(sampled) : sampled).Select(flow => $"{flow.Key.Split(' ')[0]} {flow.Value.Packets} {flow.Value.Octets}").Order(),
            rows.Select(row => $"{row.GetProperty("ip_src")} {row.GetProperty("packets")} {row.GetProperty("bytes")}").Order());
    }

    /// <summary>Gives the flows that were metered, as they were.</summary>
    private SortedDictionary<string, FlowSum> Export(string url, string option)
    {
        using ProgramRun run = ProgramRun.Start(
            "-r", PathOf("mix.pcap"), "-b", "--json", option, $"{Interval}", "-e", url, "-o", PathOf("flows.jsonl"));
        Assert.Equal(0, run.WaitForEnd());
        SortedDictionary<string, FlowSum> flows = FlowFiles.Read(PathOf("flows.jsonl"));
        Assert.Equal(run.Summary().GetProperty("meteredPackets").GetUInt64(), KnownMix.Total(flows.Values).Packets);
        Assert.InRange(flows.Count, Flows / Interval / 2, Flows / 2);
        return flows;
    }

    private static SortedDictionary<string, FlowSum> Multiplied(SortedDictionary<string, FlowSum> flows) => new(
        flows.ToDictionary(flow => flow.Key, flow => new FlowSum(flow.Value.Records, flow.Value.Packets * Interval, flow.Value.Octets * Interval)),
        StringComparer.Ordinal);

    private string PathOf(string name) => Path.Combine(_directory, name);
}
