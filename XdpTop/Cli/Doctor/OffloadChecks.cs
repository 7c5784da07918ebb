namespace XdpTop.Cli.Doctor;

/// <summary>What NIC and kernel do to packets before xdptop sees them.</summary>
internal static class OffloadChecks
{
    public static IEnumerable<Finding> Examine(Subject subject)
    {
        yield return subject.Offloads switch
        {
            null => Finding.Ok("rx-vlan-offload", "the driver does not tell"),
            { RxVlan: false } => Finding.Ok("rx-vlan-offload", "off: frames keep their VLAN tags"),
            _ => subject.ForRedirect(
                "rx-vlan-offload", "on: redirected frames come without their VLAN tags", $"ethtool -K {subject.ShellName} rx-vlan-offload off"),
        };
        yield return subject switch
        {
            { Gro: null } => Finding.Ok("gro", "the driver does not tell"),
            { Gro: false } => Finding.Ok("gro", "off: packets come as they were on the wire"),
            { IsRedirected: false } => Finding.Ok("gro", "on: a tap counts the packets that were on the wire"),
            { Xdp: { Native: false } } => new Finding(
                "gro", Result.Warning, "on: in skb mode packets come joined together, and those that do not fit are dropped",
                $"ethtool -K {subject.ShellName} gro off"),
            _ => Finding.Ok("gro", "on: it comes after native XDP, which it does not change"),
        };
        yield return subject.Offloads switch
        {
            null => Finding.Ok("lro", "the driver does not tell"),
            { Lro: false } => Finding.Ok("lro", "off"),
            _ => new Finding(
                "lro", Result.Warning, "on: packets come joined together, and most drivers refuse XDP with it", $"ethtool -K {subject.ShellName} lro off"),
        };
    }
}
