using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace XdpTop.Export;

/// <summary>
/// IPFIX over TCP (RFC 7011 section 10.4), or over TLS in it. A message that is begun is written in the background; the
/// next is taken when it is with the kernel. Which messages the collector's host has is known from the octets that it has
/// acknowledged. Whether the collector has read them, TCP does not tell.
/// </summary>
internal sealed class StreamTransport : ITransport
{
    // linux/tcp.h
    private const int IPPROTO_TCP = 6;
    private const int TCP_INFO = 11;
    private const int TCP_USER_TIMEOUT = 18;
    private const int UnackedOffset = 24; // tcpi_unacked: segments
    private const int BytesAckedOffset = 120; // tcpi_bytes_acked
    private const int TcpInfoLength = BytesAckedOffset + sizeof(ulong);
    private const byte TCP_CLOSE = 7; // tcpi_state, at offset 0

    /// <summary>Of a message cut off by the end of a connection all records are lost, so it is not as long as may be.</summary>
    private const int MessageLength = 16 * 1024;

    /// <summary>What the kernel holds for a collector that is slow, and what is lost with the connection: the least that keeps one busy.</summary>
    private const int SendBufferLength = 256 * 1024;

    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_silenceTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Longer than a kernel puts off an acknowledgement.</summary>
    private static readonly TimeSpan s_acknowledgementTimeout = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_refusalPatience = TimeSpan.FromMilliseconds(300);

    private readonly CollectorAddress _collector;
    private readonly Socket _socket;
    private readonly CountedStream _octets;
    private readonly Stream _stream;
    private readonly ulong _acknowledgedBefore; // the kernel's count begins with the SYN
    private readonly Task<Exception?> _reading;
    private readonly byte[] _message = new byte[MessageLength];
    private readonly Queue<ulong> _ends = []; // of each message on its way: octets sent up to its end
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;
    private long _closedAt;
    private string _failure = "";
    private bool _isDisposed;

    private StreamTransport(
        CollectorAddress collector, IPEndPoint peer, Socket socket, CountedStream octets, Stream stream, ulong acknowledgedBefore)
    {
        _collector = collector;
        _socket = socket;
        _octets = octets;
        _stream = stream;
        _acknowledgedBefore = acknowledgedBefore;
        Peer = peer.ToString(); // of a socket that was reset at once the kernel tells no more
        _reading = ReadAsync(stream);
    }

    public string Peer { get; }

    public bool IsReliable => true;

    public int MaximumMessageLength => MessageLength;

    public ulong Delivered
    {
        get
        {
            FinishWriting();
            if (_ends.Count == 0 || _isDisposed)
                return field;
            ulong acknowledged = Acknowledged(_socket, out _) - _acknowledgedBefore;
            for (; _ends.TryPeek(out ulong end) && end <= acknowledged; field++)
                _ends.Dequeue();
            return field;
        }
    }

    public string Failure
    {
        get
        {
            FinishWriting();
            if (_failure.Length == 0 && _reading.IsCompleted)
                _failure = _reading.Result is { } exception ? Sentence(exception) : ClosedByCollector();
            return _failure;
        }
    }

    /// <summary>Finds the collector's addresses, as they are now, and takes the first that answers.</summary>
    /// <param name="tls">For TLS; null for plain TCP.</param>
    public static async Task<ITransport> ConnectAsync(CollectorAddress collector, TlsIdentity? tls, CancellationToken cancellation)
    {
        string problem = $"no address for the collector name '{collector.Host}'";
        foreach (IPAddress address in await Transports.ResolveAsync(collector.Host, cancellation).ConfigureAwait(false))
        {
            using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(s_connectTimeout);
            Socket socket = NewSocket(address.AddressFamily);
            try
            {
                IPEndPoint peer = new(address, collector.Port);
                await socket.ConnectAsync(peer, timeout.Token).ConfigureAwait(false);
                ulong acknowledgedBefore = Acknowledged(socket, out _);
                CountedStream octets = new(socket);
                Stream stream = tls is null ? octets : await tls.AuthenticateAsync(octets, collector, timeout.Token).ConfigureAwait(false);
                StreamTransport transport = new(collector, peer, socket, octets, stream, acknowledgedBefore);
                if (tls is not null)
                    await transport.ExpectRefusalAsync().ConfigureAwait(false);
                return transport;
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException or IOException)
            {
                socket.Dispose();
                cancellation.ThrowIfCancellationRequested();
                problem = exception switch
                {
                    SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"the collector {collector} refuses: nothing listens on its port at {address}",
                    SocketException => $"no way to the collector {collector} at {address}: {exception.Message}",
                    OperationCanceledException => $"the collector {collector} does not answer at {address}",
                    _ => exception.Message,
                };
            }
        }
        throw new IOException(problem);
    }

    public SocketError Send(ReadOnlySpan<byte> message)
    {
        FinishWriting();
        if (_isWriting || _reading.IsCompleted)
            return SocketError.WouldBlock;
        message.CopyTo(_message);
        _writing = _stream.WriteAsync(_message.AsMemory(0, message.Length)).AsTask();
        _isWriting = true;
        FinishWriting();
        return SocketError.Success;
    }

    public SocketError Flush() => SocketError.Success;

    public SocketError TakeError() => SocketError.Success;

    /// <summary>
    /// Ends the connection in order if the collector's host has all messages. Else by a reset: what is counted as not sent
    /// does not arrive after that.
    /// </summary>
    public void Dispose()
    {
        AwaitAcknowledgements();
        _isDisposed = true;
        try
        {
            if (_isWriting || _ends.Count > 0)
                _socket.LingerState = new LingerOption(true, 0);
            else if (_stream is SslStream tls && !_reading.IsCompleted)
                _ = tls.ShutdownAsync().Wait(s_closeTimeout);
            if (!_isWriting && _ends.Count == 0)
                _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException or AggregateException
            or InvalidOperationException or CryptographicException)
        {
            // The collector has gone before.
        }
        _socket.Dispose();
        _stream.Dispose();
        _ = _writing.Exception; // marks it as seen
    }

    /// <summary>
    /// A TLS server looks at this probe's certificate after the client has held the session to be made: what is sent at once
    /// could be thrown away there. Throws <see cref="IOException"/> if the collector refuses.
    /// </summary>
    private async Task ExpectRefusalAsync()
    {
        await Task.WhenAny(_reading, Task.Delay(s_refusalPatience)).ConfigureAwait(false);
        if (_reading.IsCompleted)
            throw new IOException(await _reading.ConfigureAwait(false) is { } exception ? Sentence(exception) : ClosedSentence);
    }

    private static Socket NewSocket(AddressFamily family)
    {
        Socket socket = new(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendBufferSize = SendBufferLength };
        // A peer that is gone without a word is noticed, whether anything is on its way to it or not.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)s_silenceTimeout.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        socket.SetRawSocketOption(IPPROTO_TCP, TCP_USER_TIMEOUT, BitConverter.GetBytes((int)s_silenceTimeout.TotalMilliseconds));
        return socket;
    }

    private static ulong Acknowledged(Socket socket, out byte state) => Acknowledged(socket, out state, out _);

    private static ulong Acknowledged(Socket socket, out byte state, out uint unacknowledgedSegments)
    {
        Span<byte> info = stackalloc byte[TcpInfoLength];
        socket.GetRawSocketOption(IPPROTO_TCP, TCP_INFO, info);
        state = info[0];
        unacknowledgedSegments = BitConverter.ToUInt32(info[UnackedOffset..]);
        return BitConverter.ToUInt64(info[BytesAckedOffset..]);
    }

    /// <summary>
    /// What is on its way arrives though the connection is about to end: it counts as delivered as soon as that is known. What
    /// the kernel has not sent by then never goes out.
    /// </summary>
    private void AwaitAcknowledgements()
    {
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            _ = Acknowledged(_socket, out byte state, out uint segments);
            _ = Delivered;
            if (!_isWriting && _ends.Count == 0)
                return;
            if (segments == 0 || state == TCP_CLOSE || Stopwatch.GetElapsedTime(begin) >= s_acknowledgementTimeout)
                return;
            Thread.Sleep(1);
        }
    }

    /// <summary>IPFIX has no answers: whatever comes is thrown away. Ends with the connection, with the cause of a failure.</summary>
    private static async Task<Exception?> ReadAsync(Stream stream)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }
            return null;
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException
            or InvalidOperationException or AuthenticationException)
        {
            return exception;
        }
    }

    private void FinishWriting()
    {
        if (!_isWriting || !_writing.IsCompleted)
            return;
        if (_writing.IsCompletedSuccessfully)
        {
            _isWriting = false;
            _ends.Enqueue(_octets.Written);
        }
        else if (_failure.Length == 0 && !(_reading.IsCompleted && _reading.Result is null))
        {
            _failure = Sentence(_writing.Exception!.GetBaseException());
        }
    }

    /// <summary>
    /// The collector has closed its end. It may still read (RFC 7011 section 10.4.5): so this end is closed as well, and
    /// then it is waited for what has been written. If it is gone, its host answers with a reset; what it has read is then
    /// acknowledged for certain, as its FIN says so.
    /// </summary>
    private string ClosedByCollector()
    {
        if (_closedAt == 0)
        {
            _closedAt = Stopwatch.GetTimestamp();
            try
            {
                _socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // It is gone; the state says so.
            }
        }
        _ = Delivered;
        _ = Acknowledged(_socket, out byte state);
        bool isSettled = (!_isWriting && _ends.Count == 0) || state == TCP_CLOSE || Stopwatch.GetElapsedTime(_closedAt) > s_closeTimeout;
        return isSettled ? ClosedSentence : "";
    }

    private string ClosedSentence => $"the collector {_collector} closed the connection";

    private string Sentence(Exception exception) => (exception as SocketException ?? exception.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted => $"the collector {_collector} reset the connection",
        SocketError.TimedOut => $"the collector {_collector} has not answered for {s_silenceTimeout.TotalSeconds:F0} s",
        { } error => $"sending to the collector {_collector} failed: {new SocketException((int)error).Message}",
        null => TlsIdentity.Refusal(_collector, exception),
    };

    /// <summary>Counts what goes to the socket.</summary>
    private sealed class CountedStream(Socket socket) : NetworkStream(socket, ownsSocket: false)
    {
        private ulong _written;

        public ulong Written => Volatile.Read(ref _written);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _written, (ulong)buffer.Length);
        }
    }
}
