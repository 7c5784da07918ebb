using System.Numerics;
using System.Runtime.InteropServices;
using XdpTop.Native;
using static Tmds.Linux.LibC;
using static XdpTop.Native.Libbpf;

namespace XdpTop.Capture;

/// <summary>
/// bpf/tap.bpf.c at an interface's ingress and egress, with its ring buffers: for each worker one for each CPU, so that
/// no two CPUs write to the same one, and all packets of a flow still come to one worker.
/// </summary>
internal sealed unsafe class TapProgram : IDisposable
{
    /// <summary>What the names of all its programs begin with.</summary>
    public const string NamePrefix = "xdptop_";

    private const ulong MostOctets = 256 << 20; // of all rings: the kernel's memory, which is never swapped out

    /// <summary>Records of a CPU that can wait, where nobody asks for another number.</summary>
    public const int UsualPlaces = 32768;

    private const int SleeperOctets = 64; // struct sleeper

    private readonly BpfObject _object;
    private readonly TapSource[] _sources;
    private readonly TapAttachment _attachment;
    private readonly void* _sleepers = MAP_FAILED;
    private readonly int _sleepersLength;

    /// <param name="workers">How many there are to be <see cref="Sources"/> for.</param>
    /// <param name="places">Records of a CPU that can wait, about.</param>
    /// <param name="spins">Whether the workers never sleep.</param>
    /// <exception cref="NativeException">No rights, no such kernel, no memory, or the interface has gone.</exception>
    public TapProgram(NetworkInterface target, int workers, int places, AttachMode mode, bool spins)
    {
        _object = BpfObject.Open("tap.bpf.o");
        _sources = new TapSource[workers];
        int cpus = CpuAffinity.OnlineCount();
        try
        {
            _object.SetMaxEntries("rings", (uint)(cpus * workers));
            _object.SetMaxEntries("sleepers", (uint)workers);
            _object.SetMaxEntries("lost", (uint)workers);
            _object.Load();
            _sleepersLength = RoundUp(workers * SleeperOctets, Environment.SystemPageSize);
            _sleepers = mmap(null, _sleepersLength, PROT_READ | PROT_WRITE, MAP_SHARED, _object.MapFd("sleepers"), 0);
            if (_sleepers == MAP_FAILED)
                throw NativeException.FromErrno("mapping a BPF array", "Linux 5.8 or later is needed");
            Packets.LinkType linkType = target.LinkType;
            uint octets = RingOctets(places, cpus, workers);
            for (int worker = 0; worker < workers; worker++)
                _sources[worker] = new TapSource(MakeRings(worker, cpus, octets), linkType, (uint*)((byte*)_sleepers + worker * SleeperOctets), spins);
            Settings settings = new() { Cpus = (uint)cpus, Workers = (uint)workers };
            Write("settings", 0, &settings);
            string suffix = linkType == Packets.LinkType.Ethernet ? "" : "_ip";
            _attachment = TapAttachment.Create(
                target.Name, target.Index, _object.ProgramFd("xdptop_in" + suffix), _object.ProgramFd("xdptop_out" + suffix), mode);
        }
        catch
        {
            foreach (TapSource? source in _sources)
                source?.Dispose();
            Dispose();
            throw;
        }
    }

    /// <summary>One for each worker. They become their workers', who dispose of them before this is.</summary>
    public IReadOnlyList<TapSource> Sources => _sources;

    /// <summary>How it is attached: "tcx" or "clsact".</summary>
    public string Attachment => _attachment.Kind;

    /// <summary>False after somebody else has detached a program, or when the interface has gone.</summary>
    public bool IsAttached => _attachment.IsAttached;

    /// <summary>Packets of a worker that found no room in its rings. Any thread.</summary>
    public ulong Lost(int worker) => _object.ReadPerCpuCounter("lost", (uint)worker);

    /// <summary>No more packets are copied; what is in the rings by then can still be received.</summary>
    public void Detach() => _attachment.Dispose();

    /// <summary>After the last use of the sources.</summary>
    public void Dispose()
    {
        _attachment?.Dispose();
        if (_sleepers != MAP_FAILED)
            _ = munmap(_sleepers, _sleepersLength);
        _object.Dispose();
    }

    /// <summary>Of each ring, so that a CPU's rings have the places together: a power of two and whole pages, as the kernel wants it.</summary>
    internal static uint RingOctets(int places, int cpus, int workers)
    {
        ulong wanted = BitOperations.RoundUpToPowerOf2((ulong)places * TapRecord.RingOctets / (ulong)workers);
        ulong most = BitOperations.RoundUpToPowerOf2(MostOctets / (ulong)(cpus * workers) / 2 + 1);
        ulong least = (ulong)Math.Max(Environment.SystemPageSize, 1 << 16);
        return (uint)Math.Max(Math.Min(wanted, most), least);
    }

    private TapRing[] MakeRings(int worker, int cpus, uint octets)
    {
        TapRing[] rings = new TapRing[cpus];
        try
        {
            for (int cpu = 0; cpu < cpus; cpu++)
            {
                rings[cpu] = new TapRing(octets);
                int value = rings[cpu].FileDescriptor;
                Write("rings", (uint)(worker * cpus + cpu), &value);
            }
            return rings;
        }
        catch
        {
            foreach (TapRing? ring in rings)
                ring?.Dispose();
            throw;
        }
    }

    private void Write(string map, uint key, void* value)
    {
        int error = bpf_map_update_elem(_object.MapFd(map), &key, value, BPF_ANY);
        if (error < 0)
            throw new NativeException($"writing to the BPF map {map}", -error, "this is a bug: report it");
    }

    private static int RoundUp(int octets, int unit) => (octets + unit - 1) / unit * unit;

    /// <summary>struct settings of bpf/tap.bpf.c.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Settings
    {
        public uint Cpus;
        public uint Workers;
    }
}
