namespace XdpTop.Cli.Doctor;

/// <summary>All checks of an interface, and what they come to. Each is made of facts alone, and changes nothing.</summary>
internal static class Examination
{
    private const string RightsCheck = "rights";

    /// <summary>What tune-nic.sh sets.</summary>
    private static readonly string[] s_tunable =
        ["rx-vlan-offload", "queues", "rss-key", "rss-queues", "rss-fields", "rx-ring", "coalescing", "irq-affinity"];

    public static IReadOnlyList<Finding> Of(Subject subject, Machine machine)
    {
        List<Finding> findings =
        [
            .. KernelChecks.Examine(subject, machine),
            .. InterfaceChecks.Examine(subject, machine),
            .. OffloadChecks.Examine(subject),
            .. QueueChecks.Examine(subject, machine),
            .. ProcessorChecks.Examine(subject, machine),
        ];
        string[] tunable = [.. findings.Where(finding => finding.Remedy is not null && s_tunable.Contains(finding.Check)).Select(finding => finding.Check)];
        findings.Add(tunable.Length == 0
            ? Finding.Ok("tuning", "there is nothing for tune-nic.sh to set")
            : new Finding("tuning", Result.Warning, $"{string.Join(", ", tunable)}: can be set together, and back by 'restore'", machine.Tune(subject)));
        if (machine.NotReadable.Count > 0)
            findings.Add(new Finding("not-seen", Result.Warning, $"this process may not read {string.Join(", ", machine.NotReadable)}", $"sudo {machine.Program} doctor {subject.ShellName}"));
        return findings;
    }

    /// <summary>The exit status says the worst.</summary>
    public static int Status(IEnumerable<Finding> findings)
    {
        Finding[] problems = [.. findings.Where(finding => finding.Result == Result.Problem)];
        return problems.Length > 0 ? Array.TrueForAll(problems, problem => problem.Check == RightsCheck) ? ExitCode.Unsupported : ExitCode.Failed
            : findings.Any(finding => finding.Result == Result.Warning) ? ExitCode.Imperfect
            : ExitCode.Fine;
    }
}
