using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Tests.Export;
using XdpTop.Tests.Ipfix;

namespace XdpTop.Tests.Privileged;

/// <summary>IPFIX Messages and files as tshark reads them (https://www.wireshark.org).</summary>
public sealed class DissectorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-tshark-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Tshark_finds_no_fault_in_the_messages_and_the_fields_of_the_records()
    {
        FlowRecord[] records = TestRecords.Random(500, seed: 21);
        string capture = WriteCapture(records);
        Assert.Equal("", OtherProgram.Run("tshark", "-r", capture, "-d", "udp.port==4739,cflow", "-Y", "_ws.expert || _ws.malformed"));
        // As -T fields puts the values of all the records in a message in one cell, each column is put together again.
        Assert.Equal(
            records.Where(IsIPv4).Select(record => record.Key.Source.ToString(4)), Column(capture, "cflow.srcaddr"));
        Assert.Equal(
            records.Where(record => !IsIPv4(record)).Select(record => record.Key.Destination.ToString(6)),
            Column(capture, "cflow.dstaddrv6"));
        Assert.Equal(records.Select(record => $"{record.Packets}"), Column(capture, "cflow.packets"));
        Assert.Equal(records.Select(record => $"{record.Octets}"), Column(capture, "cflow.octets"));
        Assert.Equal(
            records.Where(record => (MessageWriterTests.TemplateIdOf(in record) & 6) == 0).Select(record => $"{record.Key.DestinationPort}"),
            Column(capture, "cflow.dstport"));
        Assert.Equal(
            records.Where(record => record.Key.OuterVlan != 0).Select(record => $"{record.Key.OuterVlan & 0xfff}"),
            Column(capture, "cflow.vlanid"));
        Assert.Equal(records.Select(record => $"{record.Key.Protocol}"), Column(capture, "cflow.protocol"));
        AssertTimes(records.Select(record => record.Start), Column(capture, "cflow.abstimestart"));
        AssertTimes(records.Select(record => record.End), Column(capture, "cflow.abstimeend"));
    }

    [Fact]
    public void Tshark_reads_an_ipfix_file()
    {
        FlowRecord[] records = TestRecords.Random(500, seed: 22);
        string file = Path.Combine(_directory, "flows.ipfix");
        ExportOptions options = new()
        {
            Sampling = new PacketSampling(100, IsRandom: false),
            Metering = () => new MeteringStatistics { IgnoredPackets = 11, IgnoredOctets = 12, DroppedPackets = 13, RecordsDropped = new(14, 0, 0) },
        };
        using (IRecordOutput output = RecordOutputs.Open(file, [new("lo", 1) { Description = "here" }], options, TimeProvider.System))
            output.Write(records);
        Assert.Equal("", OtherProgram.Run("tshark", "-r", file, "-Y", "_ws.expert || _ws.malformed"));
        Assert.Equal(records.Select(record => $"{record.Packets}"), Column(file, "cflow.packets"));
        Assert.Equal(["11", "12", "13", "14"], ((string[])["cflow.ignore_packets", "cflow.ignore_octets", "cflow.drop_total_packets", "cflow.notsent_flows"])
            .Select(field => Assert.Single(Column(file, field))));
        Assert.Equal(["500"], Column(file, "cflow.flowsexp"));
        Assert.Equal(["lo"], Column(file, "cflow.if_name"));
        Assert.Equal(["here"], Column(file, "cflow.if_descr"));
        Assert.Equal(["1"], Column(file, "cflow.selector_algorithm"));
        Assert.Equal(["99"], Column(file, "cflow.sampling_packet_space"));
        Assert.Equal(["payloadOctets", "packetLengthHistogram"], Column(file, "cflow.information_element_name"));
    }

    private static bool IsIPv4(FlowRecord record) => record.Key.IpVersion == 4;

    /// <summary>Each record's time in nanoseconds, where tshark is one off at times, and then in milliseconds.</summary>
    private static void AssertTimes(IEnumerable<long> expected, string[] times)
    {
        long[] nanoseconds = [.. times.Select(Nanoseconds)];
        Assert.Equal(expected.Select(time => time / 1_000_000 * 1_000_000), nanoseconds.Where((_, i) => i % 2 == 1));
        Assert.All(expected.Zip(nanoseconds.Where((_, i) => i % 2 == 0)), pair => Assert.InRange(pair.Second - pair.First, -1, 1));
    }

    /// <summary>Reads a time like "Jan  1, 2026 00:00:00.000000001 UTC".</summary>
    private static long Nanoseconds(string text)
    {
        int point = text.IndexOf('.', StringComparison.Ordinal);
        DateTime time = DateTime.Parse(
            text[..point], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        long seconds = (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
        return (seconds * 1_000_000_000) + long.Parse(text.AsSpan(point + 1, 9), CultureInfo.InvariantCulture);
    }

    private static string[] Column(string capture, string field) =>
        OtherProgram.Run("tshark", "-r", capture, "-d", "udp.port==4739,cflow", "-T", "fields", "-E", "aggregator=;", "-e", field)
            .Split(['\n', ';'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A pcap file of the messages in UDP in IPv4, with no link layer.</summary>
    private string WriteCapture(FlowRecord[] records)
    {
        string path = Path.Combine(_directory, "messages.pcap");
        using BinaryWriter file = new(File.Create(path));
        file.Write(0xa1b2c3d4u);
        file.Write((ushort)2);
        file.Write((ushort)4);
        file.Write(0L);
        file.Write(65535);
        file.Write(101); // LINKTYPE_RAW
        FlowTemplates templates = new(FieldSelection.Default, RecordKind.Plain);
        MessageWriter writer = new(new byte[1420], 1, templates);
        foreach (Template template in templates.All)
        {
            if (writer.TryAdd(template.Record))
                continue;
            WritePacket(file, writer);
            Assert.True(writer.TryAdd(template.Record));
        }
        foreach (ref readonly FlowRecord record in records.AsSpan())
        {
            if (writer.TryAddRecord(in record, 7))
                continue;
            WritePacket(file, writer);
            Assert.True(writer.TryAddRecord(in record, 7));
        }
        WritePacket(file, writer);
        return path;
    }

    private static void WritePacket(BinaryWriter file, MessageWriter writer)
    {
        ReadOnlySpan<byte> message = writer.Complete(DateTimeOffset.FromUnixTimeSeconds(TestRecords.NewYear / 1_000_000_000));
        byte[] headers = new byte[28];
        headers[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(headers.AsSpan(2), (ushort)(headers.Length + message.Length));
        headers[8] = 64;
        headers[9] = 17;
        IPAddress.Loopback.TryWriteBytes(headers.AsSpan(12), out _);
        IPAddress.Loopback.TryWriteBytes(headers.AsSpan(16), out _);
        BinaryPrimitives.WriteUInt16BigEndian(headers.AsSpan(20), 50000);
        BinaryPrimitives.WriteUInt16BigEndian(headers.AsSpan(22), 4739);
        BinaryPrimitives.WriteUInt16BigEndian(headers.AsSpan(24), (ushort)(8 + message.Length));
        file.Write((int)(TestRecords.NewYear / 1_000_000_000));
        file.Write(0);
        file.Write(headers.Length + message.Length);
        file.Write(headers.Length + message.Length);
        file.Write(headers);
        file.Write(message);
        writer.Next();
    }
}
