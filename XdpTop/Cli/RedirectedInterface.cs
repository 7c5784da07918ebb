using XdpTop.Capture;
using XdpTop.Memory;
using XdpTop.Monitoring;
using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>An interface in redirect mode: its XDP program, and its sockets, one for each RX queue that is read.</summary>
internal sealed class RedirectedInterface : InterfaceCapture
{
    private readonly XdpProgram _program;
    private readonly PromiscuousMode _promiscuous;
    private readonly XskSocket[] _sockets;
    private readonly XskSocket[][] _socketsOfWorkers;
    private readonly InterruptDeferral? _deferral;
    private readonly WaitMode _wait;
    private readonly XskOptions _xsk;

    /// <exception cref="NativeException">XDP cannot be had, or not so.</exception>
    public RedirectedInterface(NetworkInterface target, Options options)
        : base(target)
    {
        int there = RxQueues;
        int[] queues = options.Queues.Count > 0 ? [.. options.Queues] : [.. Enumerable.Range(0, there)];
        foreach (int queue in queues)
        {
            if (queue >= there)
                throw new NativeException($"{target.Name} has no RX queue {queue}: give queues from 0 to {there - 1} with --queues");
        }
        _wait = options.Xsk.Wait;
        _xsk = options.Xsk.SizedFor(target.Megabits, queues.Length, MappedMemory.Available / 4);
        _xsk = _xsk with { MultiBuffer = target.Mtu > _xsk.LargestMtu };
        try
        {
            (_program, _sockets) = Open(target, there, queues, options.Attach, _xsk);
        }
        catch (NativeException e) when (_xsk.MultiBuffer && e.IsInvalidArgument)
        {
            // The kernel has no multi-buffer for XDP (Linux 5.18), or none for AF_XDP (6.6).
            _xsk = _xsk with { MultiBuffer = false };
            (_program, _sockets) = Open(target, there, queues, options.Attach, _xsk);
        }
        try
        {
            _promiscuous = new PromiscuousMode(target);
            if (_wait == WaitMode.BusyPoll)
                _deferral = DeferInterrupts(target);
        }
        catch
        {
            _promiscuous?.Dispose();
            Close(_program, _sockets);
            throw;
        }
        Warn(JumboFrames.Examine(
            target.Name, target.Mtu, _xsk, _program.IsNative, IsZeroCopy,
            options.Attach == AttachMode.Skb ? null : XdpFeatures.Of(target.Index), DriverSettings.Gro(target)));
        Warn(QueueCoverage.Examine(target.Name, there, queues, DriverSettings.Rss(target)));
        int workers = Math.Min(WorkersFor(queues.Length, options), queues.Length);
        _socketsOfWorkers = [.. Enumerable.Range(0, workers).Select(worker => _sockets.Where((_, i) => i % workers == worker).ToArray())];
        Sources = [.. _socketsOfWorkers.Select(own => own is [XskSocket single] ? (IFrameSource)single : new XskSocketGroup(own, _wait))];
    }

    public override bool IsAttached => _program.IsAttached;

    public override int? MtuCeiling => _xsk.MultiBuffer ? null : _xsk.LargestMtu;

    public override IReadOnlyList<IFrameSource> Sources { get; }

    public override ulong LeftToHost => _program.Passed;

    public override ulong? Redirected => _program.Redirected;

    public override bool YieldsToHost(Options options) =>
        options.Mode == CaptureMode.Auto && !options.TakeOver && !options.AsksForRedirect;

    public override (ulong Octets, ulong Huge) FrameMemory => _sockets.Aggregate(
        (0UL, 0UL), ((ulong Octets, ulong Huge) sum, XskSocket socket) => (sum.Octets + socket.Umem.Length, sum.Huge + socket.Umem.ReadHugeOctets()));

    protected override InterfaceStatus ModeStatus => new()
    {
        Name = Name,
        Mode = "redirect",
        Attach = _program.IsNative ? "native" : "skb",
        Bind = IsZeroCopy ? "zero-copy" : "copy",
        Queues = _sockets.Length,
        RxQueues = RxQueues,
        MultiBuffer = _xsk.MultiBuffer,
        Wait = Word(_wait),
    };

    public override IReadOnlyList<int> QueuesOf(int worker) => [.. _socketsOfWorkers[worker].Select(socket => socket.Queue)];

    public override InterfaceWarning? FindWarning() =>
        _wait == WaitMode.BusyPoll && _program.Redirected > 0 && Array.TrueForAll(_sockets, socket => socket.IncomingNapi == 0)
            ? new InterfaceWarning(
                "not busy-polled",
                $"busy polling has no effect on {SafeText.Clean(Name)}: its driver does not tell which NAPI frames come by, so that the kernel goes on by interrupts, and a worker takes a core for nothing: use --wait poll")
            : null;

    public override void ReadQueue(int worker, ref QueueStatus queue)
    {
        XskSocket[] own = _socketsOfWorkers[worker];
        queue.Queues ??= string.Join(',', own.Select(socket => socket.Queue));
        queue.RingFill = own.Sum(socket => socket.RingFill);
        queue.RingSize = own.Sum(socket => socket.RingSize);
    }

    public override XskStatistics ReadStatistics(int worker) =>
        _socketsOfWorkers[worker].Select(Statistics).Aggregate((sum, one) => sum + one);

    public override void Start()
    {
        foreach (XskSocket socket in _sockets)
            _program.Redirect(socket.Queue, socket);
    }

    public override void Detach() => _program.Detach();

    public override void Dispose()
    {
        _promiscuous?.Dispose();
        _program.Dispose();
        _deferral?.Dispose();
    }

    private bool IsZeroCopy => Array.TrueForAll(_sockets, socket => socket.IsZeroCopy);

    private static (XdpProgram Program, XskSocket[] Sockets) Open(NetworkInterface target, int there, int[] queues, AttachMode attach, XskOptions xsk)
    {
        XdpProgram program = XdpProgram.Attach(target.Name, target.Index, there, attach, xsk.MultiBuffer);
        List<XskSocket> sockets = [];
        try
        {
            if (!program.IsNative)
                xsk = xsk.OnSkbs(target.Name);
            foreach (int queue in queues)
                sockets.Add(new XskSocket(target, queue, xsk));
            return (program, [.. sockets]);
        }
        catch
        {
            Close(program, sockets);
            throw;
        }
    }

    private static void Close(XdpProgram program, IEnumerable<XskSocket> sockets)
    {
        program.Dispose();
        foreach (XskSocket socket in sockets)
            socket.Dispose();
    }

    private InterruptDeferral DeferInterrupts(NetworkInterface target) => _program.IsNative
        ? InterruptDeferral.Apply(target)
        : throw new NativeException($"busy polling takes native XDP, and on {target.Name} there is only skb mode: use --wait poll or spin");

    private static XskStatistics Statistics(XskSocket socket)
    {
        Span<ulong> fields = stackalloc ulong[XskSocket.StatisticsFields];
        int count = socket.ReadStatistics(fields);
        return new XskStatistics
        {
            RxDropped = fields[0],
            RxInvalidDescs = fields[1],
            TxInvalidDescs = fields[2],
            RxRingFull = count > 3 ? fields[3] : null,
            RxFillRingEmptyDescs = count > 4 ? fields[4] : null,
            TxRingEmptyDescs = count > 5 ? fields[5] : null,
        };
    }
}
