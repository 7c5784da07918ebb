using System.Net;
using System.Net.Sockets;

namespace XdpTop.Export;

/// <summary>Reaches collectors, each by the transport that its URL names.</summary>
/// <param name="tls">Whom to trust, and who to be; only for TLS.</param>
internal sealed class Transports(TlsIdentity tls)
{
    /// <inheritdoc cref="TransportConnector"/>
    public Task<ITransport> ConnectAsync(CollectorAddress collector, CancellationToken cancellation) => collector.Transport switch
    {
        TransportProtocol.Udp => UdpTransport.ConnectAsync(collector, cancellation),
        TransportProtocol.Tcp => StreamTransport.ConnectAsync(collector, null, cancellation),
        _ => StreamTransport.ConnectAsync(collector, tls, cancellation),
    };

    /// <summary>The addresses of a host as of now; none if its name has none.</summary>
    public static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal))
            return [literal];
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
