using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.Linux;
using XdpTop.Native;
using static Tmds.Linux.LibC;
using static XdpTop.Native.IfAddrs;

namespace XdpTop.Capture;

/// <summary>Whether, and how, the host uses an interface itself, so that it must not lose the interface's packets.</summary>
internal static class HostUse
{
    private const string Upper = "upper_"; // a VLAN or whatever else is built on it

    /// <summary>As "address 10.0.0.1", "route to 10.1.0.0/16", "by the interface br0"; null if the host does not use it.</summary>
    public static string? Of(NetworkInterface observed)
    {
        if (observed.IsLoopback)
            return "it is the loopback interface";
        // Not by /sys, which is of another network namespace after nsenter(1).
        if (LinkState.Read(observed.Name) is { Master: > 0 and var master })
            return $"by the interface {Links.NameOf(master)}";
        string directory = $"/sys/class/net/{observed.Name}";
        string? upper = Directory.Exists(directory) ? Directory.EnumerateFileSystemEntries(directory, Upper + "*").FirstOrDefault() : null;
        if (upper is not null)
            return $"by the interface {Path.GetFileName(upper)[Upper.Length..]}";
        IPAddress? address = Addresses(observed.Name).FirstOrDefault(a => !IsLinkLocal(a));
        return address is not null ? $"address {address}" : Route(observed.Name);
    }

    /// <summary>Whether the SSH session that this program was started in comes in by the interface.</summary>
    public static bool CarriesSshSession(NetworkInterface observed) =>
        SshConnection() is { } connection && LocalAddress(connection) is { } local && Addresses(observed.Name).Contains(local);

    /// <summary>"client address, client port, server address, server port", in one string; null where there are no four.</summary>
    internal static IPAddress? LocalAddress(string connection) =>
        connection.Split(' ') is [_, _, string address, _] && IPAddress.TryParse(address, out IPAddress? local) ? local : null;

    /// <summary>By getifaddrs(3): .NET's own way reads /etc/resolv.conf, too, and fails where there is none.</summary>
    private static unsafe List<IPAddress> Addresses(string name)
    {
        ifaddrs* first;
        if (getifaddrs(&first) != 0)
            throw NativeException.FromErrno($"asking for the addresses of {name}", "try again, or give --mode");
        List<IPAddress> addresses = [];
        for (ifaddrs* one = first; one != null; one = one->ifa_next)
        {
            if (one->ifa_addr == null || Marshal.PtrToStringUTF8((nint)one->ifa_name) != name)
                continue;
            if (*one->ifa_addr == AF_INET)
                addresses.Add(new IPAddress(new ReadOnlySpan<byte>(&((sockaddr_in*)one->ifa_addr)->sin_addr, sizeof(in_addr))));
            if (*one->ifa_addr == AF_INET6 && (sockaddr_in6*)one->ifa_addr is var address)
                addresses.Add(new IPAddress(new ReadOnlySpan<byte>(&address->sin6_addr, sizeof(in6_addr)), address->sin6_scope_id));
        }
        freeifaddrs(first);
        return addresses;
    }

    /// <summary>sshd's SSH_CONNECTION; sudo hides it from this process, but not from those that started sudo.</summary>
    private static string? SshConnection()
    {
        const string Variable = "SSH_CONNECTION";
        if (Environment.GetEnvironmentVariable(Variable) is { } own)
            return own;
        try
        {
            for (int process = Parent("self"); process > 1; process = Parent($"{process}"))
            {
                string? line = File.ReadAllText($"/proc/{process}/environ").Split('\0').FirstOrDefault(v => v.StartsWith(Variable + "=", StringComparison.Ordinal));
                if (line is not null)
                    return line[(Variable.Length + 1)..];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is for a warning only.
        }
        return null;

        // In proc(5)'s stat: after the name in brackets the state, then the parent.
        static int Parent(string process) =>
            File.ReadAllText($"/proc/{process}/stat") is var stat
                ? int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture)
                : 0;
    }

    /// <summary>
    /// By proc(5): in route the interface comes first, then the destination, and as the eighth the mask, in the machine's
    /// byte order; in ipv6_route the destination and its prefix's length come first, the interface last.
    /// </summary>
    private static string? Route(string name)
    {
        foreach (string[] fields in Lines("/proc/net/route").Where(fields => fields.Length > 7 && fields[0] == name))
        {
            IPAddress destination = new(Number(fields[1]));
            if (!IsLinkLocal(destination))
                return $"route to {destination}/{uint.PopCount(Number(fields[7]))}";
        }
        foreach (string[] fields in Lines("/proc/net/ipv6_route").Where(fields => fields.Length > 1 && fields[^1] == name))
        {
            IPAddress destination = new(Convert.FromHexString(fields[0]));
            if (!destination.IsIPv6LinkLocal && !destination.IsIPv6Multicast)
                return $"route to {destination}/{Number(fields[1])}";
        }
        return null;

        static IEnumerable<string[]> Lines(string file) =>
            File.Exists(file) ? File.ReadLines(file).Select(line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)) : [];

        static uint Number(string hexadecimal) => uint.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static bool IsLinkLocal(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6
            ? address.IsIPv6LinkLocal
            : address.GetAddressBytes() is [169, 254, ..];
}
