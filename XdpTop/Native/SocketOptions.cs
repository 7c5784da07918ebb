namespace XdpTop.Native;

/// <summary>asm-generic/socket.h: the options of busy polling that Tmds.LibC lacks; C names kept.</summary>
internal static class SocketOptions
{
    /// <summary>Leaves the driver to those who poll it, as long as they do. Linux 5.11.</summary>
    public const int SO_PREFER_BUSY_POLL = 69;

    /// <summary>Packets that one poll may take. Linux 5.11.</summary>
    public const int SO_BUSY_POLL_BUDGET = 70;
}
