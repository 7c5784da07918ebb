using System.Text.Json;
using XdpTop.Flows;

namespace XdpTop.Tests.Privileged;

/// <summary>Element by element: what pmacct's nfacctd reads from records of all kinds is what was put into them.</summary>
public sealed class CollectorContentTests
{
    // Its own vlan is 0 for egress, where it looks for postVlanId, and its own tcpflags for elements of two octets.
    private const string Primitives = """
        name=tcp_control_bits field_type=6   len=2 semantics=u_int
        name=igmp_type        field_type=33  len=1 semantics=u_int
        name=icmp_type_code4  field_type=32  len=2 semantics=u_int
        name=icmp_type_code6  field_type=139 len=2 semantics=u_int
        name=minimum_ttl      field_type=52  len=1 semantics=u_int
        name=maximum_ttl      field_type=53  len=1 semantics=u_int
        name=minimum_length   field_type=25  len=2 semantics=u_int
        name=maximum_length   field_type=26  len=2 semantics=u_int
        name=direction        field_type=61  len=1 semantics=u_int
        name=flow_end_reason  field_type=136 len=1 semantics=u_int
        name=outer_vlan       field_type=58  len=2 semantics=u_int
        name=customer_vlan    field_type=245 len=2 semantics=u_int
        """;

    private const string Aggregate = """
        src_host, dst_host, src_port, dst_port, proto, tos, in_iface, out_iface, timestamp_start, timestamp_end, tcp_control_bits,
        igmp_type, icmp_type_code4, icmp_type_code6, minimum_ttl, maximum_ttl, minimum_length, maximum_length, direction, flow_end_reason,
        outer_vlan, customer_vlan, export_proto_sysid
        """;

    [Fact]
    public void Nfacctd_reads_every_element_as_it_was_sent()
    {
        FlowRecord[] records = CollectorTests.Records(400);
        using Nfacctd collector = new(Aggregate.ReplaceLineEndings(" "), Primitives);
        CollectorTests.Export(records, collector.Url);
        Dictionary<string, JsonElement> rows = collector.AwaitRows(records.Length).ToDictionary(row => row.GetProperty("ip_src").GetString()!);
        Assert.Equal(records.Length, rows.Count);
        foreach (FlowRecord record in records)
        {
            JsonElement row = rows[record.Key.Source.ToString(record.Key.IpVersion)];
            Assert.All(Expected(record), field => Assert.Equal($"{field.Name} {field.Value}", $"{field.Name} {Text(row, field.Name)}"));
        }
    }

    private static IEnumerable<(string Name, string Value)> Expected(FlowRecord record)
    {
        FlowKey key = record.Key;
        bool isIcmp = key.Protocol is 1 or 58, isIgmp = key is { Protocol: 2, IpVersion: 4 };
        string Unless(bool isOther, int number) => $"{(isOther ? 0 : number)}";
        return
        [
            ("ip_dst", key.Destination.ToString(key.IpVersion)),
            ("ip_proto", $"{key.Protocol}"),
            ("port_src", Unless(isIcmp || isIgmp, key.SourcePort)),
            ("port_dst", Unless(isIcmp || isIgmp, key.DestinationPort)),
            ("icmp_type_code4", Unless(key.Protocol != 1, key.DestinationPort)),
            ("icmp_type_code6", Unless(key.Protocol != 58, key.DestinationPort)),
            ("igmp_type", Unless(!isIgmp, key.DestinationPort >> 8)),
            ("tcp_control_bits", Unless(isIcmp || isIgmp, record.TcpFlags)),
            ("tos", $"{record.ClassOfService}"),
            ("outer_vlan", $"{key.OuterVlan & 0xfff}"),
            ("customer_vlan", $"{key.InnerVlan & 0xfff}"),
            ("direction", $"{key.Direction}"),
            ("iface_in", Unless(key.Direction != 0, 7)),
            ("iface_out", Unless(key.Direction != 1, 7)),
            ("minimum_ttl", $"{record.MinimumTtl}"),
            ("maximum_ttl", $"{record.MaximumTtl}"),
            ("minimum_length", $"{record.MinimumLength}"),
            ("maximum_length", $"{record.MaximumLength}"),
            ("flow_end_reason", $"{(int)record.EndReason}"),
            ("timestamp_start", Milliseconds(record.Start)),
            ("timestamp_end", Milliseconds(record.End)),
            ("export_proto_sysid", "1"),
            ("packets", $"{record.Packets}"),
            ("bytes", $"{record.Octets}"),
        ];
    }

    /// <summary>Times to the millisecond, as they come in microseconds.</summary>
    private static string Text(JsonElement row, string name) =>
        name.StartsWith("timestamp", StringComparison.Ordinal) ? row.GetProperty(name).ToString()[..^3] : row.GetProperty(name).ToString();

    private static string Milliseconds(long nanoseconds) => $"{nanoseconds / 1_000_000_000}.{nanoseconds / 1_000_000 % 1000:000}";
}
