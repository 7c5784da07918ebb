using XdpTop.Native;

namespace XdpTop.Capture;

/// <summary>How much of a core threads get that share it. (.NET's own thread priorities do nothing on Linux.)</summary>
internal static class CpuPriority
{
    private const int Nicest = 19;

    /// <summary>Has the calling thread take no more of a core than others leave. Where the system refuses that, all stays as it was.</summary>
    public static void BeLast() => _ = SysResource.setpriority(SysResource.PRIO_PROCESS, 0, Nicest);
}
