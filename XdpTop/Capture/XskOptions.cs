namespace XdpTop.Capture;

/// <summary>How AF_XDP sockets are made.</summary>
internal sealed record XskOptions
{
    /// <summary>The kernel puts 256 bytes of headroom before a frame, inside its chunk.</summary>
    public const int KernelHeadroom = 256;

    /// <summary>Octets of a UMEM chunk, 2,048 or 4,096: it holds a frame of so many octets less <see cref="KernelHeadroom"/>.</summary>
    public int FrameSize { get; init; } = 2048;

    /// <summary>Frames in the UMEM and so in the fill ring: a power of two.</summary>
    public int Frames { get; init; } = 32768;

    /// <summary>Descriptors in the RX ring: a power of two.</summary>
    public int RingSize { get; init; } = 32768;

    public BindMode Bind { get; init; } = BindMode.Auto;
}

/// <summary>How the kernel hands over frames.</summary>
internal enum BindMode
{
    /// <summary>Zero-copy where the driver can, else copy; the kernel tries in this order.</summary>
    Auto,
    ZeroCopy,
    Copy,
}

/// <summary>How a program is attached: an XDP program to redirect, or those of traffic control to tap.</summary>
internal enum AttachMode
{
    /// <summary>Native where the driver can, else skb; tcx where the kernel can, else clsact.</summary>
    Auto,

    /// <summary>XDP in the driver, before the kernel makes an skb of the frame.</summary>
    Native,

    /// <summary>"Generic XDP": on the kernel's skb; any interface can, at a price.</summary>
    Skb,

    /// <summary>By bpf_links at the interface's tcx hooks (from Linux 6.6 on).</summary>
    Tcx,

    /// <summary>As filters of a clsact qdisc.</summary>
    Clsact,
}
