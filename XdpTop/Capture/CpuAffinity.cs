using Tmds.Linux;
using XdpTop.Native;
using static Tmds.Linux.LibC;

namespace XdpTop.Capture;

/// <summary>Which cores threads run on. Cores are numbered as in /proc/cpuinfo.</summary>
internal static unsafe class CpuAffinity
{
    /// <summary>The cores that this process may use, in order, as at the first call.</summary>
    public static IReadOnlyList<int> Allowed { get; } = ReadAllowed();

    /// <summary>Ties the calling thread to one core.</summary>
    public static void PinThread(int cpu)
    {
        cpu_set_t set = default;
        CPU_SET(cpu, &set);
        if (sched_setaffinity(0, sizeof(cpu_set_t), &set) != 0)
            throw NativeException.FromErrno($"tying a thread to core {cpu}", "give cores that exist and that this process may use with --cpus");
    }

    private static List<int> ReadAllowed()
    {
        cpu_set_t set = default;
        List<int> cpus = [];
        if (sched_getaffinity(0, sizeof(cpu_set_t), &set) == 0)
        {
            for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
            {
                if (CPU_ISSET(cpu, &set))
                    cpus.Add(cpu);
            }
        }
        return cpus.Count > 0 ? cpus : [0];
    }
}
