using System.Net;
using System.Net.Sockets;
using XdpTop.Export;
using static XdpTop.Tests.Eventually;

namespace XdpTop.Tests.Export;

public sealed class StreamTransportTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _message = new byte[16 * 1024];

    public StreamTransportTests()
    {
        _listener.Server.ReceiveBufferSize = 32 * 1024;
        _listener.Start();
        new Random(1).NextBytes(_message);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Messages_arrive_whole_and_in_order_and_are_known_to_have_arrived()
    {
        using ITransport transport = await ConnectAsync();
        using Socket peer = await _listener.AcceptSocketAsync();
        Assert.Equal((true, 0ul, ""), (transport.IsReliable, transport.Delivered, transport.Failure));
        Assert.Equal(SocketError.Success, transport.Send(_message.AsSpan(0, 100)));
        Assert.Equal(SocketError.Success, transport.Send(_message.AsSpan(100, 200)));
        Await(() => transport.Delivered == 2);
        Assert.Equal(_message[..300], Receive(peer, 300));
    }

    [Fact]
    public async Task One_that_does_not_read_takes_no_more_than_has_room_and_all_of_it_arrives_when_it_does()
    {
        using ITransport transport = await ConnectAsync();
        using Socket peer = await _listener.AcceptSocketAsync();
        int sent = SendUntilBlocked(transport);
        Assert.True(transport.Delivered < (ulong)sent);
        Assert.Equal("", transport.Failure);
        byte[] received = Receive(peer, sent * _message.Length);
        for (int i = 0; i < sent; i++)
            Assert.True(received.AsSpan(i * _message.Length, _message.Length).SequenceEqual(_message));
        Await(() => transport.Delivered == (ulong)sent);
    }

    [Fact]
    public async Task One_that_has_gone_has_what_it_has_read_and_no_more()
    {
        using ITransport transport = await ConnectAsync();
        Socket peer = await _listener.AcceptSocketAsync();
        Assert.Equal(SocketError.Success, transport.Send(_message));
        Receive(peer, _message.Length);
        peer.Dispose(); // all is read: so it ends by FIN
        Await(() => transport.Failure.Length > 0);
        Assert.EndsWith(" closed the connection", transport.Failure, StringComparison.Ordinal);
        Assert.Equal(SocketError.WouldBlock, transport.Send(_message));
        Assert.Equal(1ul, transport.Delivered);
    }

    [Fact]
    public async Task One_that_closes_its_end_alone_still_gets_what_was_sent()
    {
        using ITransport transport = await ConnectAsync();
        using Socket peer = await _listener.AcceptSocketAsync();
        int sent = 2;
        for (int i = 0; i < sent; i++)
            Assert.Equal(SocketError.Success, transport.Send(_message));
        peer.Shutdown(SocketShutdown.Send);
        Await(() => transport.Failure.Length > 0);
        Assert.Equal((ulong)sent, transport.Delivered);
        Receive(peer, sent * _message.Length);
        Assert.Equal(0, peer.Receive(new byte[1])); // this end is closed, too
    }

    [Fact]
    public async Task A_reset_is_told()
    {
        using ITransport transport = await ConnectAsync();
        using Socket peer = await _listener.AcceptSocketAsync();
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
        Await(() => transport.Failure.Length > 0);
        Assert.Equal($"the collector tcp://127.0.0.1:{Port} reset the connection", transport.Failure);
    }

    [Fact]
    public async Task What_is_not_delivered_at_the_end_does_not_arrive_later()
    {
        ITransport transport = await ConnectAsync();
        using Socket peer = await _listener.AcceptSocketAsync();
        int sent = SendUntilBlocked(transport);
        transport.Dispose();
        ulong delivered = transport.Delivered;
        Assert.True(delivered < (ulong)sent);
        long received = 0;
        byte[] buffer = new byte[65536];
        try
        {
            for (int count; (count = peer.Receive(buffer)) > 0; received += count)
            {
            }
        }
        catch (SocketException exception)
        {
            Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
        }
        Assert.Equal(delivered, (ulong)(received / _message.Length));
    }

    [Fact]
    public async Task Nobody_who_listens_is_one_sentence()
    {
        string url = $"tcp://127.0.0.1:{Port}";
        _listener.Stop();
        IOException exception = await Assert.ThrowsAsync<IOException>(() => ConnectAsync(url));
        Assert.Equal($"the collector {url} refuses: nothing listens on its port at 127.0.0.1", exception.Message);
        exception = await Assert.ThrowsAsync<IOException>(() => ConnectAsync("tcp://no-such-host.invalid"));
        Assert.Equal("no address for the collector name 'no-such-host.invalid'", exception.Message);
    }

    [Fact]
    public async Task A_peer_without_TLS_is_one_sentence()
    {
        Task<ITransport> connecting = ConnectAsync($"tls://127.0.0.1:{Port}");
        using Socket peer = await _listener.AcceptSocketAsync();
        Receive(peer, 100); // the beginning of a handshake
        peer.Send("no TLS here"u8);
        IOException exception = await Assert.ThrowsAsync<IOException>(() => connecting);
        Assert.Equal($"the collector tls://127.0.0.1:{Port} has ended the TLS session: does it speak TLS on this port?", exception.Message);
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    private Task<ITransport> ConnectAsync() => ConnectAsync($"tcp://127.0.0.1:{Port}");

    private static Task<ITransport> ConnectAsync(string url)
    {
        Assert.True(CollectorAddress.TryParse(url, out CollectorAddress? address, out _));
        return new Transports(TlsIdentity.Load(null, null, null)).ConnectAsync(address, CancellationToken.None);
    }

    /// <summary>Gives how many messages were taken.</summary>
    private int SendUntilBlocked(ITransport transport)
    {
        int sent = 0;
        // The kernel can take more for a moment: it is full when it has taken none for a while.
        while (SpinWait.SpinUntil(() => transport.Send(_message) == SocketError.Success, TimeSpan.FromMilliseconds(300)))
            sent++;
        return sent;
    }

    private static byte[] Receive(Socket peer, int octets)
    {
        byte[] received = new byte[octets];
        peer.ReceiveTimeout = 20_000;
        for (int count = 0; count < octets;)
        {
            int more = peer.Receive(received.AsSpan(count));
            Assert.True(more > 0, $"the connection ended after {count} octets");
            count += more;
        }
        return received;
    }

}
