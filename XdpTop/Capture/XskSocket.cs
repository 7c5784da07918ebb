using Tmds.Linux;
using XdpTop.Native;
using XdpTop.Packets;
using static Tmds.Linux.LibC;
using static XdpTop.Native.IfXdp;
using static XdpTop.Native.SocketOptions;

namespace XdpTop.Capture;

/// <summary>
/// An AF_XDP socket with a UMEM of its own: the frames of one RX queue, without a copy in user space.
/// https://docs.kernel.org/networking/af_xdp.html. Made by any thread, then used by one worker;
/// <see cref="ReadStatistics"/> and <see cref="RingFill"/> are for any thread.
/// </summary>
internal sealed unsafe class XskSocket : IFrameSource
{
    // The kernel wants a completion ring though nothing is sent.
    private const int CompletionRingSize = 64;

    private const int BusyPollMicroseconds = 20; // of a receive that would block; those here do not
    private const int BusyPollBudget = 64; // frames, as many as a batch

    /// <summary>Fields of struct xdp_statistics.</summary>
    public const int StatisticsFields = 6;

    private readonly string _name;
    private readonly int _socket;
    private readonly Umem _umem;
    private readonly List<(nint Address, ulong Length)> _mappings = [];
    private readonly XskRings _rings;
    private readonly WaitMode _wait;

    /// <param name="options">Sized.</param>
    /// <exception cref="NativeException">No rights, no such queue, no such mode, or no memory.</exception>
    public XskSocket(NetworkInterface target, int queue, XskOptions options)
    {
        Queue = queue;
        LinkType = target.LinkType;
        _wait = options.Wait;
        _name = $"queue {queue} of {target.Name}";
        _socket = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (_socket < 0)
            throw NativeException.FromErrno("opening an AF_XDP socket", "it takes CAP_NET_RAW and Linux 5.4 or newer: use sudo");
        int frames = options.Frames!.Value;
        int ringSize = options.RingSize!.Value;
        try
        {
            _umem = new Umem(frames, options.FrameSize);
            RegisterUmem();
            SetRingSize(XDP_UMEM_FILL_RING, frames);
            SetRingSize(XDP_UMEM_COMPLETION_RING, CompletionRingSize);
            SetRingSize(XDP_RX_RING, ringSize);
            xdp_mmap_offsets offsets = MmapOffsets();
            RingMemory fill = Map(XDP_UMEM_PGOFF_FILL_RING, in offsets.fr, frames, sizeof(ulong));
            RingMemory rx = Map(XDP_PGOFF_RX_RING, in offsets.rx, ringSize, sizeof(xdp_desc));
            _rings = new XskRings(fill, rx, _umem.Pointer, options.FrameSize, options.MultiBuffer);
            _rings.Supply(frames);
            if (_wait == WaitMode.BusyPoll)
                PreferBusyPolling();
            Bind(target, options);
            IsZeroCopy = (Options() & XDP_OPTIONS_ZEROCOPY) != 0;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Queue { get; }

    /// <summary>For the XSKMAP.</summary>
    public int FileDescriptor => _socket;

    /// <summary>What the driver really does, read back from the kernel.</summary>
    public bool IsZeroCopy { get; }

    /// <summary>The memory that frames are received into.</summary>
    public Umem Umem => _umem;

    public LinkType LinkType { get; }

    public bool Ended => false;

    public long Now => CaptureClock.Now;

    /// <summary>Frames that wait in the RX ring. Any thread may ask.</summary>
    public int RingFill => _rings.Fill;

    public int RingSize => _rings.Size;

    /// <summary>
    /// The driver's NAPI that frames came by, which is what busy polling runs; 0 before the first frame, and where the driver
    /// does not tell. Any thread.
    /// </summary>
    public uint IncomingNapi
    {
        get
        {
            uint napi = 0;
            socklen_t size = sizeof(uint);
            return getsockopt(_socket, SOL_SOCKET, SO_INCOMING_NAPI_ID, &napi, &size) == 0 ? napi : 0;
        }
    }

    public int Receive(Span<Frame> frames) => _rings.Receive(frames);

    public void Release()
    {
        _rings.Release();
        if (_rings.NeedsWakeup)
            Poll(0);
    }

    public void Wait(int milliseconds)
    {
        switch (_wait)
        {
            case WaitMode.BusyPoll:
                // With nothing to read: the kernel has the driver look for frames, and wakes it if it has to be.
                _ = recv(_socket, null, 0, MSG_DONTWAIT);
                break;
            case WaitMode.Spin:
                if (_rings.NeedsWakeup)
                    Poll(0);
                Thread.SpinWait(1);
                break;
            default:
                Poll(milliseconds);
                break;
        }
    }

    /// <summary>
    /// XDP_STATISTICS: the fields of struct xdp_statistics in their order. Gives how many of them the kernel has: three
    /// before Linux 5.9, then six. Any thread.
    /// </summary>
    public int ReadStatistics(Span<ulong> fields)
    {
        xdp_statistics statistics = default;
        socklen_t size = sizeof(xdp_statistics);
        if (getsockopt(_socket, SOL_XDP, XDP_STATISTICS, &statistics, &size) != 0)
            return 0;
        int count = (int)(uint)size / sizeof(ulong);
        new ReadOnlySpan<ulong>(&statistics, count).CopyTo(fields);
        return count;
    }

    public void Dispose()
    {
        foreach ((nint address, ulong length) in _mappings)
            _ = munmap((void*)address, (size_t)length);
        _mappings.Clear();
        _ = close(_socket);
        _umem?.Dispose();
    }

    private void Poll(int milliseconds)
    {
        pollfd request = new() { fd = _socket, events = POLLIN };
        _ = poll(&request, 1, milliseconds); // an interruption is as good as a time-out: the caller looks again
    }

    private void PreferBusyPolling()
    {
        foreach ((int option, int value) in (ReadOnlySpan<(int, int)>)[(SO_PREFER_BUSY_POLL, 1), (SO_BUSY_POLL, BusyPollMicroseconds), (SO_BUSY_POLL_BUDGET, BusyPollBudget)])
        {
            if (setsockopt(_socket, SOL_SOCKET, option, &value, sizeof(int)) != 0)
                throw NativeException.FromErrno($"switching on busy polling for {_name}", "it takes CAP_NET_ADMIN and Linux 5.11 or newer: use --wait poll or spin");
        }
    }

    private void RegisterUmem()
    {
        xdp_umem_reg registration = new()
        {
            addr = (ulong)_umem.Pointer,
            len = _umem.Length,
            chunk_size = (uint)_umem.FrameSize,
        };
        if (setsockopt(_socket, SOL_XDP, XDP_UMEM_REG, &registration, sizeof(xdp_umem_reg)) != 0)
        {
            throw NativeException.FromErrno(
                $"registering {_umem.Length >> 20} MiB of frames for {_name}",
                "raise RLIMIT_MEMLOCK (ulimit -l unlimited), or ask for fewer or other frames with --frames and --frame-size");
        }
    }

    private void SetRingSize(int option, int size)
    {
        if (setsockopt(_socket, SOL_XDP, option, &size, sizeof(int)) != 0)
            throw NativeException.FromErrno($"making a ring of {size} descriptors for {_name}", "ask for another power of two with --ring-size or --frames");
    }

    private xdp_mmap_offsets MmapOffsets()
    {
        xdp_mmap_offsets offsets = default;
        socklen_t size = sizeof(xdp_mmap_offsets);
        if (getsockopt(_socket, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &size) != 0 || size != sizeof(xdp_mmap_offsets))
            throw NativeException.FromErrno($"asking for the layout of the rings of {_name}", "this takes Linux 5.4 or newer");
        return offsets;
    }

    private RingMemory Map(long pageOffset, ref readonly xdp_ring_offset offset, int descriptors, int descriptorSize)
    {
        ulong length = offset.desc + (ulong)descriptors * (ulong)descriptorSize;
        void* mapping = mmap(null, (size_t)length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, _socket, pageOffset);
        if (mapping == MAP_FAILED)
            throw NativeException.FromErrno($"mapping a ring of {_name}", "ask for smaller rings with --ring-size and --frames");
        _mappings.Add(((nint)mapping, length));
        byte* start = (byte*)mapping;
        return new RingMemory(
            (uint*)(start + offset.producer),
            (uint*)(start + offset.consumer),
            (uint*)(start + offset.flags),
            start + offset.desc,
            (uint)descriptors);
    }

    private void Bind(NetworkInterface target, XskOptions options)
    {
        BindMode mode = options.Bind;
        sockaddr_xdp address = new()
        {
            sxdp_family = AF_XDP,
            sxdp_ifindex = (uint)target.Index,
            sxdp_queue_id = (uint)Queue,
            // With neither of the two modes the kernel tries zero-copy first, then copy.
            sxdp_flags = (ushort)(XDP_USE_NEED_WAKEUP | (options.MultiBuffer ? XDP_USE_SG : 0) | mode switch
            {
                BindMode.ZeroCopy => XDP_ZEROCOPY,
                BindMode.Copy => XDP_COPY,
                _ => 0,
            }),
        };
        if (bind(_socket, (sockaddr*)&address, sizeof(sockaddr_xdp)) == 0)
            return;
        int errno = LibC.errno;
        throw new NativeException($"binding an AF_XDP socket to {_name}", errno, errno switch
        {
            Errno.EBUSY => "another program has a socket there: end it",
            Errno.EINVAL => "there may be no such RX queue ('ethtool -l' tells how many there are)",
            Errno.EOPNOTSUPP when mode == BindMode.ZeroCopy && options.MultiBuffer =>
                $"its driver has no zero-copy, or none of frames in several buffers: use --bind auto, or 'ip link set {target.Name} mtu {options.LargestMtu}'",
            Errno.EOPNOTSUPP when mode == BindMode.ZeroCopy => "its driver has no zero-copy: use --bind auto",
            Errno.EPERM => "it takes CAP_NET_RAW: use sudo",
            _ => "see 'ethtool -i' for the driver, and try --bind copy",
        });
    }

    private uint Options()
    {
        xdp_options options = default;
        socklen_t size = sizeof(xdp_options);
        return getsockopt(_socket, SOL_XDP, XDP_OPTIONS, &options, &size) == 0 ? options.flags : 0;
    }
}
