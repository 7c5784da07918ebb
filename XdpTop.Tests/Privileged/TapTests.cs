using System.Text.Json;

namespace XdpTop.Tests.Privileged;

/// <summary>Tap mode between two hosts: what it sees, and that the hosts do not notice.</summary>
public sealed class TapTests
{
    /// <summary>An echo server on TCP, which ends with its one connection.</summary>
    private const string EchoServer = """
        import socket
        s = socket.create_server(("", 7000)); c, _ = s.accept()
        while (d := c.recv(65536)): c.sendall(d)
        """;

    [Fact]
    public void Both_directions_are_counted_as_the_interface_counts_them()
    {
        using TapNetwork network = new("tb");
        using ProgramRun run = network.Start();
        string[] counters = ["rx_packets", "tx_packets", "rx_bytes", "tx_bytes"];
        ulong[] before = [.. counters.Select(network.Statistic)];
        TapNetwork.Python(network.Near, """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 5000))
            for n in range(500):
                try: s.sendto(bytes(n), ("10.9.0.2", 6000 + n % 3))
                except ConnectionRefusedError: pass
            """);
        TapNetwork.Python(network.Far, """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 5001))
            for n in range(300): s.sendto(b"hello!", ("10.9.0.1", 53))
            """);
        Thread.Sleep(300); // until the last answers are through
        ulong[] after = [.. counters.Select(network.Statistic)];
        JsonElement[] flows = TapNetwork.End(run);

        JsonElement summary = run.Summary();
        ulong[] grown = [.. before.Zip(after, (b, a) => a - b)];
        Assert.Equal(grown[0] + grown[1], summary.GetProperty("receivedPackets").GetUInt64());
        Assert.Equal(grown[2] + grown[3], summary.GetProperty("receivedOctets").GetUInt64());
        Assert.Equal(0UL, summary.GetProperty("kernelDrops").GetUInt64());
        Assert.StartsWith("""{"name":"port0","mode":"tap","attach":"tcx",""", summary.GetProperty("interfaces")[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(grown[0], Sum(flows, "ingress", "packetDeltaCount"));
        Assert.Equal(grown[1], Sum(flows, "egress", "packetDeltaCount"));
        Assert.Equal(500UL, Sum(flows.Where(IsUdp(5000)), "egress", "packetDeltaCount"));
        Assert.Equal(500UL * 28 + 499 * 500 / 2, Sum(flows.Where(IsUdp(5000)), "egress", "octetDeltaCount"));
        Assert.Equal((300UL, 1800UL), (Sum(flows.Where(IsUdp(5001)), "ingress", "packetDeltaCount"), Sum(flows.Where(IsUdp(5001)), "ingress", "payloadOctets")));
    }

    [Theory]
    [InlineData("on", "on", "ga")] // one skb from socket to socket
    [InlineData("off", "on", "gb")] // put together on the way in, from packets that came singly
    [InlineData("off", "off", "gc")]
    public void Bulk_data_is_counted_by_the_packets_on_the_wire(string segmentation, string gro, string suffix)
    {
        using TapNetwork network = new(suffix);
        foreach (TestNamespace host in (TestNamespace[])[network.Near, network.Far])
            TapNetwork.Offloads(host, "tso", segmentation, "gso", segmentation, "gro", gro);
        using ProgramRun sender = network.Start();
        using ProgramRun receiver = TapNetwork.StartOn(network.Far, TapNetwork.Link);
        const ulong Octets = 40_000_000;
        Iperf(network, "-n", $"{Octets}");
        Thread.Sleep(300);
        (ulong nearOut, ulong nearAgain) = TapNetwork.TcpSegments(network.Near);
        (ulong farOut, ulong farAgain) = TapNetwork.TcpSegments(network.Far);
        JsonElement[] sent = TapNetwork.End(sender), received = TapNetwork.End(receiver);
        Assert.Equal(nearOut, Sum(sent, "egress", "packetDeltaCount"));
        Assert.Equal(farOut, Sum(received, "egress", "packetDeltaCount"));
        // What was lost on the way has been sent again. (The hosts' own count of received segments is one of skbs.)
        Assert.InRange(Sum(received, "ingress", "packetDeltaCount"), nearOut - nearAgain, nearOut);
        Assert.InRange(Sum(sent, "ingress", "packetDeltaCount"), farOut - farAgain, farOut);

        foreach (JsonElement bulk in (JsonElement[])[Largest(sent, "egress"), Largest(received, "ingress")])
        {
            ulong packets = bulk.GetProperty("packetDeltaCount").GetUInt64(), payload = bulk.GetProperty("payloadOctets").GetUInt64();
            Assert.InRange(payload, Octets / 2, Octets * 2); // what iperf3 ends over, and what was sent again
            // Each packet has headers of 14 + 20 + 32 octets (TCP's time stamps), the SYN 8 more.
            Assert.Equal(payload + 66 * packets + 8, bulk.GetProperty("layer2OctetDeltaCount").GetUInt64());
            Assert.Equal(payload + 52 * packets + 8, bulk.GetProperty("octetDeltaCount").GetUInt64());
            Assert.Equal(1500, bulk.GetProperty("maximumIpTotalLength").GetInt32());
            uint[] histogram = [.. bulk.GetProperty("packetLengthHistogram").EnumerateArray().Select(bin => bin.GetUInt32())];
            Assert.Equal(packets, (ulong)histogram.Sum(bin => bin));
            Assert.True(histogram[5] > packets * 9 / 10, string.Join(' ', histogram));
        }
        Assert.Equal(0UL, sender.Summary().GetProperty("kernelDrops").GetUInt64());
    }

    [Fact]
    public void Datagrams_that_are_cut_up_later_are_counted_as_they_will_be()
    {
        using TapNetwork network = new("tu");
        using ProgramRun run = network.Start();
        TapNetwork.Python(network.Near, """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 5000))
            s.setsockopt(socket.IPPROTO_UDP, 103, 1000) # UDP_SEGMENT
            s.sendto(bytes(4500), ("10.9.0.2", 9))
            """);
        Thread.Sleep(300);
        JsonElement flow = Assert.Single(TapNetwork.End(run), flow => IsUdp(5000)(flow));
        Assert.Equal((5, 4500, 4500 + 5 * 28, 4500 + 5 * 42), (
            flow.GetProperty("packetDeltaCount").GetInt32(), flow.GetProperty("payloadOctets").GetInt32(),
            flow.GetProperty("octetDeltaCount").GetInt32(), flow.GetProperty("layer2OctetDeltaCount").GetInt32()));
        Assert.Equal((528, 1028), (flow.GetProperty("minimumIpTotalLength").GetInt32(), flow.GetProperty("maximumIpTotalLength").GetInt32()));
    }

    [Fact]
    public void Tags_that_the_kernel_keeps_beside_the_frame_are_the_flow_s()
    {
        using TapNetwork network = new("tv");
        using ProgramRun run = network.Start();
        // On the way in the kernel takes the outer tag out of the frame before the hook, on the way out these stay in.
        const string Sender = """
            import socket, struct
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(("port0", 0))
            def udp(port, size): return struct.pack("!BBHHHBBH4s4sHHHH", 0x45, 0, 28 + size, 0, 0, 64, 17, 0, b"\x0a\1\0\1", b"\x0a\1\0\2", port, 9, 8 + size, 0) + bytes(size)
            for n in range(20):
                s.send(bytes(12) + b"\x81\0\x20\x0a\x08\0" + udp(1000, 400))
                s.send(bytes(12) + b"\x88\xa8\x20\x0b\x81\0\x40\x0c\x08\0" + udp(2000, 20))
                s.send(bytes(12) + b"\x08\0" + udp(3000, 90))
            """;
        TapNetwork.Python(network.Far, Sender);
        TapNetwork.Python(network.Near, Sender);
        Thread.Sleep(300);
        JsonElement[] flows = TapNetwork.End(run);
        foreach (string direction in (string[])["ingress", "egress"])
        {
            string[] seen = [.. flows.Where(flow => flow.GetProperty("flowDirection").GetString() == direction).Select(Describe).Order(StringComparer.Ordinal)];
            Assert.Equal(["1000: 10., 20 of 446", "2000: 11.12, 20 of 70", "3000: ., 20 of 132"], seen);
        }

        static string Describe(JsonElement flow)
        {
            string Text(string name) => flow.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
            ulong packets = flow.GetProperty("packetDeltaCount").GetUInt64();
            return $"{Text("sourceTransportPort")}: {Text("vlanId")}.{Text("dot1qCustomerVlanId")}, {packets} of {flow.GetProperty("layer2OctetDeltaCount").GetUInt64() / packets}";
        }
    }

    [Fact]
    public void An_interface_without_Ethernet_header_is_seen_both_ways()
    {
        using TestNamespace host = new("tt");
        using ProgramRun device = ProgramRun.StartOther("ip", "netns", "exec", host.Name, "/usr/bin/python3", "-c", """
            import fcntl, os, socket, struct, subprocess, sys
            f = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(f, 0x400454ca, struct.pack("16sH22x", b"tun7", 0x1001))
            open("/proc/sys/net/ipv6/conf/tun7/disable_ipv6", "w").write("1")
            subprocess.run(["ip", "address", "add", "10.8.0.1/24", "dev", "tun7"])
            subprocess.run(["ip", "link", "set", "tun7", "up"])
            print("ready", flush=True); sys.stdin.readline()
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("10.8.0.1", 4000))
            for n in range(50):
                s.sendto(bytes(300), ("10.8.0.9", 4001))
                os.write(f, struct.pack("!BBHHHBBH4s4sHHHH", 0x45, 0, 38, n, 0, 9, 17, 0, b"\x0a\x08\0\x09", b"\x0a\x08\0\1", 4001, 4002, 18, 0) + bytes(10))
            print("done", flush=True); sys.stdin.readline()
            """);
        device.WaitForOutput("ready");
        using ProgramRun run = TapNetwork.StartOn(host, "tun7");
        device.Input.Write("\n"u8);
        device.Input.Flush();
        device.WaitForOutput("done");
        Thread.Sleep(300);
        JsonElement[] flows = TapNetwork.End(run);
        JsonElement egress = Assert.Single(flows, flow => IsUdp(4000)(flow)), ingress = Assert.Single(flows, flow => IsUdp(4001)(flow));
        Assert.Equal(("egress", 50UL, 50UL * 328, 50UL * 328), Numbers(egress));
        Assert.Equal(("ingress", 50UL, 50UL * 38, 50UL * 38), Numbers(ingress));
        Assert.Equal(0UL, run.Summary().GetProperty("ignored").GetProperty("notIp").GetUInt64());

        static (string?, ulong, ulong, ulong) Numbers(JsonElement flow) => (
            flow.GetProperty("flowDirection").GetString(), flow.GetProperty("packetDeltaCount").GetUInt64(),
            flow.GetProperty("octetDeltaCount").GetUInt64(), flow.GetProperty("layer2OctetDeltaCount").GetUInt64());
    }

    [Fact]
    public void On_the_loopback_interface_each_packet_goes_out_and_comes_in()
    {
        using TestNamespace host = new("tl");
        using ProgramRun run = TapNetwork.StartOn(host, "lo");
        TapNetwork.Python(host, """
            import socket
            r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); r.bind(("127.0.0.1", 0))
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 4000))
            for n in range(100):
                s.sendto(b"hello!", r.getsockname())
                assert r.recv(9) == b"hello!"
            """);
        JsonElement[] flows = TapNetwork.End(run);
        Assert.Equal((100UL, 100UL), (Sum(flows, "ingress", "packetDeltaCount"), Sum(flows, "egress", "packetDeltaCount")));
        Assert.Equal(2, flows.Length);
    }

    [Fact]
    public void A_connection_lives_through_starts_and_ends_and_two_at_once_both_see_all()
    {
        using TapNetwork network = new("tc");
        using ProgramRun server = ProgramRun.StartOther("ip", "netns", "exec", network.Far.Name, "/usr/bin/python3", "-c", EchoServer);
        using ProgramRun client = ProgramRun.StartOther("ip", "netns", "exec", network.Near.Name, "/usr/bin/python3", "-c", """
            import socket, sys, time
            for n in range(100):
                try: c = socket.create_connection(("10.9.0.2", 7000), 5); break
                except ConnectionRefusedError: time.sleep(0.1)
            for line in sys.stdin:
                c.sendall(line.encode()); assert c.recv(100) == line.encode()
                print("echo " + line, end="", flush=True)
            """);
        Echo("before");
        using (ProgramRun first = network.Start())
        using (ProgramRun second = network.Start("--attach", "tcx", "-t", "2"))
        {
            Echo("both");
            Thread.Sleep(300); // the acknowledgement of the echo may be late
            Assert.Equal(Echoed(TapNetwork.End(first)), Echoed(TapNetwork.End(second)));
        }
        Echo("after");

        void Echo(string word)
        {
            client.Input.Write(System.Text.Encoding.ASCII.GetBytes(word + "\n"));
            client.Input.Flush();
            client.WaitForOutput($"echo {word}\n");
        }

        static (ulong, ulong) Echoed(JsonElement[] flows)
        {
            ulong octets = Sum(flows, "egress", "payloadOctets");
            Assert.Equal((5UL, 5UL), (octets, Sum(flows, "ingress", "payloadOctets")));
            return (Sum(flows, "ingress", "packetDeltaCount"), Sum(flows, "egress", "packetDeltaCount"));
        }
    }

    [Fact]
    public void With_several_workers_all_packets_of_a_flow_come_to_one()
    {
        using TapNetwork network = new("tw");
        string cores = $"{Math.Min(2, Environment.ProcessorCount)}";
        using ProgramRun run = network.Start("-t", cores, "--mode", "tap");
        TapNetwork.Python(network.Near, """
            import os, socket
            cores = sorted(os.sched_getaffinity(0))
            socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for n in range(40)]
            for n, s in enumerate(socks): s.bind(("", 3000 + n)); s.connect(("10.9.0.2", 9))
            for round in range(20):
                os.sched_setaffinity(0, {cores[round % len(cores)]})
                for s in socks:
                    try: s.send(b"hello!")
                    except ConnectionRefusedError: s.send(b"hello!")
            """);
        JsonElement[] flows = [.. TapNetwork.End(run).Where(flow => flow.GetProperty("protocolIdentifier").GetInt32() == 17)];
        Assert.Equal(40, flows.Length);
        Assert.All(flows, flow => Assert.Equal(20, flow.GetProperty("packetDeltaCount").GetInt32()));
    }

    [Fact]
    public void Throughput_is_about_what_it_is_without()
    {
        using TapNetwork network = new("tp");
        double[] without = new double[3], with = new double[3];
        for (int round = 0; round < without.Length; round++)
        {
            without[round] = Throughput();
            using ProgramRun run = network.Start();
            with[round] = Throughput();
        }
        Array.Sort(without);
        Array.Sort(with);
        Assert.True(with[1] > 0.6 * without[1], $"{with[1] / 1e9:F1} Gbit/s with, {without[1] / 1e9:F1} without");

        double Throughput()
        {
            using JsonDocument report = JsonDocument.Parse(Iperf(network, "-t", "1", "--json"));
            return report.RootElement.GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble();
        }
    }

    /// <summary>Sends from the near host to the far one.</summary>
    private static string Iperf(TapNetwork network, params string[] arguments)
    {
        using ProgramRun server = ProgramRun.StartOther("ip", "netns", "exec", network.Far.Name, "iperf3", "--server", "--one-off", "--forceflush");
        server.WaitForOutput("listening");
        string output = TapNetwork.Execute(network.Near, ["iperf3", "--client", TapNetwork.FarAddress, .. arguments]);
        server.WaitForEnd();
        return output;
    }

    private static Func<JsonElement, bool> IsUdp(int sourcePort) => flow =>
        flow.GetProperty("protocolIdentifier").GetInt32() == 17 && flow.GetProperty("sourceTransportPort").GetInt32() == sourcePort;

    private static JsonElement Largest(JsonElement[] flows, string direction) =>
        flows.Where(flow => flow.GetProperty("flowDirection").GetString() == direction).MaxBy(flow => flow.GetProperty("octetDeltaCount").GetUInt64());

    private static ulong Sum(IEnumerable<JsonElement> flows, string direction, string name) =>
        flows.Where(flow => flow.GetProperty("flowDirection").GetString() == direction).Aggregate(0UL, (sum, flow) => sum + flow.GetProperty(name).GetUInt64());
}
