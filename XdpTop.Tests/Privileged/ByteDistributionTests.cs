using System.Buffers.Binary;
using System.Text.Json;
using XdpTop.Tests.Captures;

namespace XdpTop.Tests.Privileged;

/// <summary>The byte distributions of a capture file's flows, against the payloads that tshark finds in it.</summary>
public sealed class ByteDistributionTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-bytes").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void They_count_the_payloads_that_tshark_finds()
    {
        string file = WriteCapture();
        Dictionary<int, uint[]> expected = OfTshark(file);
        Assert.Equal(64, expected.Count);

        string lines = File.ReadAllText(RunTo(file, "flows.jsonl"));
        Assert.Equal(64, FlowFiles.Ended(lines).Count());
        foreach (JsonElement flow in FlowFiles.Ended(lines))
        {
            uint[] counts = expected[flow.GetProperty("sourceTransportPort").GetInt32()];
            Assert.Equal<uint[]>(counts, [.. flow.GetProperty("payloadByteDistribution").EnumerateArray().Select(count => count.GetUInt32())]);
            Assert.Equal(Entropy(counts), flow.GetProperty("payloadEntropy").GetDouble(), 0.0005);
        }

        string[] csv = File.ReadAllLines(RunTo(file, "flows.csv"));
        string[] names = csv[0].Split(',');
        Assert.Equal(65, csv.Length);
        foreach (string[] fields in csv[1..].Select(line => line.Split(',')))
        {
            int port = int.Parse(fields[Array.IndexOf(names, "sourceTransportPort")]);
            Assert.Equal<uint[]>(expected[port], [.. fields[Array.IndexOf(names, "payloadByteDistribution")].Split(' ').Select(uint.Parse)]);
        }
    }

    [Fact]
    public void Tshark_finds_them_in_an_ipfix_file_and_no_fault()
    {
        string file = WriteCapture();
        Dictionary<int, uint[]> expected = OfTshark(file);
        string output = RunTo(file, "flows.ipfix");
        Assert.Equal("", OtherProgram.Run("tshark", "-r", output, "-Y", "_ws.expert || _ws.malformed"));
        int records = 0;
        foreach (IReadOnlyDictionary<string, string> message in CaptureTools.Fields(output, "cflow.srcport", "cflow.enterprise_private_entry"))
        {
            if (message["cflow.srcport"] == "")
                continue;
            int[] ports = [.. message["cflow.srcport"].Split(',').Select(int.Parse)];
            // Of each record elements 1, 2, 4 and 3, one after the other.
            string[][] elements = [.. message["cflow.enterprise_private_entry"].Split(',').Chunk(4)];
            Assert.Equal(ports.Length, elements.Length);
            foreach ((int port, string[] element) in ports.Zip(elements))
            {
                byte[] counts = Convert.FromHexString(element[3]);
                Assert.Equal<uint[]>(expected[port], [.. counts.Chunk(4).Select(count => BinaryPrimitives.ReadUInt32BigEndian(count))]);
                Assert.Equal(Entropy(expected[port]), BinaryPrimitives.ReadDoubleBigEndian(Convert.FromHexString(element[2])), 1e-9);
                records++;
            }
        }
        Assert.Equal(64, records);
    }

    [Fact]
    public void Without_the_option_nothing_is_said_of_them()
    {
        string file = WriteCapture();
        foreach (string name in new[] { "flows.jsonl", "flows.csv" })
        {
            string output = Path.Combine(_directory, name);
            Assert.Equal(0, ProgramRun.Run("-r", file, "-o", output).ExitCode);
            Assert.DoesNotContain("payloadEntropy", File.ReadAllText(output), StringComparison.Ordinal);
            Assert.DoesNotContain("payloadByteDistribution", File.ReadAllText(output), StringComparison.Ordinal);
        }
    }

    private static Dictionary<int, uint[]> OfTshark(string file)
    {
        Dictionary<int, uint[]> flows = [];
        Dictionary<string, int> portsOfFragments = [];
        foreach (IReadOnlyDictionary<string, string> packet in CaptureTools.Fields(
            file, "tcp.srcport", "udp.srcport", "ip.id", "ipv6.fraghdr.ident", "tcp.payload", "udp.payload", "data.data"))
        {
            string fragments = packet["ip.id"] + packet["ipv6.fraghdr.ident"];
            string text = packet["tcp.srcport"] + packet["udp.srcport"];
            int port = text.Length > 0 ? int.Parse(text) : portsOfFragments[fragments];
            portsOfFragments[fragments] = port;
            if (!flows.TryGetValue(port, out uint[]? counts))
                flows.Add(port, counts = new uint[256]);
            // Later fragments have no transport header, and are data.
            string payload = text.Length > 0 ? packet["tcp.payload"] + packet["udp.payload"] : packet["data.data"];
            foreach (byte value in Convert.FromHexString(payload))
                counts[value]++;
        }
        return flows;
    }

    private static double Entropy(uint[] counts)
    {
        double octets = counts.Sum(count => (double)count);
        return Math.Log2(octets) - counts.Where(count => count > 0).Sum(count => count * Math.Log2(count)) / octets;
    }

    private string RunTo(string file, string name)
    {
        string output = Path.Combine(_directory, name);
        Assert.Equal(0, ProgramRun.Run("-r", file, "-o", output, "--byte-distribution").ExitCode);
        return output;
    }

    private string WriteCapture()
    {
        string file = Path.Combine(_directory, "payloads.pcap");
        File.WriteAllBytes(file, NastyCapture.ToPcap(PayloadCapture.Make(3, 1500).Select(packet => packet.Packet)));
        return file;
    }
}
