using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using XdpTop.Native;
using XdpTop.Packets;
using static Tmds.Linux.LibC;
using static XdpTop.Native.Ethtool;
using static XdpTop.Native.NetIf;
using SystemInterface = System.Net.NetworkInformation.NetworkInterface;

namespace XdpTop.Capture;

/// <summary>A network interface as xdptop finds it. What can change is asked for anew at each look.</summary>
internal sealed unsafe class NetworkInterface
{
    private NetworkInterface(string name, int index)
    {
        Name = name;
        Index = index;
    }

    public string Name { get; }

    /// <summary>The kernel's number of the interface: ingressInterface (10).</summary>
    public int Index { get; }

    /// <summary>RX queues in use now: they are numbered from 0. At least 1.</summary>
    public int RxQueues
    {
        get
        {
            ethtool_channels channels = new() { cmd = ETHTOOL_GCHANNELS };
            if (Ask(SIOCETHTOOL, new ifreq { ifr_data = &channels }, out _))
                return (int)Math.Max(1, channels.rx_count + channels.combined_count);
            // Without the ioctl: lo, tunnels, old drivers.
            string queues = $"/sys/class/net/{Name}/queues";
            return Directory.Exists(queues) ? Math.Max(1, Directory.GetDirectories(queues, "rx-*").Length) : 1;
        }
    }

    /// <summary>The link's speed in Mbit/s; 0 where the driver does not say.</summary>
    public long Megabits =>
        long.TryParse(Attribute("speed"), CultureInfo.InvariantCulture, out long speed) ? Math.Max(speed, 0) : 0;

    /// <summary>The largest IP packet in octets; 0 if the interface has gone.</summary>
    public int Mtu => LinkState.Read(Name)?.Mtu ?? 0;

    /// <summary>What its owner says of it, the kernel's ifalias; empty if nothing.</summary>
    public string Description => Attribute("ifalias");

    /// <summary>The driver's name, as "ixgbe" or "veth"; empty where the interface has none.</summary>
    public string Driver
    {
        get
        {
            ethtool_drvinfo info = new() { cmd = ETHTOOL_GDRVINFO };
            if (!Ask(SIOCETHTOOL, new ifreq { ifr_data = &info }, out _))
                return "";
            ReadOnlySpan<byte> driver = info.driver;
            int end = driver.IndexOf((byte)0);
            return Encoding.ASCII.GetString(end < 0 ? driver : driver[..end]);
        }
    }

    /// <summary>ARPHRD_…: what kind of interface it is, and so what its frames begin with.</summary>
    public ushort HardwareType
    {
        get
        {
            if (!Ask(SIOCGIFHWADDR, default, out ifreq answer))
                return ARPHRD_ETHER;
            return MemoryMarshal.Read<ushort>(answer.ifr_hwaddr);
        }
    }

    public bool IsLoopback => HardwareType == ARPHRD_LOOPBACK;

    /// <summary>What its frames begin with: nothing before IP but for Ethernet, and lo, which is like it.</summary>
    public LinkType LinkType => HardwareType is ARPHRD_ETHER or ARPHRD_LOOPBACK ? LinkType.Ethernet : LinkType.RawIp;

    /// <summary>Whether it is set up. False also when it is gone.</summary>
    public bool IsUp => (Flags & IFF_UP) != 0;

    /// <summary>Whether it can carry packets: up, and with a carrier, of which the kernel tells with some delay (up to 1 s).</summary>
    public bool IsRunning => (Flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);

    /// <summary>What sysfs says; empty where it does not.</summary>
    private string Attribute(string name)
    {
        try
        {
            return File.ReadAllText($"/sys/class/net/{Name}/{name}").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // as EINVAL, of an interface that is down
        }
    }

    private short Flags => Ask(SIOCGIFFLAGS, default, out ifreq answer) ? answer.ifr_flags : (short)0;

    /// <summary>
    /// Switches GRO on. A veth then takes frames of the peer's XDP programs, which it else does only with an XDP program of
    /// its own. False if the driver does not.
    /// </summary>
    public bool EnableGro()
    {
        ethtool_value gro = new() { cmd = ETHTOOL_SGRO, data = 1 };
        return Ask(SIOCETHTOOL, new ifreq { ifr_data = &gro }, out _);
    }

    /// <summary>Finds an interface by its name, or by an alternative one (ip link property add dev … altname).</summary>
    /// <exception cref="NativeException">There is none: the sentence names those that there are.</exception>
    public static NetworkInterface Find(string name)
    {
        int index = Links.IndexOf(name);
        if (index > 0 && Links.NameOf(index) is { } own)
            return new NetworkInterface(own, index);
        string[] names = [.. SystemInterface.GetAllNetworkInterfaces().Select(i => i.Name).Order(StringComparer.Ordinal)];
        string? closest = ClosestTo(name, names);
        throw new NativeException(
            $"there is no interface '{name}'" + (closest is null ? "" : $"; did you mean '{closest}'?") + $" (there are: {string.Join(", ", names)})");
    }

    /// <summary>The one name that a typing error or two away from this; null if none is.</summary>
    internal static string? ClosestTo(string name, IEnumerable<string> names)
    {
        const int MostErrors = 2;
        (string? closest, int errors) = names
            .Select(candidate => ((string?)candidate, Distance(name, candidate)))
            .DefaultIfEmpty((null, int.MaxValue))
            .MinBy(c => c.Item2);
        return errors <= Math.Min(MostErrors, name.Length / 2) ? closest : null;
    }

    /// <summary>Levenshtein's: letters to insert, delete or replace.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }

    /// <summary>An ioctl about this interface. False when the driver has no answer, or the interface is gone.</summary>
    internal bool Ask(int request, ifreq question, out ifreq answer)
    {
        answer = question;
        Encoding.UTF8.TryGetBytes(Name, answer.ifr_name, out _); // it was found by this name, so it fits
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            return false;
        fixed (ifreq* argument = &answer)
        {
            bool answered = ioctl(fd, request, argument) == 0;
            _ = close(fd);
            return answered;
        }
    }
}
