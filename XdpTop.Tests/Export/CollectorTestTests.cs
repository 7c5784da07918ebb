using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using XdpTop.Export;
using XdpTop.Tests.Ipfix;
using XdpTop.Tests.Privileged;

namespace XdpTop.Tests.Export;

public sealed class CollectorTestTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-collector-test").FullName;
    private readonly IpfixDecoder _decoder = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task By_UDP_the_templates_arrive_and_no_more_is_claimed()
    {
        using Socket collector = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 };
        collector.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        (bool isWell, string sentence) = await TestAsync($"udp://localhost:{PortOf(collector)}");
        byte[] buffer = new byte[2000];
        int octets = 0;
        List<int> templates = [];
        while (collector.Available > 0)
        {
            int length = collector.Receive(buffer);
            DecodedMessage message = _decoder.Decode(buffer[..length]);
            Assert.Empty(message.Records);
            templates.AddRange(message.TemplateIds);
            octets += length;
        }
        Assert.Equal(KnownTemplates.Uniflows, templates);
        Assert.Equal(
            (true, string.Create(CultureInfo.InvariantCulture, $"sent {octets:N0} octets of templates to 127.0.0.1:{PortOf(collector)}: not refused; UDP tells no more")),
            (isWell, sentence));
    }

    [Fact]
    public async Task By_UDP_a_port_where_nothing_listens_refuses()
    {
        string url = $"udp://{FreePort.AddressOfNobody}:{FreePort.Find()}";
        Assert.Equal((false, $"the collector {url} refuses: nothing listens on its port"), await TestAsync(url));
    }

    [Fact]
    public async Task By_TCP_the_templates_are_known_to_be_there()
    {
        using TcpListener listener = new(IPAddress.IPv6Loopback, 0);
        listener.Start();
        Task<(bool, string)> test = TestAsync($"tcp://[::1]:{PortOf(listener.Server)}");
        using Socket peer = await listener.AcceptSocketAsync();
        (bool isWell, string sentence) = await test;
        int octets = await ReadToEndAsync(new NetworkStream(peer));
        Assert.Equal(
            (true, string.Create(CultureInfo.InvariantCulture, $"connected to [::1]:{PortOf(listener.Server)}: it has {octets:N0} octets of templates")),
            (isWell, sentence));
    }

    [Fact]
    public async Task By_TCP_a_port_where_nothing_listens_and_one_that_closes_are_told()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string url = $"tcp://127.0.0.1:{PortOf(listener.Server)}";
        listener.Stop();
        Assert.Equal((false, $"the collector {url} refuses: nothing listens on its port at 127.0.0.1"), await TestAsync(url));
        Assert.Equal((false, "no address for the collector name 'no-such-host.invalid'"), await TestAsync("tcp://no-such-host.invalid"));
        Assert.False((await TestAsync("ftp://x")).IsWell);
    }

    [Fact]
    public async Task By_TLS_the_certificate_is_spoken_of()
    {
        using TestCertificates certificates = new(_directory);
        using X509Certificate2 certificate = Load(certificates.Create("127.0.0.1", days: 3));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = PortOf(listener.Server);
        Task<int> served = ServeAsync();
        (bool isWell, string sentence) = await TestAsync($"tls://127.0.0.1:{port}", certificates.Authority);
        int octets = await served;
        Assert.Equal(
            (true, string.Create(CultureInfo.InvariantCulture, $"connected to 127.0.0.1:{port}, its certificate is trusted: it has {octets:N0} octets of templates")),
            (isWell, sentence));

        served = ServeAsync();
        (isWell, sentence) = await TestAsync($"tls://127.0.0.1:{port}");
        Assert.False(isWell);
        Assert.StartsWith($"the certificate of the collector tls://127.0.0.1:{port} is of no authority that is trusted here", sentence, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => served);

        async Task<int> ServeAsync()
        {
            using Socket peer = await listener.AcceptSocketAsync();
            using SslStream tls = new(new NetworkStream(peer));
            await tls.AuthenticateAsServerAsync(certificate, clientCertificateRequired: false, SslProtocols.None, checkCertificateRevocation: false);
            return await ReadToEndAsync(tls);
        }
    }

    [Fact]
    public async Task By_TLS_a_certificate_that_is_not_for_servers_is_told_from_one_of_no_authority()
    {
        const string ClientAuth = "1.3.6.1.5.5.7.3.2";
        using TestCertificates certificates = new(_directory);
        using X509Certificate2 certificate = Load(certificates.Create("127.0.0.1", days: 3, ClientAuth));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string url = $"tls://127.0.0.1:{PortOf(listener.Server)}";
        Task<(bool IsWell, string Sentence)> test = TestAsync(url, certificates.Authority);
        using Socket peer = await listener.AcceptSocketAsync();
        using SslStream tls = new(new NetworkStream(peer));
        await Record.ExceptionAsync(() => tls.AuthenticateAsServerAsync(certificate, false, SslProtocols.None, false));
        Assert.StartsWith($"the certificate of the collector {url} is not for servers: ", (await test).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_TLS_a_collector_that_resets_at_once_for_want_of_a_certificate_is_told_so()
    {
        using TestCertificates certificates = new(_directory);
        using X509Certificate2 certificate = Load(certificates.Create("127.0.0.1", days: 3));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string url = $"tls://127.0.0.1:{PortOf(listener.Server)}";
        Assert.True(CollectorAddress.TryParse(url, out CollectorAddress? address, out _));
        Transports transports = new(TlsIdentity.Load(certificates.Authority, null, null));
        for (int i = 0; i < 20; i++) // the reset may come at any moment
        {
            Task<ITransport> connecting = transports.ConnectAsync(address, CancellationToken.None);
            using Socket peer = await listener.AcceptSocketAsync();
            peer.LingerState = new LingerOption(true, 0);
            using SslStream tls = new(new NetworkStream(peer), false, (_, shown, _, _) => shown is not null);
            await Record.ExceptionAsync(() => tls.AuthenticateAsServerAsync(certificate, true, SslProtocols.Tls13, false));
            peer.Dispose();
            Exception? refusal = await Record.ExceptionAsync(() => connecting);
            Assert.DoesNotContain("no way to the collector", Assert.IsType<IOException>(refusal).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task It_returns_at_once_and_ends_when_it_is_cancelled()
    {
        using CancellationTokenSource cancellation = new();
        ManualResetEventSlim connecting = new();
        CollectorTest test = new(new ExportOptions(), [new("lo", 1)], (_, token) =>
        {
            connecting.Wait(token); // as a resolver that blocks
            throw new IOException("never");
        });
        Task<(bool, string)> running = test.RunAsync("udp://192.0.2.1", cancellation.Token);
        Assert.False(running.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static Task<(bool IsWell, string Sentence)> TestAsync(string url, string? authorities = null) =>
        new CollectorTest(new ExportOptions(), [new("lo", 1)], new Transports(TlsIdentity.Load(authorities, null, null)).ConnectAsync)
            .RunAsync(url, CancellationToken.None);

    /// <summary>Checks that what comes is whole messages without flows; gives how many octets.</summary>
    private async Task<int> ReadToEndAsync(Stream stream)
    {
        using MemoryStream received = new();
        await stream.CopyToAsync(received);
        byte[] octets = received.ToArray();
        List<int> templates = [];
        for (int at = 0, length; at < octets.Length; at += length)
        {
            length = octets[at + 2] << 8 | octets[at + 3];
            DecodedMessage message = _decoder.Decode(octets[at..(at + length)]);
            Assert.Empty(message.Records);
            templates.AddRange(message.TemplateIds);
        }
        Assert.Equal(KnownTemplates.Uniflows, templates);
        return octets.Length;
    }

    private static X509Certificate2 Load(string pem)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(pem);
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
