using System.Net;
using System.Net.Sockets;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Tests.Ipfix;

namespace XdpTop.Tests.Export;

public sealed class UdpTransportTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public async Task A_message_arrives_as_one_datagram(string host)
    {
        using Socket collector = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
        collector.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        collector.ReceiveTimeout = 10_000;
        int port = ((IPEndPoint)collector.LocalEndPoint!).Port;
        Assert.True(CollectorAddress.TryParse(host.Contains(':') ? $"[{host}]:{port}" : $"{host}:{port}", out CollectorAddress? address, out _));
        using ITransport transport = await UdpTransport.ConnectAsync(address, CancellationToken.None);
        // lo lets 65,536 octets through; an Ethernet further on would not.
        Assert.Equal(1420, transport.MaximumMessageLength);
        byte[] message = new byte[1420];
        new Random(1).NextBytes(message);
        Assert.Equal(SocketError.Success, transport.Send(message));
        Assert.Equal(0u, transport.Delivered);
        Assert.Equal(SocketError.Success, transport.Flush());
        Assert.Equal(1u, transport.Delivered);
        byte[] received = new byte[2000];
        Assert.Equal(message, received[..collector.Receive(received)]);
    }

    [Fact]
    public async Task Many_messages_arrive_each_as_one_datagram_in_order()
    {
        using Socket collector = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        collector.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        collector.ReceiveTimeout = 10_000;
        using ITransport transport = await ConnectAsync(collector);
        byte[] received = new byte[2000];
        // More than go by one system call; never so many that the collector's buffer could be too small.
        for (int round = 0, sent = 0, arrived = 0; round < 6; round++)
        {
            for (int i = 0; i < 50; i++)
                Assert.Equal(SocketError.Success, transport.Send(Message(sent++)));
            Assert.Equal(SocketError.Success, transport.Flush());
            Assert.Equal((ulong)sent, transport.Delivered);
            while (arrived < sent)
            {
                byte[] expected = Message(arrived++);
                Assert.Equal(expected, received[..collector.Receive(received)]);
            }
        }

        static byte[] Message(int number)
        {
            byte[] message = new byte[1 + number % 700];
            new Random(number).NextBytes(message);
            return message;
        }
    }

    /// <summary>The collector ends, and another comes in its place.</summary>
    [Fact]
    public async Task While_nobody_listens_records_wait_and_what_was_lost_before_that_was_seen_is_counted()
    {
        Socket collector = NewCollector(0);
        int port = ((IPEndPoint)collector.LocalEndPoint!).Port;
        ManualTime time = new();
        ExportCounters counters = new();
        RecordBuffer records = new(2000);
        Task<ITransport> connecting = ConnectAsync(collector);
        Assert.True(CollectorAddress.TryParse($"udp://{collector.LocalEndPoint}", out CollectorAddress? address, out _));
        using CollectorSession session = new(address, new ExportOptions(), [new("lo", 1)], (_, _) => connecting, time, counters);
        Add(500, seed: 1);
        PumpUntil(() => records.Count == 0 && session.RecordsUnderway == 0);
        Assert.Equal((500ul, 0ul), (counters.Sent.Records, counters.NotSent.Records));
        collector.Dispose();

        Add(1500, seed: 2);
        PumpUntil(() => session.Problem.Contains("refuses: nothing listens on its port", StringComparison.Ordinal));
        int waiting = records.Count;
        for (int i = 0; i < 20; i++)
        {
            time.Advance(TimeSpan.FromSeconds(0.5));
            session.Pump(records, flush: true);
        }
        Assert.Equal((waiting, 500ul), (records.Count, counters.Sent.Records));
        Assert.Equal(1500u - (ulong)waiting, counters.NotSent.Records);
        Assert.InRange(waiting, 1, 1499); // of those before the first refusal nobody could know

        using Socket other = NewCollector(port);
        PumpUntil(() =>
        {
            time.Advance(TimeSpan.FromSeconds(0.5));
            return records.Count == 0 && session.RecordsUnderway == 0;
        });
        Assert.Equal((500ul + (ulong)waiting, 1500 - (ulong)waiting, ""), (counters.Sent.Records, counters.NotSent.Records, session.Problem));
        IpfixDecoder decoder = new();
        int arrived = 0;
        byte[] received = new byte[2000];
        while (other.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead))
            arrived += decoder.Decode(received[..other.Receive(received)]).Records.Count; // which knows no Template but those that came
        Assert.Equal(waiting, arrived);

        void Add(int count, int seed)
        {
            foreach (FlowRecord record in TestRecords.Random(count, seed))
                records.Add([record]);
        }

        void PumpUntil(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(
            () =>
            {
                session.Pump(records, flush: true);
                return isSo();
            },
            TimeSpan.FromSeconds(20)));

        static Socket NewCollector(int port)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
            socket.Bind(new IPEndPoint(FreePort.AddressOfNobody, port));
            return socket;
        }
    }

    private static Task<ITransport> ConnectAsync(Socket collector)
    {
        Assert.True(CollectorAddress.TryParse($"udp://{collector.LocalEndPoint}", out CollectorAddress? address, out _));
        return UdpTransport.ConnectAsync(address, CancellationToken.None);
    }

    [Fact]
    public async Task An_address_without_a_route_and_a_name_without_an_address_are_told_apart()
    {
        Assert.True(CollectorAddress.TryParse("no-such-host.invalid", out CollectorAddress? unknown, out _));
        IOException exception = await Assert.ThrowsAsync<IOException>(
            () => UdpTransport.ConnectAsync(unknown, CancellationToken.None));
        Assert.Equal("no address for the collector name 'no-such-host.invalid'", exception.Message);

        Assert.True(CollectorAddress.TryParse("255.255.255.255", out CollectorAddress? broadcast, out _));
        exception = await Assert.ThrowsAsync<IOException>(
            () => UdpTransport.ConnectAsync(broadcast, CancellationToken.None));
        Assert.StartsWith("no way to the collector at 255.255.255.255: ", exception.Message, StringComparison.Ordinal);
    }
}
