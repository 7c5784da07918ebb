using System.Runtime.InteropServices;
using System.Text;
using XdpTop.Native;

namespace XdpTop.Capture;

/// <summary>
/// A BPF object file that is embedded in the program: its maps and programs, once loaded, with their file descriptors,
/// which stay this object's and are closed by <see cref="Dispose"/>. Used by one thread at a time.
/// </summary>
internal sealed unsafe class BpfObject : IDisposable
{
    // What libbpf had to say on this thread since the last Load began, in place of its printing to stderr.
    [ThreadStatic]
    private static StringBuilder? t_warnings;

    private readonly string _resource;
    private nint _object;

    private BpfObject(string resource, nint bpfObject)
    {
        _resource = resource;
        _object = bpfObject;
    }

    /// <summary>Opens an embedded object, named like its source, as "xdptop.bpf.o". Nothing is in the kernel yet.</summary>
    /// <exception cref="NativeException">libbpf is not installed, or does not take the object.</exception>
    public static BpfObject Open(string resource)
    {
        using Stream stream = typeof(BpfObject).Assembly.GetManifestResourceStream(resource)
            ?? throw new ArgumentException($"no embedded resource '{resource}'", nameof(resource));
        byte[] elf = new byte[stream.Length];
        stream.ReadExactly(elf);
        try
        {
            Libbpf.libbpf_set_print(&Collect);
            fixed (byte* bytes = elf)
            {
                nint opened = Libbpf.bpf_object__open_mem(bytes, (nuint)elf.Length, null);
                if (opened == 0)
                    throw NativeException.FromErrno($"opening the BPF object {resource}", "libbpf 1.0 or later is needed");
                return new BpfObject(resource, opened);
            }
        }
        catch (DllNotFoundException e)
        {
            throw new NativeException(
                "loading libbpf.so.1 failed: it is not installed; install the package libbpf1 (Debian, Ubuntu) or libbpf (Fedora, Arch)", e);
        }
    }

    /// <summary>Before <see cref="Load"/>: how many entries a map is to have.</summary>
    public void SetMaxEntries(string map, uint entries)
    {
        int error = Libbpf.bpf_map__set_max_entries(Map(map), entries);
        if (error < 0)
            throw new NativeException($"giving the BPF map {map} {entries} entries", -error, "choose a number above 0 before loading");
    }

    /// <summary>Before <see cref="Load"/>: that an XDP program takes frames of several buffers, of which it sees the first. Linux 5.18; before that <see cref="Load"/> fails with EINVAL.</summary>
    public void TakeFragments(string program)
    {
        nint found = Program(program);
        int error = Libbpf.bpf_program__set_flags(found, Libbpf.bpf_program__flags(found) | Libbpf.BPF_F_XDP_HAS_FRAGS);
        if (error < 0)
            throw new NativeException($"having the BPF program {program} take fragments", -error, "set it before loading");
    }

    /// <summary>Makes the maps and loads the programs into the kernel.</summary>
    /// <exception cref="NativeException">Not allowed, or the kernel's verifier refused a program: its words are in the message.</exception>
    public void Load()
    {
        t_warnings = new StringBuilder();
        int error = -Libbpf.bpf_object__load(_object);
        if (error > 0)
        {
            string verdict = VerifierVerdict(t_warnings.ToString());
            string remedy = error is Errno.EPERM || (error is Errno.EACCES && verdict == "")
                ? Capabilities.Remedy()
                : $"Linux 5.11 or later is needed{(verdict == "" ? "" : $" (the kernel's verifier says: {verdict})")}";
            throw new NativeException($"loading the BPF object {_resource} into the kernel", error, remedy);
        }
        t_warnings = null;
    }

    /// <summary>After <see cref="Load"/>: the map's file descriptor, which stays this object's.</summary>
    public int MapFd(string name) => Libbpf.bpf_map__fd(Map(name));

    /// <summary>After <see cref="Load"/>: the program's file descriptor, which stays this object's.</summary>
    public int ProgramFd(string name) => Libbpf.bpf_program__fd(Program(name));

    /// <summary>After <see cref="Load"/>: the sum of a per-CPU array's entry of type __u64; 0 if it cannot be read. Any thread.</summary>
    public ulong ReadPerCpuCounter(string map, uint key)
    {
        Span<ulong> perCpu = stackalloc ulong[Math.Max(Libbpf.libbpf_num_possible_cpus(), 1)];
        fixed (ulong* values = perCpu)
        {
            if (Libbpf.bpf_map_lookup_elem(MapFd(map), &key, values) < 0)
                return 0;
        }
        ulong sum = 0;
        foreach (ulong value in perCpu)
            sum += value;
        return sum;
    }

    /// <summary>The name of a program in the kernel, of whatever origin, by its number; empty if it cannot be had.</summary>
    public static string ProgramName(uint id)
    {
        int program = Libbpf.bpf_prog_get_fd_by_id(id);
        if (program < 0)
            return "";
        Libbpf.bpf_prog_info info = default;
        uint length = (uint)sizeof(Libbpf.bpf_prog_info);
        int error = Libbpf.bpf_obj_get_info_by_fd(program, &info, &length);
        _ = Tmds.Linux.LibC.close(program);
        ReadOnlySpan<byte> name = info.name;
        return error < 0 ? "" : Encoding.ASCII.GetString(name[..Math.Max(name.IndexOf((byte)0), 0)]);
    }

    public void Dispose()
    {
        if (_object == 0)
            return;
        Libbpf.bpf_object__close(_object);
        _object = 0;
    }

    private nint Program(string name) =>
        Libbpf.bpf_object__find_program_by_name(_object, name) is not 0 and var program
            ? program
            : throw new ArgumentException($"{_resource} has no program '{name}'", nameof(name));

    private nint Map(string name)
    {
        nint map = Libbpf.bpf_object__find_map_by_name(_object, name);
        return map != 0 ? map : throw new ArgumentException($"{_resource} has no map '{name}'", nameof(name));
    }

    /// <summary>The line in which the verifier says why: the last one before its statistics.</summary>
    internal static string VerifierVerdict(string warnings)
    {
        string verdict = "";
        foreach (string line in warnings.Split('\n'))
        {
            if (line.StartsWith("processed ", StringComparison.Ordinal))
                return verdict;
            verdict = line.Trim();
        }
        return "";
    }

    [UnmanagedCallersOnly]
    private static int Collect(int level, byte* format, nint arguments)
    {
        if (level != Libbpf.LIBBPF_WARN || t_warnings is not { } warnings)
            return 0;
        const int Longest = 1 << 16; // the verifier's whole log comes in one call
        byte[] text = new byte[Longest];
        fixed (byte* buffer = text)
        {
            if (StdIo.vsnprintf(buffer, Longest, format, arguments) > 0)
                warnings.Append(Marshal.PtrToStringUTF8((nint)buffer));
        }
        return 0;
    }
}
