using XdpTop.Capture;

namespace XdpTop.Cli.Doctor;

/// <summary>How xdptop would capture from the interface, and whether frames come whole.</summary>
internal static class InterfaceChecks
{
    /// <summary>Before IP: an Ethernet header and two VLAN tags.</summary>
    private const int LinkHeaderOctets = 14 + 2 * 4;

    private static readonly int s_mtuOfSmall = 2048 - XskOptions.KernelHeadroom - LinkHeaderOctets;
    private static readonly int s_mtuOfLarge = 4096 - XskOptions.KernelHeadroom - LinkHeaderOctets;

    public static IEnumerable<Finding> Examine(Subject subject, Machine machine)
    {
        yield return Mode(subject);
        yield return Link(subject);
        yield return Finding.Ok("driver", subject.Driver == "" ? "has no name" : subject.Driver);
        yield return NativeXdp(subject);
        yield return ZeroCopy(subject);
        yield return OtherProgram(subject, machine);
        yield return Mtu(subject, machine);
    }

    private static Finding Mode(Subject subject) => Finding.Ok("mode", subject switch
    {
        { HostUse: { } use } => $"auto taps: the host uses the interface ({use})",
        { OtherProgram: not null } => "auto taps: another XDP program is attached",
        _ => "auto redirects, and the host gets no packets: it does not use the interface",
    });

    private static Finding Link(Subject subject) => subject switch
    {
        { IsUp: false } => new Finding("link", Result.Problem, "the interface is down", $"ip link set dev {subject.ShellName} up"),
        { IsRunning: false } => new Finding("link", Result.Problem, "up, but without carrier: check the cable, the transceiver and the other end"),
        { Megabits: > 0 } => Finding.Ok("link", $"up, {subject.Megabits} Mbit/s"),
        _ => Finding.Ok("link", "up"),
    };

    private static Finding NativeXdp(Subject subject) => subject.Xdp switch
    {
        null => Finding.Ok("native-xdp", "not known before trying: Linux before 6.3 does not tell"),
        { Native: true } => Finding.Ok("native-xdp", "the driver has it"),
        _ => subject.ForRedirect("native-xdp", "the driver does not have it, or not as it is set up: redirecting works on skbs, which is slow"),
    };

    private static Finding ZeroCopy(Subject subject) => subject.Xdp switch
    {
        null => Finding.Ok("zero-copy", "not known before trying: Linux before 6.3 does not tell"),
        { ZeroCopy: true } => Finding.Ok("zero-copy", "the driver has it"),
        _ => subject.ForRedirect("zero-copy", "the driver does not have it: each redirected frame is copied"),
    };

    private static Finding OtherProgram(Subject subject, Machine machine)
    {
        const string Consequence = "xdptop does not replace it, and so cannot redirect";
        return subject.OtherProgram switch
        {
            null => Finding.Ok("xdp-program", "none is attached"),
            { Holder: { } holder } other => new Finding(
                "xdp-program", Result.Warning, $"{other.Name} is attached by {holder.Name}, process {holder.Id}: {Consequence}", $"kill {holder.Id}"),
            { } other when machine.MissingCapabilities != "" => new Finding(
                "xdp-program", Result.Warning, $"{other.Name} is attached: {Consequence}; whose it is can be seen with sudo"),
            { } other => new Finding(
                "xdp-program", Result.Warning, $"{other.Name} is attached: {Consequence}",
                $"ip link set dev {subject.ShellName} {(other.IsOnSkbs ? "xdpgeneric" : "xdpdrv")} off"),
        };
    }

    private static Finding Mtu(Subject subject, Machine machine)
    {
        if (subject.Mtu is not { } mtu)
            return Finding.Ok("mtu", "not known");
        if (!subject.IsRedirected)
            return Finding.Ok("mtu", $"{mtu}: a tap copies a packet's first octets only");
        if (mtu <= s_mtuOfSmall)
            return Finding.Ok("mtu", $"{mtu}: frames fit (up to {s_mtuOfSmall}, with --frame-size 4096 up to {s_mtuOfLarge})");
        return mtu <= s_mtuOfLarge
            ? new Finding(
                "mtu", Result.Problem, $"{mtu}: packets of more than {s_mtuOfSmall} octets do not fit a frame's place of 2048, and would be dropped",
                $"{machine.Program} {subject.ShellName} --frame-size 4096")
            : new Finding(
                "mtu", Result.Problem, $"{mtu}: packets of more than {s_mtuOfLarge} octets do not fit, even with --frame-size 4096, and would be dropped; a tap (--mode tap) has them",
                $"ip link set dev {subject.ShellName} mtu {s_mtuOfSmall}");
    }
}
