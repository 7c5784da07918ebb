using System.Globalization;

namespace XdpTop.Cli.Bench;

/// <summary>What threads of this process have taken of the processors, by /proc/PID/stat of proc(5).</summary>
internal static class ThreadTimes
{
    private const double TicksPerSecond = 100; // USER_HZ

    /// <summary>User and system time, in seconds, of the living threads whose names are asked for; each is 15 characters at most.</summary>
    public static double CpuSeconds(Func<string, bool> isAskedFor)
    {
        double ticks = 0;
        foreach (string thread in Directory.GetDirectories("/proc/self/task"))
        {
            if (!isAskedFor(File.ReadAllText($"{thread}/comm").Trim()))
                continue;
            // After the name in brackets: state, then utime and stime as the 12th and 13th.
            string stat = File.ReadAllText($"{thread}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            ticks += double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
        }
        return ticks / TicksPerSecond;
    }
}
