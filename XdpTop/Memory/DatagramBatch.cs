using System.Net.Sockets;
using System.Runtime.InteropServices;
using XdpTop.Native;
using static XdpTop.Native.SysSocket;

namespace XdpTop.Memory;

/// <summary>
/// Datagrams that go to a connected socket by one system call, in order. Those that the kernel does not take stay first.
/// Used by one thread, which owns it.
/// </summary>
internal sealed unsafe class DatagramBatch : IDisposable
{
    private readonly int _capacity;
    private readonly int _longest;
    private readonly MappedMemory _memory; // headers, vectors, then the datagrams' places
    private int _first;
    private int _end;

    /// <param name="capacity">Datagrams.</param>
    /// <param name="longest">Octets of a datagram at most.</param>
    public DatagramBatch(int capacity, int longest)
    {
        _capacity = capacity;
        _longest = longest;
        _memory = MappedMemory.Allocate((nuint)(capacity * (sizeof(mmsghdr) + sizeof(iovec) + longest)), "messages to a collector");
        for (int i = 0; i < capacity; i++)
        {
            Vectors[i].iov_base = Places + i * longest;
            Headers[i].msg_hdr.msg_iov = &Vectors[i];
            Headers[i].msg_hdr.msg_iovlen = 1;
        }
    }

    public bool IsEmpty => _first == _end;

    /// <summary>There is no place until all have gone.</summary>
    public bool IsFull => _end == _capacity;

    private mmsghdr* Headers => (mmsghdr*)_memory.Pointer;

    private iovec* Vectors => (iovec*)(Headers + _capacity);

    private byte* Places => (byte*)(Vectors + _capacity);

    /// <summary>Copies a datagram behind the others; it must not be full.</summary>
    public void Add(ReadOnlySpan<byte> datagram)
    {
        datagram.CopyTo(new Span<byte>(Places + _end * _longest, _longest));
        Vectors[_end++].iov_len = (nuint)datagram.Length;
    }

    /// <summary>Hands over as many as the kernel takes; gives how many.</summary>
    /// <param name="error">Why it took none; Success if it took some, even if not all.</param>
    public int Send(SafeHandle socket, out SocketError error)
    {
        int errno;
        int sent;
        do
        {
            sent = sendmmsg(socket, Headers + _first, (uint)(_end - _first), 0);
            errno = sent < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (errno == Errno.EINTR);
        _first += Math.Max(sent, 0);
        if (IsEmpty)
            _first = _end = 0;
        error = errno switch
        {
            0 => SocketError.Success,
            Errno.EAGAIN => SocketError.WouldBlock,
            Errno.ENOBUFS => SocketError.NoBufferSpaceAvailable,
            Errno.ECONNREFUSED => SocketError.ConnectionRefused,
            Errno.EPERM or Errno.EACCES => SocketError.AccessDenied,
            Errno.EMSGSIZE => SocketError.MessageSize,
            Errno.ENETDOWN => SocketError.NetworkDown,
            Errno.ENETUNREACH => SocketError.NetworkUnreachable,
            Errno.EHOSTUNREACH => SocketError.HostUnreachable,
            Errno.EINVAL => SocketError.InvalidArgument,
            _ => SocketError.SocketError,
        };
        return Math.Max(sent, 0);
    }

    public void Dispose() => _memory.Dispose();
}
