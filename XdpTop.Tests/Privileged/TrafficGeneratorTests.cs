using System.Diagnostics;
using XdpTop.Capture;
using XdpTop.Native;

namespace XdpTop.Tests.Privileged;

public sealed class TrafficGeneratorTests
{
    [Fact]
    public void Each_core_sends_as_many_packets_as_asked_for_and_all_arrive()
    {
        const ulong Packets = 100_001; // no multiple of a batch
        int[] cpus = [.. CpuAffinity.Allowed().Take(2)];
        using PassingReceiver receiver = new("a", cpus.Length);
        using TrafficGenerator traffic = new(receiver.SenderIndex, cpus, TrafficProfile.Known(flows: 1000));
        traffic.Start(0, Packets);
        traffic.Wait();
        Assert.Equal(Packets * (ulong)cpus.Length, traffic.Offered);
        foreach (int cpu in cpus)
            Assert.Equal(Packets, receiver.Received[cpu]);
    }

    [Fact]
    public void Of_known_traffic_each_flow_gets_its_share()
    {
        const int Flows = 300, Packets = 1000, Octets = 128;
        int cpu = CpuAffinity.Allowed()[0];
        using PassingReceiver receiver = new("b", 1);
        using TrafficGenerator traffic = new(receiver.SenderIndex, [cpu], TrafficProfile.Known(Flows, Octets));
        string[] lines = receiver.Capture(
            Packets,
            () =>
            {
                traffic.Start(20_000, Packets);
                traffic.Wait();
            },
            "ip.src", "udp.srcport", "ip.dst", "udp.dstport", "ip.len", "ip.checksum.status", "frame.len");
        IEnumerable<string> expected = Enumerable.Range(0, Packets).Select(i => i % Flows).Select(
            f => $"10.0.{f >> 8}.{f & 255}\t{1024 + f}\t192.168.255.{cpu}\t9\t{Octets - 14}\t1\t{Octets}");
        Assert.Equal(expected, lines);
    }

    [Fact]
    public void The_mix_is_of_well_formed_conversations_of_every_kind()
    {
        const int Packets = 10_000;
        using PassingReceiver receiver = new("c", 1);
        using TrafficGenerator traffic = new(receiver.SenderIndex, [CpuAffinity.Allowed()[0]], TrafficProfile.Mix with { Flows = 100 });
        string[] lines = receiver.Capture(
            Packets,
            () =>
            {
                traffic.Start(50_000, Packets);
                traffic.Wait();
            },
            "frame.protocols", "_ws.malformed", "ip.checksum.status", "ip.len", "ipv6.plen", "frame.len", "vlan.id",
            "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "tcp.flags");
        Packet[] packets = [.. lines.Select(l => l.Split('\t')).Select(f => new Packet(f))];
        Assert.Equal(Packets, packets.Length);
        Assert.DoesNotContain(packets, p => p.Malformed != "");
        Assert.DoesNotContain(packets, p => p.ChecksumStatus is not ("" or "1"));
        Assert.All(packets, p => Assert.Equal(p.FrameOctets, p.HeaderOctets + p.PayloadOctets));
        foreach (string kind in (string[])["ip:tcp", "ip:udp", "ip:icmp", "ipv6:tcp", "ipv6:udp", "vlan:ethertype:ip"])
            Assert.Contains(packets, p => p.Protocols.Contains(kind, StringComparison.Ordinal));
        Assert.True(packets.Select(p => p.FrameOctets).Distinct().Count() > 20);

        // A conversation begins with SYN, then SYN and ACK; of the many that are short some have ended, by two FINs.
        string[][] conversations = [.. packets.Where(p => p.TcpFlags != "").GroupBy(p => p.Conversation)
            .Select(g => g.Select(p => p.TcpFlags[^2..]).ToArray())];
        Assert.All(conversations, flags => Assert.Equal("02", flags[0]));
        Assert.All(conversations, flags => Assert.Equal("12", flags.ElementAtOrDefault(1) ?? "12"));
        Assert.Contains(conversations, flags => flags.Count(f => f == "11") == 2 && flags[^1] == "11");
        // Popularity is skewed: the busiest conversation has more than a twentieth of the packets.
        Assert.True(conversations.Max(c => c.Length) > Packets / 20);
    }

    [Fact]
    public void A_rate_is_not_exceeded()
    {
        const double Rate = 20_000;
        using PassingReceiver receiver = new("d", 1);
        using TrafficGenerator traffic = new(receiver.SenderIndex, [CpuAffinity.Allowed()[0]], TrafficProfile.Mix);
        Stopwatch clock = Stopwatch.StartNew();
        traffic.Start(Rate, 10_000);
        traffic.Wait();
        Assert.True(clock.Elapsed.TotalSeconds > 0.45, "faster than asked for"); // 0.5, or more on a busy machine
        traffic.Start(Rate);
        Assert.True(traffic.IsSending);
        traffic.Stop();
        Assert.False(traffic.IsSending);
        ulong offered = traffic.Offered;
        Assert.True(offered >= 10_000);
        Assert.Equal(offered, receiver.Received.Aggregate((a, b) => a + b));
    }

    [Fact]
    public void A_core_that_is_not_there_is_named()
    {
        using PassingReceiver receiver = new("e", 1);
        using TrafficGenerator traffic = new(receiver.SenderIndex, [4000], TrafficProfile.Mix);
        traffic.Start(0, 1);
        NativeException error = Assert.Throws<NativeException>(traffic.Wait);
        Assert.StartsWith("pinning a thread to core 4000 failed: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_demo_cleans_up_what_it_made()
    {
        using (Demo demo = new(queues: 2))
        {
            Assert.Equal(demo.Queues, NetworkInterface.Find(Demo.Interface).RxQueues);
            Assert.Equal(0UL, demo.Offered);
            demo.Start(1000);
        }
        Assert.Equal(0, Links.IndexOf(Demo.Interface));
        Assert.Equal(0, Links.IndexOf(Demo.Sender));
    }

    private sealed record Packet(string[] Fields)
    {
        public string Protocols => Fields[0];
        public string Malformed => Fields[1];
        public string ChecksumStatus => Fields[2];
        public int FrameOctets => int.Parse(Fields[5]);
        public string TcpFlags => Fields[13];

        public int HeaderOctets => 14 + (Fields[6] == "" ? 0 : 4) + (Fields[4] == "" ? 0 : 40);

        /// <summary>By the IP header: without IPv6's header, but with IPv4's.</summary>
        public int PayloadOctets => int.Parse(Fields[4] == "" ? Fields[3] : Fields[4]);

        /// <summary>The same for both directions.</summary>
        public string Conversation =>
            string.Join(' ', new[] { $"{Fields[7]}{Fields[8]}.{Fields[9]}", $"{Fields[10]}{Fields[11]}.{Fields[12]}" }.Order());
    }
}
