using System.Text.RegularExpressions;
using XdpTop.Capture;
using XdpTop.Native;

namespace XdpTop.Cli.Doctor;

/// <summary>What is examined besides the interface: the kernel, its processors, and what this process may do. Null is what is not known.</summary>
internal sealed partial record Machine
{
    /// <summary>As "6.1.0-18-amd64".</summary>
    public string? KernelRelease { get; init; }

    /// <summary>net.core.bpf_jit_enable: "0" is off.</summary>
    public string? BpfJit { get; init; }

    /// <summary>What is in force of "always", "madvise" and "never".</summary>
    public string? TransparentHugePages { get; init; }

    public int HugetlbPages { get; init; }

    public int FreeHugetlbPages { get; init; }

    /// <summary>The cores that this process may use.</summary>
    public int Cores { get; init; } = 1;

    public bool RunsIrqbalance { get; init; }

    /// <summary>Whether two of the kernel's cores may be one of the processor's.</summary>
    public bool HasSmt { get; init; }

    /// <summary>Each NUMA node's cores, as "0-7", by the node's number.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>What this process lacks to capture, as "CAP_NET_RAW, CAP_BPF"; empty when nothing.</summary>
    public string MissingCapabilities { get; init; } = "";

    public bool IsRoot { get; init; }

    /// <summary>Files that this process may not read.</summary>
    public IReadOnlyCollection<string> NotReadable { get; init; } = [];

    /// <summary>This program, as a word for a shell.</summary>
    public string Program { get; init; } = "xdptop";

    /// <summary>Where tune-nic.sh and smt.sh are, as a word for a shell.</summary>
    public string Scripts { get; init; } = "scripts";

    /// <summary>The command that sets the interface up.</summary>
    public string Tune(Subject subject) => $"{Scripts}/tune-nic.sh {subject.ShellName} apply";

    /// <summary>Looks at it; changes nothing.</summary>
    public static Machine Read(SystemFiles files)
    {
        int Pages(string name) => int.TryParse(Regex.Match(files.Read("proc/meminfo") ?? "", $"^{name}: +([0-9]+)", RegexOptions.Multiline).Groups[1].ValueSpan, out int pages) ? pages : 0;
        return new()
        {
            KernelRelease = files.Read("proc/sys/kernel/osrelease"),
            BpfJit = files.Read("proc/sys/net/core/bpf_jit_enable"),
            TransparentHugePages = Chosen().Match(files.Read("sys/kernel/mm/transparent_hugepage/enabled") ?? "") is { Success: true } mode ? mode.Groups[1].Value : null,
            HugetlbPages = Pages("HugePages_Total"),
            FreeHugetlbPages = Pages("HugePages_Free"),
            Cores = CpuAffinity.Allowed().Length,
            RunsIrqbalance = files.Processes.Any(process => files.Read($"proc/{process}/comm") == "irqbalance"),
            HasSmt = files.Read("sys/devices/system/cpu/smt/active") == "1",
            Nodes = [.. Enumerable.Range(0, files.List("sys/devices/system/node").Count(name => Node().IsMatch(name))).Select(node => files.Read($"sys/devices/system/node/node{node}/cpulist") ?? "")],
            MissingCapabilities = Capabilities.Missing(),
            IsRoot = Environment.IsPrivilegedProcess,
            NotReadable = files.Refused,
            Program = ShellWord.Quote(Environment.ProcessPath ?? "xdptop"),
            Scripts = Directory.Exists(ScriptsOfBuild) ? ShellWord.Quote(ScriptsOfBuild) : "scripts",
        };
    }

    /// <summary>The program is built in a folder beside them.</summary>
    private static string ScriptsOfBuild => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "scripts"));

    // As "always [madvise] never".
    [GeneratedRegex(@"\[(\w+)\]")]
    private static partial Regex Chosen();

    [GeneratedRegex("^node[0-9]+$")]
    private static partial Regex Node();
}
