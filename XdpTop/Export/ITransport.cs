using System.Net.Sockets;

namespace XdpTop.Export;

/// <summary>
/// A Transport Session (RFC 7011 section 2) to a Collecting Process. Used by the exporter thread alone.
/// </summary>
internal interface ITransport : IDisposable
{
    /// <summary>The longest IPFIX Message that goes through unfragmented, as of now.</summary>
    int MaximumMessageLength { get; }

    /// <summary>
    /// Sends one message without waiting for the collector. Gives why it was not sent, or
    /// <see cref="SocketError.Success"/>; <see cref="SocketError.ConnectionRefused"/> says that one sent before did not
    /// arrive, and that this one was not sent yet.
    /// </summary>
    SocketError Send(ReadOnlySpan<byte> message);

    /// <summary>What the network has reported of messages sent before; each report is given once.</summary>
    SocketError TakeError();
}

/// <summary>
/// Makes a Transport Session. Runs on other threads than the exporter's, for as long as it takes; a failure is an
/// <see cref="IOException"/> whose message tells the user why.
/// </summary>
internal delegate Task<ITransport> TransportConnector(CollectorAddress collector, CancellationToken cancellation);
