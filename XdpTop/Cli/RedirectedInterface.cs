using XdpTop.Capture;
using XdpTop.Memory;
using XdpTop.Monitoring;
using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>An interface in redirect mode: its XDP program, and its sockets, one for each RX queue that is read.</summary>
internal sealed class RedirectedInterface : ObservedInterface
{
    private readonly XdpProgram _program;
    private readonly PromiscuousMode _promiscuous;
    private readonly XskSocket[] _sockets;
    private readonly XskSocket[][] _socketsOfWorkers;

    /// <exception cref="NativeException">XDP cannot be had, or not so.</exception>
    public RedirectedInterface(NetworkInterface target, Options options)
        : base(target)
    {
        int there = target.RxQueues;
        int[] queues = options.Queues.Count > 0 ? [.. options.Queues] : [.. Enumerable.Range(0, there)];
        foreach (int queue in queues)
        {
            if (queue >= there)
                throw new NativeException($"{target.Name} has no RX queue {queue}: give queues from 0 to {there - 1} with --queues");
        }
        _program = XdpProgram.Attach(target.Name, target.Index, there, options.Attach);
        _sockets = new XskSocket[queues.Length];
        try
        {
            _promiscuous = new PromiscuousMode(target);
            XskOptions xsk = _program.IsNative ? options.Xsk : options.Xsk.OnSkbs(target.Name);
            for (int i = 0; i < queues.Length; i++)
                _sockets[i] = new XskSocket(target, queues[i], xsk.SizedFor(target.Megabits, queues.Length, MappedMemory.Available / 4));
        }
        catch
        {
            foreach (XskSocket? socket in _sockets)
                socket?.Dispose();
            Dispose();
            throw;
        }
        int workers = Math.Min(WorkersFor(queues.Length, options), queues.Length);
        _socketsOfWorkers = [.. Enumerable.Range(0, workers).Select(worker => _sockets.Where((_, i) => i % workers == worker).ToArray())];
        Sources = [.. _socketsOfWorkers.Select(own => own is [XskSocket single] ? (IFrameSource)single : new XskSocketGroup(own))];
    }

    public override IReadOnlyList<IFrameSource> Sources { get; }

    public override ulong LeftToHost => _program.Passed;

    protected override InterfaceStatus ModeStatus => new()
    {
        Name = Name,
        Mode = "redirect",
        Attach = _program.IsNative ? "native" : "skb",
        Bind = Array.TrueForAll(_sockets, socket => socket.IsZeroCopy) ? "zero-copy" : "copy",
        Queues = _sockets.Length,
    };

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
    }

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
