using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Packets;
using XdpTop.Tests.Ipfix;
using XdpTop.Tests.Snapshots;

namespace XdpTop.Tests.Export;

public sealed class FlowRecordTextTests
{
    private static readonly ObservationPoint[] s_observationPoints = [new("lo", 1), new("a\"b,c\u001b[0m", 9)];

    [Fact]
    public void An_interface_that_has_come_back_has_its_new_index()
    {
        Assert.True(XdpTop.Ipfix.FieldSelection.TryParse("ingressInterface,packetDeltaCount", byteDistribution: false, out XdpTop.Ipfix.FieldSelection? fields, out _));
        ObservationPoint point = new("eth0", 7);
        FlowRecordJson json = new([point], fields);
        FlowRecordCsv csv = new([point], fields: fields);
        point.Index = 12;
        ArrayBufferWriter<byte> output = new();
        FlowRecord record = TestRecords.Tcp();
        record.ObservationPoint = 0;
        json.WriteEnded(output, in record);
        csv.Write(output, in record);
        string text = Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.Contains("\"ingressInterface\":12", text, StringComparison.Ordinal);
        Assert.Contains("\n12,", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_of_known_records_are_as_accepted()
    {
        FlowRecord tagged = TestRecords.Tcp("2001:db8::1", "2001:db8::2");
        tagged.Key.OuterVlan = ParsedPacket.VlanPresent | 5;
        tagged.Key.InnerVlan = ParsedPacket.VlanPresent;
        tagged.IpOptions = 0x80000000;
        FlowRecord echo = TestRecords.Tcp();
        echo.Key.Protocol = 1;
        echo.Key.SourcePort = 0;
        echo.Key.DestinationPort = 0x0800;
        FlowRecord[] records = [TestRecords.Tcp(), tagged, echo];
        ArrayBufferWriter<byte> output = new();
        FlowRecordJson json = new(s_observationPoints);
        foreach (ref readonly FlowRecord record in records.AsSpan())
            json.WriteEnded(output, in record);
        records[0].EndReason = FlowEndReason.None;
        json.WriteLive(output, in records[0], 1.5, 1e6);
        FlowRecordCsv csv = new(s_observationPoints);
        output.Write(csv.Header);
        foreach (ref readonly FlowRecord record in records.AsSpan())
            csv.Write(output, in record);
        await Verifier.Verify(Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void An_interface_that_has_come_back_under_another_index_has_that_from_then_on()
    {
        ObservationPoint point = new("eth0", 1);
        FieldSelection fields = TemplateTests.Parse("sourceIPv4Address,ingressInterface");
        FlowRecordJson json = new([point], fields);
        FlowRecordCsv csv = new([point], fields: fields);
        point.Index = 4711;
        FlowRecord record = TestRecords.Tcp();
        ArrayBufferWriter<byte> output = new();
        json.WriteEnded(output, in record);
        csv.Write(output, in record);
        string[] lines = Encoding.UTF8.GetString(output.WrittenSpan).Split('\n');
        Assert.Contains("\"ingressInterface\":4711", lines[0], StringComparison.Ordinal);
        Assert.Equal("10.0.0.1,4711", lines[1]);
    }

    [Fact]
    public void A_name_that_turns_the_direction_of_text_does_so_in_no_line()
    {
        ObservationPoint[] points = [new("eth\u202e0", 1)];
        FieldSelection fields = TemplateTests.Parse("octetDeltaCount,interfaceName");
        FlowRecord record = TestRecords.Tcp();
        ArrayBufferWriter<byte> output = new();
        new FlowRecordJson(points, fields).WriteEnded(output, in record);
        new FlowRecordCsv(points, fields: fields).Write(output, in record);
        string lines = Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.DoesNotContain("\u202e", lines, StringComparison.Ordinal);
        Assert.Contains("\"eth?0\"", lines, StringComparison.Ordinal);
    }

    [Fact]
    public void JSON_says_what_the_record_says()
    {
        FlowRecordJson json = new(s_observationPoints);
        ArrayBufferWriter<byte> output = new();
        foreach (FlowRecord record in TestRecords.Random(2000, seed: 1))
        {
            output.ResetWrittenCount();
            json.WriteEnded(output, in record);
            Assert.Equal((byte)'\n', output.WrittenSpan[^1]);
            Assert.DoesNotContain((byte)'\n', output.WrittenSpan[..^1].ToArray());
            using JsonDocument document = JsonDocument.Parse(output.WrittenMemory);
            Assert.Equal("flow", document.RootElement.GetProperty("type").GetString());
            Assert.Equal(s_observationPoints[record.ObservationPoint].Name,
                document.RootElement.GetProperty("interfaceName").GetString());
            Assert.Equal(Expected(in record), Fields(document.RootElement));
        }
    }

    [Fact]
    public void A_live_flow_has_its_rates_and_no_end_reason()
    {
        FlowRecordJson json = new(s_observationPoints);
        ArrayBufferWriter<byte> output = new();
        FlowRecord record = TestRecords.Tcp();
        record.EndReason = FlowEndReason.None;
        json.WriteLive(output, in record, 1234.5678, double.PositiveInfinity);
        using JsonDocument document = JsonDocument.Parse(output.WrittenMemory);
        Assert.Equal("liveFlow", document.RootElement.GetProperty("type").GetString());
        Assert.Equal(1234.568, document.RootElement.GetProperty("packetsPerSecond").GetDouble());
        Assert.Equal(0, document.RootElement.GetProperty("octetsPerSecond").GetDouble());
        Assert.False(document.RootElement.TryGetProperty("flowEndReason", out _));
    }

    [Fact]
    public void The_longest_record_fits_its_line()
    {
        FlowRecord record = default;
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<FlowRecord>(ref record)).Fill(0xff);
        record.Key.IpVersion = 6;
        record.Key.Protocol = 6;
        record.EndReason = FlowEndReason.LackOfResources;
        record.ObservationPoint = 255;
        record.Start = long.MinValue;
        record.End = long.MaxValue;
        ArrayBufferWriter<byte> output = new();
        new FlowRecordJson([]).WriteLive(output, in record, double.MaxValue, double.MinValue);
        using JsonDocument document = JsonDocument.Parse(output.WrittenMemory);
        Assert.Equal("1677-09-21T00:12:43.145224192Z", document.RootElement.GetProperty("flowStartNanoseconds").GetString());
        Assert.Equal("2262-04-11T23:47:16.854775807Z", document.RootElement.GetProperty("flowEndNanoseconds").GetString());
        new FlowRecordCsv([]).Write(output, in record);
    }

    [Fact]
    public void CSV_has_JSONs_fields_under_the_same_names()
    {
        string[] header = Encoding.UTF8.GetString(new FlowRecordCsv([]).Header).TrimEnd('\n').Split(',');
        Assert.Equal(header.Length, header.Distinct().Count());
        FlowRecordCsv csv = new(s_observationPoints);
        ArrayBufferWriter<byte> output = new();
        foreach (FlowRecord record in TestRecords.Random(2000, seed: 2))
        {
            output.ResetWrittenCount();
            csv.Write(output, in record);
            string line = Encoding.UTF8.GetString(output.WrittenSpan);
            Assert.EndsWith("\n", line, StringComparison.Ordinal);
            string quoted = record.ObservationPoint == 0 ? "\"lo\"" : "\"a\"\"b,c?[0m\"";
            Assert.Contains(quoted, line, StringComparison.Ordinal);
            string[] cells = line.TrimEnd('\n').Replace(quoted, "", StringComparison.Ordinal).Split(',');
            Assert.Equal(header.Length, cells.Length);
            SortedDictionary<string, string> fields = [];
            for (int i = 0; i < cells.Length; i++)
            {
                if (cells[i] != "")
                    fields.Add(header[i], cells[i]);
            }
            fields["packetLengthHistogram"] = $"[{fields["packetLengthHistogram"].Replace(';', ',')}]";
            Assert.Equal(Expected(in record), fields);
        }
    }

    private static SortedDictionary<string, string> Fields(JsonElement element)
    {
        SortedDictionary<string, string> fields = [];
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Name is not ("type" or "interfaceName"))
                fields.Add(property.Name, property.Value.ToString());
        }
        return fields;
    }

    private static SortedDictionary<string, string> Expected(in FlowRecord record)
    {
        FlowKey key = record.Key;
        string family = key.IpVersion == 4 ? "IPv4" : "IPv6";
        SortedDictionary<string, string> fields = new()
        {
            [$"source{family}Address"] = new IPAddress(key.Source.Bytes(key.IpVersion)).ToString(),
            [$"destination{family}Address"] = new IPAddress(key.Destination.Bytes(key.IpVersion)).ToString(),
            ["protocolIdentifier"] = $"{key.Protocol}",
            ["packetDeltaCount"] = $"{record.Packets}",
            ["octetDeltaCount"] = $"{record.Octets}",
            ["payloadOctets"] = $"{record.PayloadOctets}",
            ["layer2OctetDeltaCount"] = $"{record.Layer2Octets}",
            ["minimumTTL"] = $"{record.MinimumTtl}",
            ["maximumTTL"] = $"{record.MaximumTtl}",
            ["flowStartNanoseconds"] = Time(record.Start),
            ["flowEndNanoseconds"] = Time(record.End),
            ["flowEndReason"] = char.ToLowerInvariant($"{record.EndReason}"[0]) + $"{record.EndReason}"[1..],
            ["minimumIpTotalLength"] = $"{record.MinimumLength}",
            ["maximumIpTotalLength"] = $"{record.MaximumLength}",
            ["ipClassOfService"] = $"{record.ClassOfService}",
            ["fragmentFlags"] = $"0x{record.FragmentFlags:x2}",
            ["flowDirection"] = key.Direction == 0 ? "ingress" : "egress",
        };
        FlowRecord copy = record;
        fields["packetLengthHistogram"] = $"[{string.Join(',', Enumerable.Range(0, 8).Select(bin => copy.LengthHistogram[bin]))}]";
        switch (key.Protocol)
        {
            case 1 or 58:
                fields[key.Protocol == 1 ? "icmpTypeCodeIPv4" : "icmpTypeCodeIPv6"] = $"{key.DestinationPort}";
                break;
            case 2:
                fields["igmpType"] = $"{key.DestinationPort / 256}";
                break;
            default:
                fields["sourceTransportPort"] = $"{key.SourcePort}";
                fields["destinationTransportPort"] = $"{key.DestinationPort}";
                break;
        }
        if (key.OuterVlan != 0)
            fields["vlanId"] = $"{key.OuterVlan & 0xfff}";
        if (key.InnerVlan != 0)
            fields["dot1qCustomerVlanId"] = $"{key.InnerVlan & 0xfff}";
        if (key.Protocol == 6)
        {
            fields["tcpControlBits"] = $"0x{record.TcpFlags:x2}";
            fields["tcpOptions"] = $"0x{record.TcpOptions:x2}";
        }
        if (record.IpOptions != 0)
            fields[key.IpVersion == 4 ? "ipv4Options" : "ipv6ExtensionHeaders"] = $"0x{record.IpOptions:x2}";
        return fields;
    }

    private static string Time(long nanoseconds)
    {
        (long seconds, long rest) = Math.DivRem(nanoseconds, 1_000_000_000);
        string time = DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return $"{time}.{rest:d9}Z";
    }
}
