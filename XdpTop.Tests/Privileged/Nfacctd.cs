using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>pmacct's nfacctd, a collector that knows IPFIX independently of xdptop, on a port of its own, and what it prints as JSON.</summary>
internal sealed class Nfacctd : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-nfacctd").FullName;
    private readonly ProgramRun _run;

    /// <param name="aggregate">The fields that it prints; records that are equal in all of them are added up.</param>
    /// <param name="primitives">Fields of its user's making, by the elements' numbers, as in its aggregate_primitives.</param>
    /// <param name="settings">More lines of its configuration.</param>
    public Nfacctd(string aggregate, string primitives = "", params string[] settings)
    {
        Port = FreePort.Find();
        File.WriteAllText(PathOf("primitives"), primitives + '\n');
        File.WriteAllLines(PathOf("conf"), [
            "daemonize: false", "nfacctd_ip: 127.0.0.1", $"nfacctd_port: {Port}", "nfacctd_pipe_size: 67108864", "nfacctd_time_new: true",
            "timestamps_since_epoch: true", "plugins: print", "plugin_pipe_size: 67108864", $"aggregate_primitives: {PathOf("primitives")}",
            $"aggregate: {aggregate}", "print_cache_entries: 20011", "print_refresh_time: 1", "print_num_protos: true", "print_output: json",
            $"print_output_file: {PathOf("json")}", "print_output_file_append: true", .. settings,
        ]);
        _run = ProgramRun.StartOther("nfacctd", "-f", PathOf("conf"));
        // Its socket is there before the process that prints, which misses what comes until it goes its rounds.
        _run.WaitFor(
            () => Log.Contains("waiting for NetFlow/IPFIX data", StringComparison.Ordinal) && Log.Contains("Purging cache", StringComparison.Ordinal), "rounds");
    }

    public int Port { get; }

    public string Url => $"udp://127.0.0.1:{Port}";

    /// <summary>What it says of itself, and of messages that it does not understand.</summary>
    public string Log => _run.Output + _run.Errors;

    /// <summary>Waits until it has printed so many rows, and gives all that it has. It must have had no fault to find.</summary>
    public List<JsonElement> AwaitRows(int count)
    {
        List<JsonElement> rows = [];
        Assert.True(ProgramRun.Until(() => (rows = Rows()).Count >= count), $"{rows.Count} of {count} rows\n{Log}");
        Assert.DoesNotContain("malformed", Log, StringComparison.Ordinal);
        Assert.DoesNotContain("incomplete", Log, StringComparison.Ordinal);
        return rows;
    }

    /// <summary>Kills it: asked to end it waits for one more message.</summary>
    public void Dispose()
    {
        _run.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private List<JsonElement> Rows()
    {
        if (!File.Exists(PathOf("json")))
            return [];
        return [.. File.ReadAllText(PathOf("json")).Split('\n')[..^1].Select(Parse)]; // the last line is being written, or empty

        static JsonElement Parse(string line)
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return json.RootElement.Clone();
        }
    }

    private string PathOf(string name) => Path.Combine(_directory, name);
}
