using Tmds.Linux;
using XdpTop.Native;
using static Tmds.Linux.LibC;

namespace XdpTop.Capture;

/// <summary>
/// While this lives the interface takes frames to all hardware addresses and of all VLANs: those of a mirror port are
/// addressed to others. The kernel counts who asks for it (packet(7)), and undoes it when this process ends, however it does.
/// </summary>
internal sealed unsafe class PromiscuousMode : IDisposable
{
    private readonly int _socket;

    /// <exception cref="NativeException">No rights, or the interface has gone.</exception>
    public PromiscuousMode(NetworkInterface target)
    {
        _socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); // of no protocol: it receives nothing
        packet_mreq membership = new() { mr_ifindex = target.Index, mr_type = (ushort)PACKET_MR_PROMISC };
        if (_socket >= 0 && setsockopt(_socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(packet_mreq)) == 0)
            return;
        int error = errno;
        Dispose();
        throw new NativeException(
            $"making {target.Name} promiscuous", error, error == Errno.EPERM ? "it takes CAP_NET_RAW: use sudo" : "the interface may have gone: see 'ip link'");
    }

    public void Dispose()
    {
        if (_socket >= 0)
            _ = close(_socket);
    }
}
