using static Tmds.Linux.LibC;

namespace XdpTop.Native;

/// <summary>What a shell's user does with a job: signal(7), "stop".</summary>
internal static class JobControl
{
    /// <summary>Stops this process, all its threads, until it gets SIGCONT. The shell, or sudo, learns of it from the kernel.</summary>
    public static void Stop() => _ = kill(getpid(), SIGSTOP); // to oneself it cannot fail
}
