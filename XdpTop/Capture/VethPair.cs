namespace XdpTop.Capture;

/// <summary>Two connected links for traffic of one's own. They are removed by <see cref="Dispose"/>.</summary>
internal sealed class VethPair : IDisposable
{
    private VethPair(string name, string peer)
    {
        Name = name;
        Peer = peer;
    }

    public string Name { get; }

    public string Peer { get; }

    /// <summary>Makes the pair and sets both ends up. Links of these names that an earlier run left are removed first.</summary>
    /// <param name="name">One end's name, up to 15 bytes.</param>
    /// <param name="peer">The other end's.</param>
    /// <param name="queues">RX and TX queues of each end.</param>
    public static VethPair Create(string name, string peer, int queues)
    {
        Links.Delete(name);
        Links.Delete(peer);
        Links.CreateVethPair(name, peer, queues);
        VethPair pair = new(name, peer);
        try
        {
            foreach (string end in (string[])[name, peer])
            {
                DisableIPv6(end);
                Links.SetUp(end, true);
            }
        }
        catch
        {
            pair.Dispose();
            throw;
        }
        return pair;
    }

    public void Dispose() => Links.Delete(Name);

    /// <summary>Keeps the kernel's own IPv6 packets (router solicitations and the like) off the link, where it can.</summary>
    private static void DisableIPv6(string name)
    {
        try
        {
            File.WriteAllText($"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No IPv6, or /proc is read-only: a few more packets, nothing else.
        }
    }
}
