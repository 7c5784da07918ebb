namespace XdpTop.Tests.Privileged;

/// <summary>nfcapd, a collector that knows IPFIX independently of xdptop, on a port of its own, and what nfdump finds in its files.</summary>
internal sealed class Nfcapd : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-nfcapd").FullName;
    private readonly ProgramRun _run;

    public Nfcapd()
    {
        Port = FreePort.Find();
        // A buffer that holds all, however late nfcapd gets its turn; no new file meanwhile.
        _run = ProgramRun.StartOther("nfcapd", "-w", _directory, "-b", "127.0.0.1", "-p", $"{Port}", "-B", "8000000", "-t", "3600");
        _run.WaitForErrors("Startup nfcapd.");
    }

    public int Port { get; }

    public string Url => $"udp://127.0.0.1:{Port}";

    /// <summary>Ends it, and gives the flows it has received.</summary>
    public SortedDictionary<string, FlowSum> Flows()
    {
        SortedDictionary<string, FlowSum> flows = new(StringComparer.Ordinal);
        string[] lines = End();
        string[] names = lines[0].Split(',');
        foreach (string line in lines.Skip(1).TakeWhile(line => line is not ("Summary" or "No matching flows")))
        {
            string[] fields = line.Split(',');
            string Field(string name) => fields[Array.IndexOf(names, name)];
            // ICMP's type and code are written as "8.0", or "0" for both.
            int[] port = [.. Field("dp").Split('.').Select(int.Parse)];
            string key = $"{Field("sa")} {Field("sp")} {Field("da")} {(port.Length == 2 ? port[0] * 256 + port[1] : port[0])} {s_protocols[Field("pr")]}";
            FlowSum.Add(flows, key, ulong.Parse(Field("ipkt")), ulong.Parse(Field("ibyt")));
        }
        return flows;
    }

    /// <summary>Ends it, and gives these columns of what it has received, in the order of arrival.</summary>
    public List<string> Rows(params string[] columns)
    {
        string[] lines = End();
        string[] names = lines[0].Split(',');
        return
        [
            .. lines.Skip(1).TakeWhile(line => line is not ("Summary" or "No matching flows")).Select(line =>
                string.Join(' ', columns.Select(column => line.Split(',')[Array.IndexOf(names, column)]))),
        ];
    }

    private string[] End()
    {
        _run.Signal(ProgramRun.SigTerm);
        Assert.Equal(0, _run.WaitForEnd());
        // It counts no records of options, and so takes the Sequence Number after each of them for an error (RFC 7011 section 3.1).
        Assert.Contains("Bad Packets: 0", _run.Errors, StringComparison.Ordinal);
        return CaptureTools.Run("nfdump", "-R", _directory, "-o", "csv").Split('\n');
    }

    public void Dispose()
    {
        _run.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static readonly Dictionary<string, int> s_protocols = new() { ["ICMP"] = 1, ["TCP"] = 6, ["UDP"] = 17, ["ICMP6"] = 58 };
}
