using System.Diagnostics;
using System.Runtime.InteropServices;
using XdpTop.Memory;
using XdpTop.Native;
using static Tmds.Linux.LibC;

namespace XdpTop.Capture;

/// <summary>
/// Sends made-up traffic out of a link from BPF (bpf/trafficgen.bpf.c): one pinned thread for each sending core has the
/// kernel run the program, millions of times a second. Out of one end of a veth pair, the frames of core n arrive at
/// the other end's RX queue n % queues, if that end has an XDP program. Used by one thread at a time.
/// </summary>
internal sealed unsafe class TrafficGenerator : IDisposable
{
    private const int BatchSize = 64; // the kernel's own default, and its NAPI budget
    private const int ChunksPerSecond = 500; // so that a paced stream is smooth
    private const int UnpacedChunk = 1 << 16; // some 20 ms: how long Stop may have to wait
    private const int Eintr = 4;
    private const int Enotsupp = 524; // not an errno of user space: the kernel has no such flag for this program type

    private readonly BpfObject _bpf;
    private readonly int[] _cpus;
    private readonly int _possibleCpus;
    private readonly int _stateFd;
    private readonly int _programFd;
    private readonly int _frameOctets;
    private readonly int _link;
    private readonly List<Thread> _threads = [];
    private volatile bool _stopping;
    private volatile Exception? _failure;

    /// <param name="ifindex">The link to send out of.</param>
    /// <param name="cpus">The cores that send.</param>
    /// <param name="profile">What to send.</param>
    public TrafficGenerator(int ifindex, IEnumerable<int> cpus, TrafficProfile profile)
    {
        _cpus = [.. cpus];
        _frameOctets = profile.FrameOctets;
        _bpf = BpfObject.Open("trafficgen.bpf.o");
        try
        {
            if (profile.HasConversations)
                _bpf.SetMaxEntries("conversations", (uint)profile.Flows);
            _bpf.Load();
            _possibleCpus = Libbpf.libbpf_num_possible_cpus();
            _stateFd = _bpf.MapFd("state");
            _programFd = _bpf.ProgramFd(profile.Program);
            Settings settings = new()
            {
                IfIndex = (uint)ifindex,
                Flows = (uint)profile.Flows,
                IPv6Percent = (uint)profile.IPv6Percent,
                VlanPercent = (uint)profile.VlanPercent,
                UdpPercent = (uint)profile.UdpPercent,
                IcmpPercent = (uint)profile.IcmpPercent,
            };
            uint key = 0;
            int error = -Libbpf.bpf_map_update_elem(_bpf.MapFd("settings"), &key, &settings, Libbpf.BPF_ANY);
            if (error != 0)
                throw new NativeException("writing the traffic generator's settings", error, "it cannot send without");
            _link = KeepInDispatcher(ifindex);
        }
        catch
        {
            _bpf.Dispose();
            throw;
        }
    }

    /// <summary>Packets handed over to the link since it was made, by all cores; exact when none is sending. Any thread may ask.</summary>
    public ulong Offered => _cpus.Aggregate(0UL, (sum, cpu) => sum + Sent(cpu));

    /// <summary>Whether a core still sends.</summary>
    public bool IsSending => _threads.Exists(t => t.IsAlive);

    /// <summary>Why a core stopped before it was to; null when all is well. Any thread may ask.</summary>
    public Exception? Failure => _failure;

    /// <summary>Begins to send.</summary>
    /// <param name="packetsPerSecond">By all cores together; 0: as fast as they can.</param>
    /// <param name="packets">How many each core is to send in all.</param>
    public void Start(double packetsPerSecond, ulong packets = ulong.MaxValue)
    {
        _stopping = false;
        foreach (int cpu in _cpus)
        {
            ulong end = packets == ulong.MaxValue ? packets : Sent(cpu) + packets;
            Thread thread = new(() => Send(cpu, packetsPerSecond / _cpus.Length, end)) { Name = $"traffic {cpu}", IsBackground = true };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Waits until all cores have sent what they were to send, and throws if one could not.</summary>
    public void Wait()
    {
        _threads.ForEach(t => t.Join());
        _threads.Clear();
        if (_failure is { } failure)
            throw new NativeException(failure.Message, failure);
    }

    /// <summary>Has all cores stop, and waits for them.</summary>
    public void Stop()
    {
        _stopping = true;
        _threads.ForEach(t => t.Join());
        _threads.Clear();
    }

    public void Dispose()
    {
        Stop();
        if (_link > 0)
            _ = close(_link);
        _bpf.Dispose();
    }

    /// <summary>
    /// Attaches the program to the link, which receives nothing, as generic XDP. The kernel's XDP dispatcher then has
    /// it all the time; else each run would enter and remove it, and wait for two RCU grace periods (some 25 ms).
    /// A refusal makes paced traffic come in bursts, nothing else.
    /// </summary>
    private int KeepInDispatcher(int ifindex)
    {
        Libbpf.bpf_link_create_opts options = new() { sz = (nuint)sizeof(Libbpf.bpf_link_create_opts), flags = IfXdp.XDP_FLAGS_SKB_MODE };
        return Libbpf.bpf_link_create(_programFd, ifindex, Libbpf.BPF_XDP, &options);
    }

    private void Send(int cpu, double packetsPerSecond, ulong end)
    {
        try
        {
            CpuAffinity.PinThread(cpu);
            using MappedMemory frame = MappedMemory.Allocate((nuint)_frameOctets, "a frame to send");
            bool paced = packetsPerSecond > 0;
            int chunk = paced ? (int)Math.Clamp(packetsPerSecond / ChunksPerSecond, 1, UnpacedChunk) : UnpacedChunk;
            ulong first = Sent(cpu);
            ulong sent = first;
            long start = Stopwatch.GetTimestamp();
            while (!_stopping && sent < end)
            {
                Run(frame, (int)Math.Min((ulong)chunk, end - sent));
                sent = Sent(cpu);
                if (paced)
                    Pace((sent - first) / packetsPerSecond, ref start);
            }
        }
        catch (NativeException e)
        {
            _failure = e;
        }
    }

    /// <summary>Sleeps until the packets sent are as many as the rate allows; what is late by more than a moment is given up.</summary>
    private static void Pace(double dueSeconds, ref long start)
    {
        const double MostLate = 0.1;
        double ahead = dueSeconds - Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (ahead > 0)
            Thread.Sleep(TimeSpan.FromSeconds(Math.Ceiling(ahead * 1000) / 1000));
        else if (ahead < -MostLate)
            start += (long)((-ahead - MostLate) * Stopwatch.Frequency);
    }

    /// <summary>Has the kernel send so many packets. A signal may end it early.</summary>
    private void Run(MappedMemory frame, int packets)
    {
        Libbpf.bpf_test_run_opts options = new()
        {
            sz = (nuint)sizeof(Libbpf.bpf_test_run_opts),
            data_in = frame.Pointer,
            data_size_in = (uint)_frameOctets,
            repeat = packets,
            flags = Libbpf.BPF_F_TEST_XDP_LIVE_FRAMES,
            batch_size = (uint)Math.Min(BatchSize, packets),
        };
        int error = -Libbpf.bpf_prog_test_run_opts(_programFd, &options);
        if (error is not (0 or Eintr))
        {
            string remedy = error == Enotsupp ? "Linux 5.18 or later is needed" : "the traffic generator needs Linux 5.18 or later";
            throw new NativeException("sending made-up traffic", error, remedy);
        }
    }

    private ulong Sent(int cpu)
    {
        State* states = stackalloc State[_possibleCpus];
        uint key = 0;
        int error = -Libbpf.bpf_map_lookup_elem(_stateFd, &key, states);
        if (error != 0)
            throw new NativeException("reading the traffic generator's counters", error, "they cannot be told without");
        return states[cpu].Sent;
    }

    /// <summary>struct settings of bpf/trafficgen.bpf.c.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Settings
    {
        public uint IfIndex;
        public uint Flows;
        public uint IPv6Percent;
        public uint VlanPercent;
        public uint UdpPercent;
        public uint IcmpPercent;
    }

    /// <summary>struct state of bpf/trafficgen.bpf.c.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct State
    {
        public ulong Sent;
        public uint Next;
        public uint Random;
    }
}
