using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using XdpTop.Capture;
using XdpTop.Memory;
using XdpTop.Monitoring;
using XdpTop.Native;
using NetworkInterface = XdpTop.Capture.NetworkInterface;
using SystemInterface = System.Net.NetworkInformation.NetworkInterface;

namespace XdpTop.Cli;

/// <summary>One interface in redirect mode: its XDP program and its sockets, which the workers own.</summary>
internal sealed class ObservedInterface : IDisposable
{
    private readonly NetworkInterface _interface;
    private readonly Options _options;
    private readonly XdpProgram _program;
    private readonly List<XskSocket> _sockets = [];

    /// <exception cref="NativeException">There is no such interface, the host uses it, or XDP cannot be had.</exception>
    public ObservedInterface(string name, Options options)
    {
        _options = options;
        _interface = NetworkInterface.Find(name);
        if (!options.TakeOver && UseByHost(name) is { } use)
        {
            throw new NativeException(
                $"capturing from {name} would take its packets away from this host, which uses it ({use}): give --take-over if that is wanted");
        }
        int queues = _interface.RxQueues;
        Queues = options.Queues.Count > 0 ? options.Queues : [.. Enumerable.Range(0, queues)];
        foreach (int queue in Queues)
        {
            if (queue >= queues)
                throw new NativeException($"{name} has no RX queue {queue}: give queues from 0 to {queues - 1} with --queues");
        }
        _program = XdpProgram.Attach(name, _interface.Index, queues, options.Attach);
    }

    public string Name => _interface.Name;

    /// <summary>The name as it can go to a terminal.</summary>
    public string SafeName => SafeText.Clean(Name);

    /// <summary>ifIndex.</summary>
    public int Index => _interface.Index;

    /// <summary>RX queues to read.</summary>
    public IReadOnlyList<int> Queues { get; }

    /// <summary>Frames of queues that are not read.</summary>
    public ulong LeftToHost => _program.Passed;

    public bool IsGone => Links.IndexOf(Name) != Index;

    /// <summary>As it is now.</summary>
    public InterfaceStatus Status => new()
    {
        Name = SafeName,
        Mode = "redirect",
        Attach = _program.IsNative ? "native" : "skb",
        Bind = _sockets.TrueForAll(socket => socket.IsZeroCopy) ? "zero-copy" : "copy",
        Queues = Queues.Count,
        Notice = _interface.IsUp ? _interface.IsRunning ? "" : "no carrier: waiting" : IsGone ? "gone" : "down: waiting",
    };

    /// <summary>Makes the queue's socket. No frame goes to it before <see cref="StartRedirect"/>.</summary>
    public XskSocket OpenSocket(int queue)
    {
        XskSocket socket = new(Name, Index, queue, _options.Xsk.SizedFor(_interface.Megabits, Queues.Count, MappedMemory.Available / 4));
        _sockets.Add(socket);
        return socket;
    }

    public void StartRedirect() => _sockets.ForEach(socket => _program.Redirect(socket.Queue, socket));

    public void Detach() => _program.Detach();

    /// <summary>After the workers have ended.</summary>
    public void Dispose() => _program.Dispose();

    /// <summary>How the host uses the interface, as "address 10.0.0.1"; null if it does not.</summary>
    internal static string? UseByHost(string name)
    {
        const string Upper = "upper_"; // a bridge or bond that it is part of, a VLAN or whatever else is built on it
        string directory = $"/sys/class/net/{name}";
        string? upper = Directory.Exists(directory) ? Directory.EnumerateFileSystemEntries(directory, Upper + "*").FirstOrDefault() : null;
        if (upper is not null)
            return $"by the interface {Path.GetFileName(upper)[Upper.Length..]}";
        SystemInterface? system = SystemInterface.GetAllNetworkInterfaces().FirstOrDefault(i => i.Name == name);
        UnicastIPAddressInformation? address = system?.GetIPProperties().UnicastAddresses.FirstOrDefault(a => !IsLinkLocal(a.Address));
        if (address is not null)
            return $"address {address.Address}";
        return CarriesRoute(name) ? "for a route" : null;
    }

    /// <summary>By proc(5): in route the interface comes first, then the destination, its bytes from the last to the first; in ipv6_route the destination comes first, the interface last.</summary>
    private static bool CarriesRoute(string name)
    {
        return Lines("/proc/net/route").Any(fields => fields[0] == name && !fields[1].EndsWith("FEA9", StringComparison.Ordinal))
            || Lines("/proc/net/ipv6_route").Any(fields => fields[^1] == name && !IsLinkLocalOrMulticast(fields[0]));

        static IEnumerable<string[]> Lines(string file) =>
            File.Exists(file) ? File.ReadLines(file).Select(line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(fields => fields.Length > 1) : [];

        static bool IsLinkLocalOrMulticast(string destination) =>
            destination.StartsWith("fe8", StringComparison.Ordinal) || destination.StartsWith("ff", StringComparison.Ordinal);
    }

    private static bool IsLinkLocal(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6
            ? address.IsIPv6LinkLocal
            : address.GetAddressBytes() is [169, 254, ..];
}
