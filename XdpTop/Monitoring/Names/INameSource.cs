using XdpTop.Packets;

namespace XdpTop.Monitoring.Names;

/// <summary>Names of hosts, for the screen. Any thread may ask.</summary>
internal interface INameSource
{
    /// <summary>
    /// The host's name, if it is known by now; else null, and it is looked for in the background if there is room for one more
    /// question. So whoever draws a line asks each time it is drawn. Never waits. A name is printable ASCII, and of
    /// <see cref="HostName.MaximumLength"/> characters at most.
    /// </summary>
    string? Find(in IpAddress address, byte ipVersion);

    /// <summary>The host's name, if it is known by now; nothing is asked. For who looks at all flows, seen or not.</summary>
    string? Recall(in IpAddress address, byte ipVersion);
}
