using System.Net.Sockets;

namespace XdpTop.Export;

/// <summary>
/// A Transport Session (RFC 7011 section 2) to a Collecting Process. Used by one thread at a time, mostly the exporter's; nothing of it waits.
/// </summary>
internal interface ITransport : IDisposable
{
    /// <summary>The collector's address and port, as text.</summary>
    string Peer { get; }

    /// <summary>
    /// Whether all messages arrive, in order, or the session fails: then Templates are sent once (RFC 7011 section 8.4 asks
    /// for more over UDP alone), and there is no pace to keep, as <see cref="Send"/> takes no more than goes through.
    /// </summary>
    bool IsReliable { get; }

    /// <summary>The longest IPFIX Message that goes through, over UDP unfragmented, as of now.</summary>
    int MaximumMessageLength { get; }

    /// <summary>
    /// Of the messages that <see cref="Send"/> has taken, how many the collector's host has: all of them over UDP, where
    /// nobody knows better. Can be asked once more when the session has ended.
    /// </summary>
    ulong Delivered { get; }

    /// <summary>Why the session has ended, as a sentence; empty while it goes on.</summary>
    string Failure { get; }

    /// <summary>
    /// Takes one message. Gives why it was not taken, or <see cref="SocketError.Success"/>;
    /// <see cref="SocketError.ConnectionRefused"/> says that one sent before did not arrive, and that this one was not
    /// sent yet.
    /// </summary>
    SocketError Send(ReadOnlySpan<byte> message);

    /// <summary>
    /// Hands over to the network what has been taken and still gathers for one system call. Gives why that was not possible
    /// for all, as <see cref="Send"/> does; what is left stays taken.
    /// </summary>
    SocketError Flush();

    /// <summary>What the network has reported of messages sent before; each report is given once.</summary>
    SocketError TakeError();
}

/// <summary>
/// Makes a Transport Session. Runs on other threads than the exporter's, for as long as it takes; a failure is an
/// <see cref="IOException"/> whose message tells the user why.
/// </summary>
internal delegate Task<ITransport> TransportConnector(CollectorAddress collector, CancellationToken cancellation);
