using XdpTop.Native;
using static Tmds.Linux.LibC;

namespace XdpTop.Capture;

/// <summary>Which cores threads may run on.</summary>
internal static unsafe class CpuAffinity
{
    private const int MostCpus = 4096;
    private const int BitsPerWord = 64;

    /// <summary>The cores that this thread may run on, by their numbers, in ascending order.</summary>
    public static int[] Allowed()
    {
        ulong* words = stackalloc ulong[MostCpus / BitsPerWord];
        new Span<ulong>(words, MostCpus / BitsPerWord).Clear();
        if (sched_getaffinity(0, MostCpus / 8, (Tmds.Linux.cpu_set_t*)words) < 0)
            throw NativeException.FromErrno("asking for the cores of this thread", $"only machines of up to {MostCpus} cores are supported");
        List<int> cpus = [];
        for (int cpu = 0; cpu < MostCpus; cpu++)
        {
            if ((words[cpu / BitsPerWord] >> cpu % BitsPerWord & 1) != 0)
                cpus.Add(cpu);
        }
        return [.. cpus];
    }

    /// <summary>How many cores the machine has switched on, whether this process may use them or not.</summary>
    public static int OnlineCount()
    {
        const string File = "/sys/devices/system/cpu/online"; // as 0-3,5
        try
        {
            return System.IO.File.ReadAllText(File).Trim().Split(',')
                .Select(range => Array.ConvertAll(range.Split('-'), int.Parse))
                .Sum(range => range[^1] - range[0] + 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return Environment.ProcessorCount;
        }
    }

    /// <summary>Has the calling thread run on this core only, from now on.</summary>
    public static void Pin(int cpu)
    {
        const string Remedy = "choose one that is online and that this process may use (taskset -p shows which)";
        if (cpu is < 0 or >= MostCpus)
            throw new NativeException($"pinning a thread to core {cpu} failed: there is no such core; {Remedy}");
        if (!TrySet([cpu]))
            throw NativeException.FromErrno($"pinning a thread to core {cpu}", Remedy);
    }

    /// <summary>
    /// Keeps the calling thread, and those that it starts from now on, off these cores, as long as there are others: a
    /// thread that has a worker's core holds the worker up for milliseconds.
    /// </summary>
    public static void Avoid(IEnumerable<int> cpus)
    {
        int[] others = [.. Allowed().Except(cpus)];
        if (others.Length > 0)
            TrySet(others); // all cores are as good as before if it cannot be
    }

    private static bool TrySet(ReadOnlySpan<int> cpus)
    {
        ulong* words = stackalloc ulong[MostCpus / BitsPerWord];
        new Span<ulong>(words, MostCpus / BitsPerWord).Clear();
        foreach (int cpu in cpus)
            words[cpu / BitsPerWord] |= 1UL << cpu % BitsPerWord;
        return sched_setaffinity(0, MostCpus / 8, (Tmds.Linux.cpu_set_t*)words) == 0;
    }
}
