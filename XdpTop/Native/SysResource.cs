using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>&lt;sys/resource.h&gt;, C names kept. setpriority(2)</summary>
internal static partial class SysResource
{
    public const int PRIO_PROCESS = 0;

    /// <summary>On Linux, of a thread: 0 is the calling one.</summary>
    // int setpriority(int which, id_t who, int prio);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int setpriority(int which, uint who, int prio);
}
