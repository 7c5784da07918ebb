using XdpTop.Capture;
using XdpTop.Flows;
using XdpTop.Memory;
using XdpTop.Packets;

namespace XdpTop.Metering;

/// <summary>
/// A thread that takes frames from a source and counts them to flows. It owns the source and the flow cache from
/// <see cref="Start"/> on; what others may read of them meanwhile is said there. After start it allocates nothing,
/// locks nothing, and makes a system call only to wait.
/// </summary>
internal sealed class MeteringWorker : IDisposable
{
    /// <summary>How long to wait for frames before looking after flows that are due again.</summary>
    private const int Patience = 100; // ms

    /// <summary>
    /// Batches that are still metered after <see cref="Stop"/>: what was in the ring by then, with room to spare.
    /// </summary>
    private const int LastBatches = 32768;

    private readonly FragmentTable _fragments;
    private readonly bool _holdFlows;
    private readonly Frame[] _frames = new Frame[FlowCache.MaximumBatch];

    // Twice as many: a frame of many segments is two entries, those of full length and the last.
    private readonly ParsedPacket[] _packets = new ParsedPacket[2 * FlowCache.MaximumBatch];
    private readonly Published<WorkerCounters> _published = new();
    private readonly ManualResetEventSlim _stopped = new();
    private readonly Thread _thread;
    private WorkerCounters _counters;
    private long _longestGap;
    private volatile bool _stop;

    /// <param name="cpu">The core to run on, or −1 for any.</param>
    /// <param name="holdFlows">At the end of a capture file: keep the flows until <see cref="Stop"/>, to be looked at.</param>
    public MeteringWorker(IFrameSource source, FlowCache cache, uint seed, int cpu, bool holdFlows)
    {
        Source = source;
        Cache = cache;
        Cpu = cpu;
        _holdFlows = holdFlows;
        _fragments = new FragmentTable(seed);
        _thread = new Thread(Run) { IsBackground = true, Name = "worker" };
    }

    public IFrameSource Source { get; }

    public FlowCache Cache { get; }

    public int Cpu { get; }

    /// <summary>All frames of a file have been read, or the worker was stopped or failed. Any thread.</summary>
    public bool IsFinished { get; private set => Volatile.Write(ref field, value); }

    /// <summary>What stopped the worker though nobody asked it to; null if nothing did.</summary>
    public Exception? Failure { get; private set => Volatile.Write(ref field, value); }

    /// <summary>As of the last batch. Any thread.</summary>
    public WorkerCounters Counters => _published.Read();

    public void Start() => _thread.Start();

    /// <summary>The longest time between two looks at the source, without waits for frames, since this was last asked.</summary>
    public TimeSpan TakeLongestGap() =>
        TimeSpan.FromMicroseconds(Interlocked.Exchange(ref _longestGap, 0) / 1000);

    /// <summary>
    /// Asks the worker to meter what has been received by now, and to end all flows and itself; <see cref="Join"/> waits
    /// for it.
    /// </summary>
    public void Stop()
    {
        _stop = true;
        _stopped.Set();
    }

    public void Join()
    {
        if (_thread.IsAlive)
            _thread.Join();
    }

    /// <summary>After <see cref="Join"/>, and after the last reader of the flow cache.</summary>
    public void Dispose()
    {
        Source.Dispose();
        Cache.Dispose();
        _fragments.Dispose();
        _stopped.Dispose();
    }

    private void Run()
    {
        try
        {
            if (Cpu >= 0)
                CpuAffinity.Pin(Cpu);
            Meter();
            if (_holdFlows && !_stop)
            {
                IsFinished = true;
                _stopped.Wait();
            }
            Cache.EndAll(Source.Now);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Failure = e;
        }
        IsFinished = true;
    }

    private void Meter()
    {
        long lastLook = 0; // 0: the worker has waited
        int lastBatches = LastBatches;
        while (!_stop || lastBatches-- > 0)
        {
            int count = Source.Receive(_frames);
            if (count == 0)
            {
                if (_stop || Source.Ended)
                    return;
                if (!Cache.Expire(Source.Now))
                {
                    Source.Wait(Patience);
                    lastLook = 0;
                }
                continue;
            }
            ParseAndObserve(_frames.AsSpan(0, count));
            long now = _frames[count - 1].Timestamp;
            Source.Release();
            Cache.Expire(now);
            if (lastLook != 0 && now - lastLook > _longestGap)
                _longestGap = now - lastLook;
            lastLook = now;
            _published.Write(in _counters);
        }
    }

    private void ParseAndObserve(Span<Frame> frames)
    {
        LinkType linkType = Source.LinkType;
        int metered = 0;
        foreach (ref Frame frame in frames)
        {
            ref ParsedPacket packet = ref _packets[metered];
            ParseResult result = PacketParser.Parse(linkType, frame.Bytes, frame.WireOctets, ref packet);
            _counters.ReceivedOctets += frame.WireOctets;
            _counters.Count(result);
            if (result != ParseResult.Metered)
                continue;
            packet.Timestamp = frame.Timestamp;
            packet.Direction = frame.Offload.Direction;
            if (packet.Fragment != FragmentPart.None)
                _fragments.Resolve(ref packet);
            metered++;
            if (frame.Offload.IsMany)
                metered += Split(in frame, ref packet, ref _packets[metered]);
        }
        _counters.ReceivedPackets += (uint)frames.Length;
        _counters.UnresolvedFragments = _fragments.Unresolved;
        _counters.Batches++;
        Cache.Observe(_packets.AsSpan(0, Math.Min(metered, FlowCache.MaximumBatch)));
        if (metered > FlowCache.MaximumBatch)
            Cache.Observe(_packets.AsSpan(FlowCache.MaximumBatch, metered - FlowCache.MaximumBatch));
    }

    /// <summary>Counts what a frame of many segments is more than one packet; gives how many entries it has more.</summary>
    private int Split(in Frame frame, ref ParsedPacket packet, ref ParsedPacket last)
    {
        uint segments = Segmentation.Split(in frame.Offload, ref packet, ref last);
        if (segments == 1)
            return 0;
        _counters.ReceivedPackets += segments - 1;
        _counters.ReceivedOctets += (segments - 1) * (ulong)packet.FrameOctets + last.FrameOctets - frame.WireOctets;
        _counters.Count(ParseResult.Metered, segments - 1);
        return 1;
    }
}
