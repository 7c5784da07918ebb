using System.Net;
using System.Net.Sockets;

namespace XdpTop.Tests;

/// <summary>Ports of this host for tests that run side by side.</summary>
internal static class FreePort
{
    /// <summary>
    /// Where tests send what nobody is to take. Others listen at 127.0.0.1: a port that was free can be theirs a moment later.
    /// </summary>
    public static readonly IPAddress AddressOfNobody = IPAddress.Parse("127.0.0.3");

    /// <summary>A port of 127.0.0.1 that nobody uses, for UDP and TCP.</summary>
    public static int Find()
    {
        while (true)
        {
            using Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            using Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            try
            {
                tcp.Bind(udp.LocalEndPoint!);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue;
            }
            return ((IPEndPoint)udp.LocalEndPoint!).Port;
        }
    }
}
