namespace XdpTop.Cli.Doctor;

/// <summary>All checks of an interface, and what they come to.</summary>
internal static class Examination
{
    /// <summary>Looks at all; changes nothing.</summary>
    public static IReadOnlyList<Finding> Of(Subject subject, SystemFiles files)
    {
        List<Finding> findings =
        [
            .. KernelChecks.Examine(subject, files),
            .. InterfaceChecks.Examine(subject, files),
            .. OffloadChecks.Examine(subject),
            .. QueueChecks.Examine(subject),
            .. ProcessorChecks.Examine(subject, files),
        ];
        if (files.Refused.Count > 0)
            findings.Add(new Finding("not-seen", Result.Warning, $"this process may not read {string.Join(", ", files.Refused)}", "run xdptop doctor with sudo"));
        return findings;
    }

    /// <summary>The exit status: of problems, else of rights that are lacking; warnings do not change it.</summary>
    public static int Status(IEnumerable<Finding> findings, Subject subject) =>
        findings.Any(finding => finding.Result == Result.Problem) ? ExitCode.Failed
        : subject.MissingCapabilities != "" ? ExitCode.Unsupported
        : ExitCode.Fine;
}
