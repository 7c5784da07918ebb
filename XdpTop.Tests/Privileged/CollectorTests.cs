using System.Globalization;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Tests.Export;
using XdpTop.Tests.Flows;

namespace XdpTop.Tests.Privileged;

/// <summary>Export to a collector that others wrote: nfcapd and nfdump (https://github.com/phaag/nfdump).</summary>
public sealed class CollectorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-nfcapd-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Nfcapd_receives_every_flow_with_its_packets_octets_times_and_flags()
    {
        FlowRecord[] records = Records(2000);
        Dictionary<string, string>[] rows = Collect(records);
        Assert.Equal(records.Length, rows.Length);
        // nfcapd keeps the order of arrival, which is that of export.
        for (int i = 0; i < records.Length; i++)
        {
            FlowRecord record = records[i];
            FlowKey key = record.Key;
            Dictionary<string, string> row = rows[i];
            Assert.Equal(key.Source.ToString(key.IpVersion), row["sa"]);
            Assert.Equal(key.Destination.ToString(key.IpVersion), row["da"]);
            Assert.Equal($"{key.SourcePort}", row["sp"]);
            // Of ICMP, nfdump writes type and code there, and of IGMP there is nothing.
            Assert.Equal(key is { Protocol: 2, IpVersion: 4 } ? "0" : $"{key.DestinationPort}", row["dp"]);
            Assert.Equal(NameOf(key.Protocol), row["pr"].Trim());
            Assert.Equal($"{record.Packets}", row["ipkt"]);
            Assert.Equal($"{record.Octets}", row["ibyt"]);
            Assert.Equal(Seconds(record.Start), row["ts"]);
            Assert.Equal(Seconds(record.End), row["te"]);
            Assert.Equal(
                ((record.End / 1_000_000) - (record.Start / 1_000_000)) / 1000.0,
                double.Parse(row["td"], CultureInfo.InvariantCulture), 3);
            Assert.Equal(key.Protocol == 6 ? FlagNames(record.TcpFlags) : "........", row["flg"]);
            Assert.Equal($"{record.ClassOfService}", row["stos"]);
            Assert.Equal($"{key.OuterVlan & 0xfff}", row["svln"]);
            Assert.Equal($"{key.Direction}", row["dir"]);
            Assert.Equal(key.Direction == 0 ? "7" : "0", row["in"]);
            Assert.Equal(key.Direction == 1 ? "7" : "0", row["out"]);
        }
    }

    [Fact]
    public void A_burst_of_many_records_arrives_whole()
    {
        FlowRecord[] records = Records(30_000);
        Dictionary<string, string>[] rows = Collect(records);
        Assert.Equal(records.Length, rows.Length);
    }

    /// <summary>Of all kinds, with what collectors can tell.</summary>
    internal static FlowRecord[] Records(int count)
    {
        FlowRecord[] records = TestRecords.Random(count, seed: 11);
        foreach (ref FlowRecord record in records.AsSpan())
        {
            // nfdump adds the counts up in 64 bits.
            record.Packets %= 1_000_000;
            record.Octets %= 1_000_000_000;
            record.TcpFlags &= 0xff;
            if (record.Key.Protocol is not 6)
                record.TcpFlags = 0;
            record.ObservationPoint = 0;
            // ICMP of the other IP version does not exist.
            if (record.Key.Protocol is 1 or 58)
                record.Key.Protocol = record.Key.IpVersion == 4 ? (byte)1 : (byte)58;
        }
        return records;
    }

    private Dictionary<string, string>[] Collect(FlowRecord[] records)
    {
        int port = FreePort.Find();
        // With the largest socket buffer that a program may ask for where nobody has tuned the kernel.
        using OtherProgram nfcapd = new(
            "nfcapd", "-b", "127.0.0.1", "-p", $"{port}", "-w", _directory, "-t", "3600", "-B", "212992");
        AwaitListener(nfcapd, port);
        Export(records, $"udp://127.0.0.1:{port}");
        AwaitEmptySocket(port);
        (_, string output, string errors) = nfcapd.Terminate();
        string log = output + errors;
        Assert.Contains($"Flows: {records.Length}", log, StringComparison.Ordinal);
        Assert.Contains("Bad Packets: 0", log, StringComparison.Ordinal);
        string file = Assert.Single(Directory.GetFiles(_directory, "nfcapd.*"));
        string[] lines = OtherProgram.Run("nfdump", "-r", file, "-o", "csv", "-N", "-q").Split('\n');
        string[] names = OtherProgram.Run("nfdump", "-r", file, "-o", "csv", "-N", "-c", "1").Split('\n')[0].Split(',');
        return
        [
            .. lines.Where(line => line.Contains(',')).Select(line =>
                names.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second)),
        ];
    }

    /// <summary>Sends them, as metered on an interface of the index 7.</summary>
    internal static void Export(FlowRecord[] records, string url)
    {
        using FlowRecordQueue queue = new(records.Length);
        queue.EnqueueAll(records);
        using ExportingProcess process = new(
            [queue], [], [new ObservationPoint("eth7", 7)], new ExportOptions(), UdpTransport.ConnectAsync, TimeProvider.System);
        Assert.True(process.Collectors.TrySet(url, out _));
        process.SwitchOn();
        process.Start();
        process.Stop();
        Assert.Equal((ulong)records.Length, process.Status.RecordsSent);
    }

    private static void AwaitListener(OtherProgram program, int port) =>
        Assert.True(
            SpinWait.SpinUntil(() => !program.HasExited && ReceiveQueueOf(port) is not null, TimeSpan.FromSeconds(20)),
            "nfcapd does not listen");

    private static void AwaitEmptySocket(int port) =>
        Assert.True(SpinWait.SpinUntil(() => ReceiveQueueOf(port) == 0, TimeSpan.FromSeconds(20)), "nfcapd does not read");

    /// <summary>Octets that wait in the socket bound to this port, by /proc/net/udp; null while none is bound.</summary>
    private static long? ReceiveQueueOf(int port)
    {
        foreach (string line in File.ReadLines("/proc/net/udp"))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
                return long.Parse(fields[4].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }
        return null;
    }

    private static string Seconds(long nanoseconds) =>
        DateTimeOffset.FromUnixTimeSeconds(nanoseconds / 1_000_000_000)
            .ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string FlagNames(ushort flags)
    {
        const string Names = "CEUAPRSF";
        return string.Create(8, flags, static (text, bits) =>
        {
            for (int i = 0; i < 8; i++)
                text[i] = (bits >> (7 - i) & 1) != 0 ? Names[i] : '.';
        });
    }

    private static string NameOf(byte protocol) => protocol switch
    {
        1 => "ICMP",
        2 => "IGMP",
        6 => "TCP",
        17 => "UDP",
        47 => "GRE",
        58 => "ICMP6",
        132 => "SCTP",
        _ => $"{protocol}",
    };
}
