using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tmds.Linux;
using XdpTop.Native;
using static Tmds.Linux.LibC;
using static XdpTop.Native.Netlink;
using static XdpTop.Native.RtNetlink;

namespace XdpTop.Capture;

/// <summary>
/// Waits until the kernel tells, by rtnetlink(7), that something has changed about the links of this network namespace,
/// or about their addresses. One thread waits; any may <see cref="Interrupt"/> it.
/// </summary>
internal sealed unsafe class LinkWatch : IDisposable
{
    private const int MessageOctets = 16384;
    private readonly int _socket;
    private readonly int _interrupt;

    /// <exception cref="NativeException">There are no descriptors left.</exception>
    public LinkWatch()
    {
        _interrupt = eventfd(0, EFD_CLOEXEC);
        _socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
        sockaddr_nl address = new() { nl_family = (ushort)AF_NETLINK, nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };
        if (_interrupt >= 0 && _socket >= 0 && bind(_socket, (sockaddr*)&address, sizeof(sockaddr_nl)) == 0)
            return;
        NativeException failure = NativeException.FromErrno("watching the network interfaces", "close other programs: descriptors or memory may be short");
        Dispose();
        throw failure;
    }

    /// <summary>
    /// Waits for a change, until the time is over. True if something was told; should so much have changed that the
    /// kernel could not tell all, that is one more change.
    /// </summary>
    /// <param name="removed">Gets the index of each link that has gone.</param>
    public bool Wait(int milliseconds, ICollection<int> removed)
    {
        pollfd* polled = stackalloc pollfd[] { new() { fd = _socket, events = POLLIN }, new() { fd = _interrupt, events = POLLIN } };
        if (poll(polled, 2, milliseconds) <= 0 || polled[0].revents == 0)
            return false;
        Span<byte> messages = stackalloc byte[MessageOctets];
        fixed (byte* buffer = messages)
        {
            while (true)
            {
                long received = (long)recv(_socket, buffer, messages.Length, 0);
                if (received > 0)
                    Collect(messages[..(int)received], removed);
                else if (received == 0 || errno is not (Errno.ENOBUFS or Errno.EINTR))
                    return true;
            }
        }
    }

    /// <summary>Ends this and all later waits at once.</summary>
    public void Interrupt()
    {
        ulong one = 1;
        _ = write(_interrupt, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        _ = close(_socket);
        _ = close(_interrupt);
    }

    /// <summary>Of several messages, one after the other: the links that have gone, and not merely left a bridge.</summary>
    internal static void Collect(ReadOnlySpan<byte> messages, ICollection<int> removed)
    {
        int headers = Unsafe.SizeOf<nlmsghdr>() + Unsafe.SizeOf<ifinfomsg>();
        while (messages.Length >= headers)
        {
            nlmsghdr header = MemoryMarshal.Read<nlmsghdr>(messages);
            ifinfomsg link = MemoryMarshal.Read<ifinfomsg>(messages[Unsafe.SizeOf<nlmsghdr>()..]);
            if (header.nlmsg_type == RTM_DELLINK && link.ifi_family == AF_UNSPEC)
                removed.Add(link.ifi_index);
            long next = ((long)header.nlmsg_len + NLMSG_ALIGNTO - 1) & ~(NLMSG_ALIGNTO - 1L);
            if (next < headers || next >= messages.Length)
                return;
            messages = messages[(int)next..];
        }
    }
}
