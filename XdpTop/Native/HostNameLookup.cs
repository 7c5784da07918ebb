using System.Net;
using System.Text;

namespace XdpTop.Native;

/// <summary>Asks the system for a host's name, as it is set up to be asked: /etc/hosts, DNS and what else nsswitch.conf(5) has.</summary>
internal static class HostNameLookup
{
    /// <summary>
    /// Waits for the answer, for many seconds if need be. Gives the name as it came, which is not to be shown as it is; null
    /// where there is none.
    /// </summary>
    public static string? Resolve(IPAddress address)
    {
        SocketAddress socketAddress = new IPEndPoint(address, 0).Serialize();
        ReadOnlySpan<byte> bytes = socketAddress.Buffer.Span[..socketAddress.Size];
        Span<byte> host = stackalloc byte[Netdb.NI_MAXHOST];
        if (Netdb.getnameinfo(bytes, (uint)bytes.Length, host, (uint)host.Length, 0, 0, Netdb.NI_NAMEREQD) != 0)
            return null;
        return Encoding.UTF8.GetString(host[..host.IndexOf((byte)0)]);
    }
}
