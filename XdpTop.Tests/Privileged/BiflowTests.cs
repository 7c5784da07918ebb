using System.Text.Json;
using XdpTop.Capture;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Tests.Capture;
using XdpTop.Tests.Captures;
using XdpTop.Tests.Export;
using static XdpTop.Tests.Packets.FrameBuilder;

namespace XdpTop.Tests.Privileged;

/// <summary>Biflows as other people's programs read them, and as the whole program writes them.</summary>
public sealed class BiflowTests : IDisposable
{
    // So long that time ends no flow.
    private static readonly string[] s_noTimeouts = ["--idle-timeout", "1000000", "--active-timeout", "1000000"];

    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-biflow").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Tshark_shows_the_fields_of_both_directions_and_finds_no_fault()
    {
        FlowRecord[] records = Pairs(200);
        string file = Path.Combine(_directory, "flows.ipfix");
        using (IRecordOutput output = RecordOutputs.Open(file, [new("lo", 1)], new ExportOptions { Records = RecordKind.Biflow }, TimeProvider.System))
            output.Write(records);
        Assert.Equal("", CaptureTools.Run("tshark", "-r", file, "-Y", "_ws.expert || _ws.malformed"));
        // Forward and reverse packets in turn: they are the same field to tshark, which says what is reverse beside it.
        string[] packets = CaptureTools.Run("tshark", "-r", file, "-T", "fields", "-E", "aggregator=;", "-e", "cflow.packets")
            .Split(['\n', ';'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(records.Select(record => $"{record.Packets}"), packets);
        string details = CaptureTools.Run("tshark", "-r", file, "-V");
        Assert.Contains("Type: PKTS (2) [Reverse]", details, StringComparison.Ordinal);
        Assert.Contains("Type: TCP_FLAGS (6) [Reverse]", details, StringComparison.Ordinal);
        Assert.Equal(200, details.Split("Biflow Direction: Initiator").Length - 1);
    }

    [Fact]
    public void Nfdump_has_the_packets_and_octets_of_both_directions()
    {
        FlowRecord[] records = Pairs(300);
        using Nfcapd collector = new();
        using FlowRecordQueue queue = new(records.Length);
        foreach (ref FlowRecord record in records.AsSpan())
        {
            record.HasReverse = false; // as they come from a worker
            Assert.True(queue.TryEnqueue(in record));
        }
        using (ExportingProcess process = new(
            [queue], [], [new ObservationPoint("eth7", 7)], new ExportOptions { Records = RecordKind.Biflow }, UdpTransport.ConnectAsync, TimeProvider.System))
        {
            Assert.True(process.Collectors.TrySet(collector.Url, out _));
            process.SwitchOn();
            process.Start();
            process.Stop();
            Assert.Equal((300u, 0u, 300u), (process.Status.Biflows, process.Status.Uniflows, process.Status.RecordsSent));
        }
        List<string> expected = [];
        for (int i = 0; i < records.Length; i += 2)
            expected.Add($"{records[i].Key.SourcePort} {records[i].Packets} {records[i].Octets} {records[i + 1].Packets} {records[i + 1].Octets}");
        Assert.Equal(expected, collector.Rows("sp", "ipkt", "ibyt", "opkt", "obyt"));
    }

    [Fact]
    public void A_capture_file_s_biflows_hold_what_its_flows_hold()
    {
        string capture = Path.Combine(_directory, "nasty.pcap");
        File.WriteAllBytes(capture, NastyCapture.ToPcap(NastyCapture.Make(43, 3000)));
        SortedDictionary<string, ulong> uniflows = Sums(Run(capture), out _);
        SortedDictionary<string, ulong> biflows = Sums(Run(capture, "--biflow"), out int pairs);
        Assert.Equal(uniflows, biflows);
        Assert.True(pairs > 20, $"{pairs} pairs");

        (int exitCode, string output, _) = ProgramRun.Run(["-r", capture, "-b", "--json", "--biflow", .. s_noTimeouts]);
        Assert.Equal(0, exitCode);
        using JsonDocument summary = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        ulong Count(string name) => summary.RootElement.GetProperty(name).GetUInt64();
        Assert.Equal(((ulong)pairs, Count("flows")), (Count("biflows"), Count("uniflows") + 2 * Count("biflows")));
    }

    [Theory]
    [InlineData("0", 0, 100, "bz")]
    [InlineData("1", 0, 100, "bo")]
    [InlineData("0-1", 100, 0, "bb")]
    public void Directions_that_come_on_two_queues_are_joined(string queues, int biflows, int uniflows, string suffix)
    {
        using VethPair pair = VethPair.Create(TestNetwork.Name(suffix + "r"), TestNetwork.Name(suffix + "s"), queues: 2);
        int[] cpus = [.. CpuAffinity.Allowed().Take(2)];
        using ProgramRun run = ProgramRun.Start(pair.Name, "-q", queues, "-b", "--json", "-d", "0.2", "--biflow");
        run.WaitUntilItMeters();
        for (int direction = 0; direction < 2; direction++)
        {
            // What a core sends goes by the TX queue of its own (XPS), and so comes on the RX queue of that number.
            File.WriteAllText($"/sys/class/net/{pair.Peer}/queues/tx-{direction}/xps_cpus", $"{1 << cpus[direction]:x}");
            CaptureFileBuilder capture = new CaptureFileBuilder().PcapHeader();
            for (int port = 1000; port < 1100; port++)
            {
                byte[] packet = direction == 0
                    ? IPv4(17, Udp(port, 53), "10.0.0.1", "10.0.0.2") : IPv4(17, Udp(53, port), "10.0.0.2", "10.0.0.1");
                capture.PcapRecord(0, 0, Ethernet(0x0800, packet, padTo: 60));
            }
            string file = Path.Combine(_directory, $"{direction}.pcap");
            File.WriteAllBytes(file, capture.ToArray());
            CaptureTools.Run("taskset", "-c", $"{cpus[direction]}", "tcpreplay", "-q", "-i", pair.Peer, "-p", "5000", file);
        }
        run.Signal(ProgramRun.SigInt);
        Assert.Equal(0, run.WaitForEnd());
        JsonElement[] flows = [.. FlowFiles.Ended(run.Output)];
        Assert.Equal(biflows + uniflows, flows.Length);
        Assert.Equal(biflows, flows.Count(flow => flow.TryGetProperty("biflowDirection", out _)));
        Assert.Equal((biflows, uniflows), (run.Summary().GetProperty("biflows").GetInt32(), run.Summary().GetProperty("uniflows").GetInt32()));
        if (biflows > 0)
            Assert.All(flows, flow => Assert.Equal("10.0.0.1", flow.GetProperty("sourceIPv4Address").GetString()));
    }

    [Fact]
    public void A_file_browsed_as_text_shows_conversations()
    {
        string capture = Path.Combine(_directory, "nasty.pcap");
        File.WriteAllBytes(capture, NastyCapture.ToPcap(NastyCapture.Make(44, 1000)));
        (int exitCode, string output, _) = ProgramRun.Run("-r", capture, "-b", "--biflow");
        Assert.Equal(0, exitCode);
        Assert.Contains("→bit/s  ←bit/s", output, StringComparison.Ordinal);
        Assert.Contains(" ⇄ ", output, StringComparison.Ordinal);
    }

    private static string Run(string capture, params string[] options)
    {
        (int exitCode, string output, _) = ProgramRun.Run(["-r", capture, "-o", "-", .. options, .. s_noTimeouts]);
        Assert.Equal(0, exitCode);
        return output;
    }

    /// <summary>Packets and octets of each direction, however it was written.</summary>
    private static SortedDictionary<string, ulong> Sums(string lines, out int pairs)
    {
        SortedDictionary<string, ulong> sums = new(StringComparer.Ordinal);
        pairs = 0;
        foreach (JsonElement flow in FlowFiles.Ended(lines))
        {
            string Text(string name) => flow.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
            string others = $"{Text("protocolIdentifier")} {Text("vlanId")} {Text("dot1qCustomerVlanId")}";
            string source = Text("sourceIPv4Address") + Text("sourceIPv6Address"), destination = Text("destinationIPv4Address") + Text("destinationIPv6Address");
            string sourcePort = Text("sourceTransportPort"), destinationPort = Text("destinationTransportPort");
            string type = Text("icmpTypeCodeIPv4") + Text("icmpTypeCodeIPv6");
            Add($"{source} {sourcePort} {destination} {destinationPort} {type} {others}", "packetDeltaCount", "octetDeltaCount");
            if (Text("biflowDirection") != "initiator")
                continue;
            pairs++;
            string reverseType = type switch { "2048" => "0", "0" => "2048", "32768" => "33024", "33024" => "32768", _ => type };
            Add($"{destination} {destinationPort} {source} {sourcePort} {reverseType} {others}", "reversePacketDeltaCount", "reverseOctetDeltaCount");

            void Add(string key, string packets, string octets)
            {
                sums[key + " packets"] = sums.GetValueOrDefault(key + " packets") + ulong.Parse(Text(packets));
                sums[key + " octets"] = sums.GetValueOrDefault(key + " octets") + ulong.Parse(Text(octets));
            }
        }
        return sums;
    }

    /// <summary>So many conversations, of two records each, the forward one first.</summary>
    private static FlowRecord[] Pairs(int count)
    {
        Random random = new(3);
        List<FlowRecord> records = [];
        for (int i = 0; i < count; i++)
        {
            FlowRecord record = i % 3 == 0
                ? TestRecords.Tcp("2001:db8::1", "2001:db8::2", (ushort)(1000 + i)) : TestRecords.Tcp(sourcePort: (ushort)(1000 + i));
            record.Packets = (ulong)random.Next(1, 1000);
            record.Octets = (ulong)random.Next(1, 100_000);
            record.HasReverse = true;
            FlowRecord reverse = record;
            Assert.True(Biflow.TryReverse(in record.Key, out reverse.Key));
            reverse.HasReverse = false;
            reverse.Start++;
            reverse.Packets = (ulong)random.Next(1, 1000);
            reverse.Octets = (ulong)random.Next(1, 100_000);
            records.AddRange([record, reverse]);
        }
        return [.. records];
    }
}
