using System.Net;
using System.Net.Sockets;
using XdpTop.Export;

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
        byte[] received = new byte[2000];
        Assert.Equal(message, received[..collector.Receive(received)]);
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
