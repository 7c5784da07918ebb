using System.Buffers.Binary;
using System.Net;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Tests.Export;

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
        Assert.Equal(records.Select(record => $"{record.Key.DestinationPort}"), Column(capture, "cflow.dstport"));
        Assert.Equal(records.Select(record => $"{record.Key.Protocol}"), Column(capture, "cflow.protocol"));
    }

    [Fact]
    public void Tshark_reads_an_ipfix_file()
    {
        FlowRecord[] records = TestRecords.Random(500, seed: 22);
        string file = Path.Combine(_directory, "flows.ipfix");
        using (IRecordOutput output = RecordOutputs.Open(file, [new("lo", 1)], 1, TimeProvider.System))
            output.Write(records);
        Assert.Equal("", OtherProgram.Run("tshark", "-r", file, "-Y", "_ws.expert || _ws.malformed"));
        Assert.Equal(records.Select(record => $"{record.Packets}"), Column(file, "cflow.packets"));
    }

    private static bool IsIPv4(FlowRecord record) => record.Key.IpVersion == 4;

    private static string[] Column(string capture, string field) =>
        OtherProgram.Run("tshark", "-r", capture, "-d", "udp.port==4739,cflow", "-T", "fields", "-e", field)
            .Split(['\n', ','], StringSplitOptions.RemoveEmptyEntries);

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
        MessageWriter writer = new(new byte[1420], 1);
        Assert.True(writer.TryAddTemplates(FlowTemplates.All));
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
