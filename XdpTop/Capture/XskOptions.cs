using System.Numerics;
using XdpTop.Native;

namespace XdpTop.Capture;

/// <summary>How AF_XDP sockets are made.</summary>
internal sealed record XskOptions
{
    /// <summary>The kernel puts 256 bytes of headroom before a frame, inside its chunk.</summary>
    public const int KernelHeadroom = 256;

    private const double HoldUp = 0.005;        // s
    private const double ShortestFrameBits = 672; // 64 octets, preamble and gap: 14.88 Mpps at 10 Gbit/s
    private const double UsualMegabits = 10_000;
    private const double FewestFrames = 4096;
    private const double MostFrames = 1 << 20;

    /// <summary>Octets of a UMEM chunk, 2,048 or 4,096: it holds a frame of so many octets less <see cref="KernelHeadroom"/>.</summary>
    public int FrameSize { get; init; } = 2048;

    /// <summary>Frames in the UMEM and so in the fill ring: a power of two. Null: as <see cref="SizedFor"/> says.</summary>
    public int? Frames { get; init; }

    /// <summary>Descriptors in the RX ring: a power of two. Null: as many as there are frames.</summary>
    public int? RingSize { get; init; }

    public BindMode Bind { get; init; } = BindMode.Auto;

    /// <summary>
    /// Enough frames for a worker that is held up for 5 ms (by the garbage collector, or by the kernel) while its queue
    /// gets the shortest frames as fast as the link can carry them, or, of more than two queues, twice its share of them.
    /// What was asked for stays as it is.
    /// </summary>
    /// <param name="megabits">The link's speed, in Mbit/s; 0 where it is not known.</param>
    /// <param name="queues">That share the link.</param>
    /// <param name="memory">Octets that all queues' frames may take: if need be, they are fewer.</param>
    public XskOptions SizedFor(long megabits, int queues, ulong memory)
    {
        double perSecond = (megabits > 0 ? megabits : UsualMegabits) * 1e6 / ShortestFrameBits;
        double share = Math.Min(1, 2.0 / queues);
        uint frames = BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(perSecond * HoldUp * share, FewestFrames, MostFrames));
        while (frames > FewestFrames && (ulong)frames * (ulong)FrameSize * (ulong)queues > memory)
            frames /= 2;
        int chosen = Frames ?? (int)frames;
        return this with { Frames = chosen, RingSize = RingSize ?? chosen };
    }

    /// <summary>
    /// For an XDP program on skbs. The kernel would agree to zero-copy there, too, and then copy each frame twice: into an skb,
    /// and from that.
    /// </summary>
    /// <exception cref="NativeException">Zero-copy is asked for.</exception>
    public XskOptions OnSkbs(string interfaceName) =>
        Bind != BindMode.ZeroCopy
            ? this with { Bind = BindMode.Copy }
            : throw new NativeException(
                $"zero-copy from {interfaceName} in skb mode", Errno.EOPNOTSUPP, "the kernel has copied frames already there: use --attach native, or --bind auto");
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
