using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using XdpTop.Memory;

namespace XdpTop.Export;

/// <summary>
/// IPFIX over UDP (RFC 7011 section 10.3), on a connected socket, so that ICMP errors are reported. Messages gather, to be
/// handed over to the kernel together.
/// </summary>
internal sealed class UdpTransport : ITransport
{
    // linux/in.h, linux/in6.h: the path MTU that the kernel knows for a connected socket.
    private const int IPPROTO_IP = 0;
    private const int IP_MTU = 14;
    private const int IPPROTO_IPV6 = 41;
    private const int IPV6_MTU = 24;

    private const int UdpHeaderLength = 8;

    /// <summary>
    /// No message is longer, whatever the path MTU is said to be: the packet fits an Ethernet frame of 1,500 octets,
    /// over IPv6 (40) and UDP (8), with 32 octets to spare for a tunnel that the path MTU does not tell of.
    /// </summary>
    private const int LongestMessage = 1420;

    /// <summary>RFC 7011 section 10.3.3: packets of 512 octets where the path MTU is not known.</summary>
    private const int DefaultMtu = 512;

    /// <summary>Messages that go by one system call at most.</summary>
    private const int MessagesPerCall = 64;

    private readonly Socket _socket;
    private readonly DatagramBatch _batch = new(MessagesPerCall, LongestMessage);
    private int _maximumLength;

    private UdpTransport(Socket socket) => _socket = socket;

    public string Peer => _socket.RemoteEndPoint?.ToString() ?? "";

    public bool IsReliable => false;

    public ulong Delivered { get; private set; }

    // A problem of one datagram is not the end of those after it; what cannot go on, Send tells.
    public string Failure => "";

    /// <summary>The kernel is asked once for those that go together.</summary>
    public int MaximumMessageLength
    {
        get
        {
            if (!_batch.IsEmpty && _maximumLength > 0)
                return _maximumLength;
            bool isIPv6 = _socket.AddressFamily == AddressFamily.InterNetworkV6;
            int headers = (isIPv6 ? 40 : 20) + UdpHeaderLength;
            return _maximumLength = Math.Min(Math.Max(PathMtu(isIPv6), DefaultMtu) - headers, LongestMessage);
        }
    }

    /// <summary>Finds the collector's addresses and takes the first that there is a route to.</summary>
    public static async Task<ITransport> ConnectAsync(CollectorAddress collector, CancellationToken cancellation)
    {
        string problem = $"no address for the collector name '{collector.Host}'";
        foreach (IPAddress address in await Transports.ResolveAsync(collector.Host, cancellation).ConfigureAwait(false))
        {
            Socket socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                // Of a datagram socket: looks for a route, sends nothing, does not wait.
                socket.Connect(new IPEndPoint(address, collector.Port));
                socket.Blocking = false;
                return new UdpTransport(socket);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                problem = $"no way to the collector at {address}: {exception.Message}";
            }
        }
        throw new IOException(problem);
    }

    public SocketError Send(ReadOnlySpan<byte> message)
    {
        SocketError error = _batch.IsFull ? Flush() : SocketError.Success;
        if (error == SocketError.Success)
            _batch.Add(message);
        return error;
    }

    public SocketError Flush()
    {
        if (_batch.IsEmpty)
            return SocketError.Success;
        Delivered += (ulong)_batch.Send(_socket.SafeHandle, out SocketError error);
        if (_batch.IsEmpty || error != SocketError.Success)
            return error;
        // Why it has stopped the kernel does not tell; what ICMP has said, if it was that, is forgotten.
        return _socket.Poll(0, SelectMode.SelectWrite) ? SocketError.ConnectionRefused : SocketError.WouldBlock;
    }

    public SocketError TakeError()
    {
        try
        {
            // SO_ERROR, which reading clears.
            return (SocketError)(int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _batch.Dispose();
    }

    private int PathMtu(bool isIPv6)
    {
        try
        {
            int mtu = 0;
            Span<byte> value = MemoryMarshal.AsBytes(new Span<int>(ref mtu));
            int length = isIPv6
                ? _socket.GetRawSocketOption(IPPROTO_IPV6, IPV6_MTU, value)
                : _socket.GetRawSocketOption(IPPROTO_IP, IP_MTU, value);
            return length == sizeof(int) ? mtu : DefaultMtu;
        }
        catch (SocketException)
        {
            return DefaultMtu;
        }
    }
}
