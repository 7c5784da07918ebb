using System.Runtime.CompilerServices;
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

    /// <summary>Frames that are fetched ahead of the one that is parsed: they may not be in the processor's cache yet.</summary>
    private const int PrefetchDistance = 8;

    /// <summary>Of a batch of frames: one of many segments is two packets, those of full length and the last.</summary>
    private const int MostPackets = 2 * FlowCache.MaximumBatch;

    private readonly FragmentTable _fragments;
    private readonly bool _holdFlows;
    private readonly PacketSampler? _sampler; // none where all packets are metered
    private readonly Frame[] _frames = new Frame[FlowCache.MaximumBatch];
    private readonly ParsedPacket[] _packets = new ParsedPacket[MostPackets];
    private readonly PacketPayload[] _payloads; // of the packets; none where the cache has no use for them
    private readonly uint[] _repeats = new uint[MostPackets]; // of the packets; all 0 but in a batch that has segments
    private readonly Published<WorkerCounters> _published = new();
    private readonly ManualResetEventSlim _stopped = new();
    private readonly Thread _thread;
    private WorkerCounters _counters;
    private bool _hasRepeats;
    private volatile bool _stop;

    /// <param name="cpu">The core to run on, or −1 for any.</param>
    /// <param name="holdFlows">At the end of a capture file: keep the flows until <see cref="Stop"/>, to be looked at.</param>
    public MeteringWorker(
        IFrameSource source, FlowCache cache, uint seed, int cpu, bool holdFlows, PacketSampling? sampling = null)
    {
        _sampler = sampling is { IsOn: true } wanted ? new PacketSampler(wanted) : null;
        Source = source;
        Cache = cache;
        Cpu = cpu;
        _holdFlows = holdFlows;
        _payloads = cache.CountsBytes ? new PacketPayload[MostPackets] : [];
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

    /// <summary>Of the times between two looks at the source. Any thread.</summary>
    public GapHistogram Gaps { get; } = new();

    /// <summary>As of the last batch. Any thread.</summary>
    public WorkerCounters Counters => _published.Read();

    public void Start() => _thread.Start();

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
                long look = Source.Now;
                if (lastLook != 0)
                    Gaps.Add(look - lastLook);
                lastLook = look;
                if (!Cache.Expire(look))
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
            if (lastLook != 0)
                Gaps.Add(now - lastLook);
            lastLook = now;
            _published.Write(in _counters);
        }
    }

    private void ParseAndObserve(Span<Frame> frames)
    {
        LinkType linkType = Source.LinkType;
        Span<ParsedPacket> packets = _packets;
        int metered = 0;
        ulong octets = 0;
        for (int i = 0; i < frames.Length; i++)
        {
            if (i + PrefetchDistance < frames.Length)
                frames[i + PrefetchDistance].Prefetch();
            ref readonly Frame frame = ref frames[i];
            // Of frames that are many on the wire each packet has its chance: see AnnounceOffloaded.
            if (_sampler is not null && !frame.Offload.IsMany && !_sampler.TakesNext())
            {
                octets += frame.WireOctets;
                _counters.SampledOut++;
                continue;
            }
            ref ParsedPacket packet = ref packets[metered];
            ParseResult result = PacketParser.Parse(linkType, frame.Bytes, frame.WireOctets, ref packet);
            octets += frame.WireOctets;
            if (result != ParseResult.Metered)
            {
                _counters.CountIgnored(result, frame.WireOctets);
                continue;
            }
            if (!frame.Offload.IsPlain)
            {
                metered += AnnounceOffloaded(in frame, metered);
                continue;
            }
            Announce(in frame, ref packet, metered);
            metered++;
        }
        _counters.ReceivedPackets += (uint)frames.Length;
        _counters.ReceivedOctets += octets;
        _counters.Metered += (uint)metered;
        _counters.UnresolvedFragments = _fragments.Unresolved;
        _counters.Batches++;
        uint refused = Observe(metered);
        _counters.Metered -= refused;
        _counters.Filtered += refused;
    }

    /// <summary>What is to be done with a packet while its frame is at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Announce(in Frame frame, ref ParsedPacket packet, int index)
    {
        packet.Timestamp = frame.Timestamp;
        if (packet.Fragment != FragmentPart.None)
            _fragments.Resolve(ref packet);
        Cache.Announce(ref packet);
        if (index < _payloads.Length)
            _payloads[index] = PacketPayload.Of(frame.Bytes, in packet);
    }

    /// <summary>
    /// The same for a frame that goes out, or that is many on the wire, which becomes two packets. Gives how many it is.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int AnnounceOffloaded(in Frame frame, int index)
    {
        ref ParsedPacket packet = ref _packets[index];
        packet.SetDirection(frame.Offload.Direction);
        Announce(in frame, ref packet, index);
        if (!frame.Offload.IsMany)
            return 1;
        uint segments = Segmentation.Split(in frame.Offload, ref packet, ref _packets[index + 1]);
        if (segments > 1)
        {
            _counters.ReceivedPackets += segments - 1;
            _counters.ReceivedOctets += (segments - 1) * (ulong)packet.FrameOctets + _packets[index + 1].FrameOctets - frame.WireOctets;
            // What was captured of the payload is counted once: with the first.
            if (_payloads.Length > 0)
                _payloads[index + 1] = default;
        }
        uint full = Math.Max(segments - 1, 1);
        return _sampler is null ? Repeat(index, full, segments - full) : Sample(_sampler, index, full, segments - full);
    }

    /// <summary>
    /// Has the packet at an index metered so many times, and the one after it as many times as there is one. Gives how
    /// many places of the batch they take.
    /// </summary>
    private int Repeat(int index, uint full, uint last)
    {
        _repeats[index] = full - 1;
        _hasRepeats |= full > 1;
        _counters.Metered += full - 1; // the others are counted with the batch
        return 1 + (int)last;
    }

    /// <summary>The same for those of them that sampling takes.</summary>
    private int Sample(PacketSampler sampler, int index, uint full, uint last)
    {
        uint takenFull = sampler.Take(full);
        uint takenLast = sampler.Take(last);
        _counters.SampledOut += full + last - takenFull - takenLast;
        if (takenFull > 0)
            return Repeat(index, takenFull, takenLast);
        if (takenLast == 0)
            return 0;
        _packets[index] = _packets[index + 1];
        if (_payloads.Length > 0)
            _payloads[index] = default;
        return 1;
    }

    /// <summary>Counts packets to their flows: as many at once as the cache takes. Gives how many the filter refused.</summary>
    private uint Observe(int count)
    {
        uint refused = 0;
        for (int first = 0; first < count; first += FlowCache.MaximumBatch)
        {
            Range part = first..Math.Min(count, first + FlowCache.MaximumBatch);
            refused += Cache.Observe(
                _packets.AsSpan(part),
                _payloads.Length > 0 ? _payloads.AsSpan(part) : default,
                _hasRepeats ? _repeats.AsSpan(part) : default);
        }
        if (_hasRepeats)
            Array.Clear(_repeats, 0, count);
        _hasRepeats = false;
        return refused;
    }
}
