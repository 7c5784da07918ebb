using System.Globalization;
using System.Text.RegularExpressions;

namespace XdpTop.Cli.Doctor;

/// <summary>Whether the kernel, and what this process may do, are enough to capture.</summary>
internal static partial class KernelChecks
{
    private static readonly Version s_least = new(5, 11); // memory of BPF maps no longer counts as locked
    private static readonly Version s_tcx = new(6, 6);

    public static IEnumerable<Finding> Examine(Subject subject, SystemFiles files)
    {
        yield return Kernel(files.Read("proc/sys/kernel/osrelease"));
        yield return subject.MissingCapabilities == ""
            ? Finding.Ok("rights", "this process has the capabilities to capture")
            : new Finding("rights", Result.Warning, $"this process lacks {subject.MissingCapabilities} to capture", "run xdptop with sudo");
        yield return files.Read("proc/sys/net/core/bpf_jit_enable") switch
        {
            "0" => new Finding("bpf-jit", Result.Warning, "BPF programs are interpreted, which takes several times as long", "sysctl -w net.core.bpf_jit_enable=1"),
            null => Finding.Ok("bpf-jit", "not known: /proc/sys/net/core/bpf_jit_enable cannot be seen from here"),
            _ => Finding.Ok("bpf-jit", "BPF programs are compiled"),
        };
        yield return HugePages(files);
    }

    private static Finding Kernel(string? release)
    {
        Match match = Release().Match(release ?? "");
        if (!match.Success)
            return Finding.Ok("kernel", "its version is not known");
        Version version = new(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
        if (version < s_least)
            return new Finding("kernel", Result.Problem, $"Linux {release} is too old: xdptop needs {s_least}", "boot a newer kernel");
        return Finding.Ok("kernel", version < s_tcx ? $"Linux {release}, which knows no tcx: a tap is filters of a clsact qdisc" : $"Linux {release}");
    }

    private static Finding HugePages(SystemFiles files)
    {
        const string File = "sys/kernel/mm/transparent_hugepage/enabled";
        string hugetlb = $"hugetlb pages: {Field("HugePages_Free")} free of {Field("HugePages_Total")}, which xdptop does not need";
        // As "always [madvise] never": what is in brackets is in force.
        return Chosen().Match(files.Read(File) ?? "").Groups[1].Value switch
        {
            "" => Finding.Ok("huge-pages", $"this kernel has no transparent huge pages: big flow caches are somewhat slower; {hugetlb}"),
            "never" => new Finding("huge-pages", Result.Warning, $"transparent huge pages are off, and big flow caches slower; {hugetlb}", $"echo madvise > /{File}"),
            string mode => Finding.Ok("huge-pages", $"transparent huge pages: {mode}; {hugetlb}"),
        };

        string Field(string name) =>
            (files.Read("proc/meminfo") ?? "").Split('\n').FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..].Trim() ?? "0";
    }

    [GeneratedRegex(@"\A([0-9]{1,4})\.([0-9]{1,4})")]
    private static partial Regex Release();

    [GeneratedRegex(@"\[(\w+)\]")]
    private static partial Regex Chosen();
}
