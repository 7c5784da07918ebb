using System.Globalization;
using System.Text.RegularExpressions;

namespace XdpTop.Cli.Doctor;

/// <summary>Whether the kernel, and what this process may do, are enough to capture.</summary>
internal static partial class KernelChecks
{
    private static readonly Version s_least = new(5, 11); // memory of BPF maps no longer counts as locked
    private static readonly Version s_tcx = new(6, 6);

    public static IEnumerable<Finding> Examine(Subject subject, Machine machine)
    {
        yield return Kernel(machine.KernelRelease);
        yield return Rights(subject, machine);
        yield return machine.BpfJit switch
        {
            "0" => new Finding("bpf-jit", Result.Warning, "BPF programs are interpreted, which takes several times as long", "sysctl -w net.core.bpf_jit_enable=1"),
            null => Finding.Ok("bpf-jit", "not known: /proc/sys/net/core/bpf_jit_enable cannot be seen from here"),
            _ => Finding.Ok("bpf-jit", "BPF programs are compiled"),
        };
        yield return HugePages(machine);
    }

    private static Finding Rights(Subject subject, Machine machine) => machine switch
    {
        { MissingCapabilities: "" } => Finding.Ok("rights", "this process has the capabilities to capture"),
        { IsRoot: true } => new Finding("rights", Result.Problem, $"this process is root's, and yet lacks {machine.MissingCapabilities} to capture: whatever started it, such as a container, must give it these"),
        _ => new Finding("rights", Result.Problem, $"this process lacks {machine.MissingCapabilities} to capture", $"sudo {machine.Program} doctor {subject.ShellName}"),
    };

    private static Finding Kernel(string? release)
    {
        Match match = Release().Match(release ?? "");
        if (!match.Success)
            return Finding.Ok("kernel", "its version is not known");
        Version version = new(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
        if (version < s_least)
            return new Finding("kernel", Result.Problem, $"Linux {release} is too old: xdptop needs {s_least}; boot a newer kernel");
        return Finding.Ok("kernel", version < s_tcx ? $"Linux {release}, which knows no tcx: a tap is filters of a clsact qdisc" : $"Linux {release}");
    }

    private static Finding HugePages(Machine machine)
    {
        string hugetlb = $"hugetlb pages: {machine.FreeHugetlbPages} free of {machine.HugetlbPages}, which xdptop does not need";
        return machine.TransparentHugePages switch
        {
            null => Finding.Ok("huge-pages", $"this kernel has no transparent huge pages: big flow caches are somewhat slower; {hugetlb}"),
            "never" => new Finding(
                "huge-pages", Result.Warning, $"transparent huge pages are off, and big flow caches slower; {hugetlb}",
                "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"),
            string mode => Finding.Ok("huge-pages", $"transparent huge pages: {mode}; {hugetlb}"),
        };
    }

    [GeneratedRegex(@"\A([0-9]{1,4})\.([0-9]{1,4})")]
    private static partial Regex Release();
}
