namespace XdpTop.Cli;

/// <summary>How packets are had from an interface.</summary>
internal enum CaptureMode
{
    /// <summary>Tap where the host uses the interface, else redirect, and tap where that cannot be had.</summary>
    Auto,

    /// <summary>By AF_XDP sockets: the host gets none of them.</summary>
    Redirect,

    /// <summary>Copies of their first octets, by programs at the ingress and egress of the interface: the host gets all of them.</summary>
    Tap,
}
