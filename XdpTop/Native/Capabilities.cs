using System.Globalization;

namespace XdpTop.Native;

/// <summary>linux/capability.h, C names kept: what this process may do, for errors that say what it may not.</summary>
internal static class Capabilities
{
    public const int CAP_NET_ADMIN = 12;
    public const int CAP_NET_RAW = 13;
    public const int CAP_SYS_ADMIN = 21;
    public const int CAP_BPF = 39;

    private static readonly (int Number, string Name)[] s_needed =
    [
        (CAP_NET_ADMIN, nameof(CAP_NET_ADMIN)), // attach XDP programs, make links
        (CAP_NET_RAW, nameof(CAP_NET_RAW)), // open AF_XDP sockets
        (CAP_BPF, nameof(CAP_BPF)), // load BPF programs and make maps
    ];

    /// <summary>What xdptop needs to capture and this process lacks, as "CAP_NET_RAW, CAP_BPF"; empty when nothing.</summary>
    public static string Missing()
    {
        const string Field = "CapEff:";
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal));
        return line is null ? "" : Missing(ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    /// <param name="effective">One bit for each capability, by its number.</param>
    public static string Missing(ulong effective)
    {
        bool Has(int capability) => (effective >> capability & 1) != 0;

        // Before Linux 5.8 CAP_BPF was a part of CAP_SYS_ADMIN, which still includes it.
        return string.Join(", ", s_needed
            .Where(needed => !Has(needed.Number) && !(needed.Number == CAP_BPF && Has(CAP_SYS_ADMIN)))
            .Select(needed => needed.Name));
    }

    /// <summary>The remedy for a refusal (EPERM, EACCES), naming what is missing.</summary>
    public static string Remedy() =>
        Missing() is { Length: > 0 } missing
            ? $"run it as root (sudo): it lacks {missing}"
            : "all capabilities needed are there, so a security policy (lockdown, seccomp, a container) must allow it";
}
