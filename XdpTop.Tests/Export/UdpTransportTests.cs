using System.Net;
using System.Net.Sockets;
using XdpTop.Export;
using XdpTop.Flows;

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

    [Fact]
    public async Task Of_messages_that_nobody_takes_each_is_counted_as_not_sent_and_those_before_as_sent()
    {
        Socket collector = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        collector.Bind(new IPEndPoint(FreePort.AddressOfNobody, 0));
        ManualTime time = new();
        ExportCounters counters = new();
        RecordBuffer records = new(2000);
        Task<ITransport> connecting = ConnectAsync(collector);
        Assert.True(CollectorAddress.TryParse($"udp://{collector.LocalEndPoint}", out CollectorAddress? address, out _));
        using (CollectorSession session = new(address, new ExportOptions(), [new("lo", 1)], (_, _) => connecting, time, counters))
        {
            Pump(session, 500, seed: 1);
            Assert.Equal((500ul, 0ul), (counters.Sent.Records, counters.NotSent.Records));
            collector.Dispose();
            Pump(session, 1500, seed: 2);
            Assert.Contains("refuses: nothing listens on its port", session.Problem, StringComparison.Ordinal);
        }
        Assert.Equal((500ul, 1500ul), (counters.Sent.Records, counters.NotSent.Records));

        void Pump(CollectorSession session, int count, int seed)
        {
            foreach (FlowRecord record in TestRecords.Random(count, seed))
                records.Add([record]);
            Assert.True(SpinWait.SpinUntil(
                () =>
                {
                    session.Pump(records, flush: true);
                    return records.Count == 0 && session.RecordsUnderway == 0;
                },
                TimeSpan.FromSeconds(20)));
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
