using System.Globalization;
using System.Text.Json;
using XdpTop.Tests.Captures;

namespace XdpTop.Tests.Privileged;

/// <summary>Flow Records of capture files, against flows that are put together here from what tshark says of each packet.</summary>
public sealed class ReadAgainstTsharkTests : IDisposable
{
    // So long that time ends no flow. FIN and RST do: a flow's records are taken together.
    private static readonly string[] s_noTimeouts = ["--idle-timeout", "1000000", "--active-timeout", "1000000"];

    private static readonly IReadOnlyList<CapturedPacket> s_packets =
        [.. NastyCapture.Make(41, 2000).Where(packet => packet.Bytes.Length == packet.WireOctets)];

    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-read").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("nsecpcap", 0)]
    [InlineData("pcapng", 0)]
    [InlineData("nsecpcap", 200)] // whole headers, payload cut off
    public void Every_flow_of_a_nasty_capture_is_as_tshark_has_it(string format, int cutAt)
    {
        string file = Path.Combine(_directory, "converted");
        CaptureTools.Run("editcap", ["-F", format, .. cutAt > 0 ? new[] { "-s", $"{cutAt}" } : [], WriteNasty(), file]);
        (int exitCode, string output, string errors) = ProgramRun.Run(["-r", file, "-o", "-", .. s_noTimeouts]);
        Assert.Equal(0, exitCode);
        IReadOnlyList<TsharkPacket> packets = TsharkPacket.Read(file);
        SortedDictionary<string, Flow> expected = FlowsOf(packets);
        Assert.True(expected.Count > 100);
        Assert.Equal(expected, FlowsOf(output));
        int malformed = s_packets.Count(packet => packet.Malformed);
        int notIp = packets.Zip(s_packets).Count(both => both.First.Source == "" && !both.Second.Malformed);
        Assert.Contains($"{packets.Count} packets received (", errors, StringComparison.Ordinal);
        Assert.Contains($", {packets.Count - malformed - notIp} metered; ignored: {notIp} not IP, {malformed} malformed, 0 truncated;", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_cut_off_are_counted_and_never_lost()
    {
        string file = Path.Combine(_directory, "cut");
        CaptureTools.Run("editcap", "-F", "pcap", "-s", "50", WriteNasty(), file);
        using ProgramRun run = ProgramRun.Start(["-r", file, "-b", "--json", .. s_noTimeouts]);
        Assert.Equal(0, run.WaitForEnd());
        JsonElement summary = run.Summary();
        ulong[] ignored = [.. summary.GetProperty("ignored").EnumerateObject().Select(reason => reason.Value.GetUInt64())];
        ulong metered = summary.GetProperty("meteredPackets").GetUInt64();
        Assert.Equal((ulong)s_packets.Count, metered + ignored.Aggregate((a, b) => a + b));
        Assert.True(summary.GetProperty("ignored").GetProperty("truncated").GetUInt64() > 100);
        Assert.Equal(metered, FlowsOf(run.Output).Values.Aggregate(0UL, (sum, flow) => sum + flow.Packets));
    }

    [Fact]
    public void A_pipe_gives_the_same_records_as_the_file()
    {
        string file = WriteNasty();
        (_, string expected, _) = ProgramRun.Run(["-r", file, "-o", "-", .. s_noTimeouts]);
        using ProgramRun run = ProgramRun.Start(["-r", "-", "-o", "-", .. s_noTimeouts]);
        byte[] bytes = File.ReadAllBytes(file);
        foreach (byte[] part in bytes.Chunk(10_007)) // packets in two parts
        {
            run.Input.Write(part);
            run.Input.Flush();
        }
        run.Input.Close();
        Assert.Equal(0, run.WaitForEnd());
        Assert.Equal(FlowsOf(expected), FlowsOf(run.Output));
    }

    [Fact]
    public void A_file_that_breaks_off_gives_the_records_of_what_is_there()
    {
        byte[] whole = File.ReadAllBytes(WriteNasty());
        int packets = s_packets.Count / 2;
        int prefix = 24 + s_packets.Take(packets).Sum(packet => 16 + packet.Bytes.Length);
        string cutOff = Path.Combine(_directory, "cut-off"), shorter = Path.Combine(_directory, "shorter");
        File.WriteAllBytes(shorter, whole[..prefix]);
        File.WriteAllBytes(cutOff, whole[..(prefix + 30)]); // a header, and 14 octets of a packet
        (int exitCode, string expected, _) = ProgramRun.Run(["-r", shorter, "-o", "-", .. s_noTimeouts]);
        Assert.Equal(0, exitCode);
        (exitCode, string output, string errors) = ProgramRun.Run(["-r", cutOff, "-o", "-", .. s_noTimeouts]);
        Assert.Equal(1, exitCode);
        Assert.Equal(FlowsOf(expected), FlowsOf(output));
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"xdptop: the capture file '{cutOff}' is cut off at byte {prefix + 30:N0}, in the middle of a"),
            errors, StringComparison.Ordinal);
    }

    private string WriteNasty()
    {
        string file = Path.Combine(_directory, "nasty.pcap");
        File.WriteAllBytes(file, NastyCapture.ToPcap(s_packets));
        return file;
    }

    private static SortedDictionary<string, Flow> FlowsOf(IReadOnlyList<TsharkPacket> packets)
    {
        SortedDictionary<string, Flow> flows = new(StringComparer.Ordinal);
        Dictionary<(string, string, uint, string, uint), TsharkPacket> firstFragments = [];
        foreach ((TsharkPacket read, CapturedPacket made) in packets.Zip(s_packets))
        {
            if (read.Source == "" || made.Malformed)
                continue;
            TsharkPacket packet = read;
            var fragmented = (packet.Source, packet.Destination, packet.Protocol, packet.Vlans, packet.FragmentId);
            if (packet.IsFirstFragment)
                firstFragments[fragmented] = packet;
            else if (packet.IsLaterFragment && firstFragments.TryGetValue(fragmented, out TsharkPacket? first))
                packet = packet with { SourcePort = first.SourcePort, DestinationPort = first.DestinationPort };
            Flow.Add(
                flows, $"{packet.Source} {packet.SourcePort} {packet.Destination} {packet.DestinationPort} {packet.Protocol} vlan {packet.Vlans}",
                new Flow(1, packet.IpOctets, packet.FrameOctets, packet.Time, packet.Time, packet.Ttl, packet.Ttl, packet.TcpFlags, packet.TcpOptions));
        }
        return flows;
    }

    private static SortedDictionary<string, Flow> FlowsOf(string jsonLines)
    {
        SortedDictionary<string, Flow> flows = new(StringComparer.Ordinal);
        foreach (JsonElement flow in FlowFiles.Ended(jsonLines))
        {
            string Text(string name) => flow.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
            ulong Number(string name) => Text(name) is { Length: > 0 } text
                ? text.StartsWith("0x", StringComparison.Ordinal) ? Convert.ToUInt64(text, 16) : ulong.Parse(text) : 0;
            // A port, the type and code of ICMP, or IGMP's type.
            ulong destinationPort = Number("destinationTransportPort") + Number("icmpTypeCodeIPv4") + Number("icmpTypeCodeIPv6") + Number("igmpType") * 256;
            Flow.Add(
                flows,
                $"{Text("sourceIPv4Address")}{Text("sourceIPv6Address")} {Number("sourceTransportPort")} "
                    + $"{Text("destinationIPv4Address")}{Text("destinationIPv6Address")} {destinationPort} {Number("protocolIdentifier")} "
                    + $"vlan {$"{Text("vlanId")},{Text("dot1qCustomerVlanId")}".Trim(',')}",
                new Flow(
                    Number("packetDeltaCount"), Number("octetDeltaCount"), Number("layer2OctetDeltaCount"), Time(Text("flowStartNanoseconds")),
                    Time(Text("flowEndNanoseconds")), Number("minimumTTL"), Number("maximumTTL"), Number("tcpControlBits"), Number("tcpOptions")));
        }
        return flows;
    }

    /// <summary>"2026-01-01T00:00:00.123456789Z" as nanoseconds since 1970.</summary>
    private static long Time(string text)
    {
        string[] parts = text.TrimEnd('Z').Split('.');
        long seconds = new DateTimeOffset(DateTime.Parse(parts[0], CultureInfo.InvariantCulture), TimeSpan.Zero).ToUnixTimeSeconds();
        return seconds * 1_000_000_000 + long.Parse(parts[1].PadRight(9, '0'));
    }

    private sealed record Flow(
        ulong Packets, ulong Octets, ulong Layer2Octets, long Start, long End, ulong MinimumTtl, ulong MaximumTtl, ulong TcpFlags, ulong TcpOptions)
    {
        public static void Add(SortedDictionary<string, Flow> flows, string key, Flow more) =>
            flows[key] = !flows.TryGetValue(key, out Flow? flow) ? more : new Flow(
                flow.Packets + more.Packets, flow.Octets + more.Octets, flow.Layer2Octets + more.Layer2Octets, Math.Min(flow.Start, more.Start),
                Math.Max(flow.End, more.End), Math.Min(flow.MinimumTtl, more.MinimumTtl), Math.Max(flow.MaximumTtl, more.MaximumTtl),
                flow.TcpFlags | more.TcpFlags, flow.TcpOptions | more.TcpOptions);
    }
}
