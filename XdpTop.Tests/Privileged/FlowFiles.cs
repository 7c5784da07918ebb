using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>Reads what xdptop writes Flow Records into, with no code of its.</summary>
internal static class FlowFiles
{
    /// <summary>The flows in a file, by the ending of its name; IPFIX files as tshark reads them.</summary>
    public static SortedDictionary<string, FlowSum> Read(string path) => Path.GetExtension(path) switch
    {
        ".csv" => OfCsv(File.ReadAllLines(path)),
        ".ipfix" => OfIpfix(path),
        _ => OfJson(File.ReadAllText(path)),
    };

    /// <summary>The ended flows among JSON Lines.</summary>
    public static SortedDictionary<string, FlowSum> OfJson(string lines)
    {
        SortedDictionary<string, FlowSum> flows = new(StringComparer.Ordinal);
        foreach (JsonElement flow in Ended(lines))
            FlowSum.Add(flows, Key(name => Text(flow, name)), flow.GetProperty("packetDeltaCount").GetUInt64(), flow.GetProperty("octetDeltaCount").GetUInt64());
        return flows;
    }

    /// <summary>The lines of ended flows.</summary>
    public static IEnumerable<JsonElement> Ended(string lines)
    {
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("type").GetString() == "flow")
                yield return json.RootElement.Clone();
        }
    }

    private static SortedDictionary<string, FlowSum> OfCsv(string[] lines)
    {
        SortedDictionary<string, FlowSum> flows = new(StringComparer.Ordinal);
        string[] names = lines[0].Split(',');
        foreach (string line in lines[1..])
        {
            string[] fields = line.Split(',');
            Assert.Equal(names.Length, fields.Length);
            string Field(string name) => fields[Array.IndexOf(names, name)];
            FlowSum.Add(flows, Key(Field), ulong.Parse(Field("packetDeltaCount")), ulong.Parse(Field("octetDeltaCount")));
        }
        return flows;
    }

    /// <summary>Of IPv4 flows with ports.</summary>
    private static SortedDictionary<string, FlowSum> OfIpfix(string path)
    {
        string[] names = ["cflow.srcaddr", "cflow.srcport", "cflow.dstaddr", "cflow.dstport", "cflow.protocol", "cflow.packets", "cflow.octets"];
        SortedDictionary<string, FlowSum> flows = new(StringComparer.Ordinal);
        foreach (IReadOnlyDictionary<string, string> message in CaptureTools.Fields(path, names))
        {
            // A message's records stand in each field, one after the other.
            string[][] columns = [.. names.Select(name => message[name].Split(',', StringSplitOptions.RemoveEmptyEntries))];
            for (int i = 0; i < columns[0].Length; i++)
            {
                string[] record = [.. columns.Select(column => column[i])];
                FlowSum.Add(flows, string.Join(' ', record[..5]), ulong.Parse(record[5]), ulong.Parse(record[6]));
            }
        }
        return flows;
    }

    private static string Key(Func<string, string> field)
    {
        string ports = field("icmpTypeCodeIPv4") + field("icmpTypeCodeIPv6") is { Length: > 0 } type ? type : field("destinationTransportPort");
        string source = field("sourceTransportPort") is { Length: > 0 } port ? port : "0";
        return $"{field("sourceIPv4Address")}{field("sourceIPv6Address")} {source} "
            + $"{field("destinationIPv4Address")}{field("destinationIPv6Address")} {ports} {field("protocolIdentifier")}";
    }

    private static string Text(JsonElement flow, string name) => flow.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
}
