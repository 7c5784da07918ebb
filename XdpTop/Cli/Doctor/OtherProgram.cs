using XdpTop.Capture;

namespace XdpTop.Cli.Doctor;

/// <summary>An XDP program that is attached to the interface already.</summary>
/// <param name="Name">As "the XDP program 'xdp_pass' (id 17)".</param>
/// <param name="IsOnSkbs">Attached in skb mode, not in the driver.</param>
/// <param name="Holder">The process whose bpf_link keeps it attached; null if none does, or none can be seen.</param>
internal sealed record OtherProgram(string Name, bool IsOnSkbs, (string Id, string Name)? Holder)
{
    /// <summary>Null if none is attached.</summary>
    public static OtherProgram? At(NetworkInterface target) =>
        XdpProgram.AttachedId(target.Index) is var id and not 0
            ? new OtherProgram(XdpProgram.AttachedProgram(target.Index), XdpProgram.IsAttachedToSkbs(target.Index), HolderOf(id, new SystemFiles("/")))
            : null;

    /// <summary>By proc_pid_fdinfo(5): a bpf_link's file tells "link_type: xdp" and "prog_id: 17".</summary>
    internal static (string Id, string Name)? HolderOf(uint program, SystemFiles files)
    {
        foreach (string process in files.Processes)
        {
            // Those of others may be refused, which is no matter.
            foreach (string descriptor in files.List($"proc/{process}/fdinfo"))
            {
                string text = files.Read($"proc/{process}/fdinfo/{descriptor}") ?? "";
                if (text.Contains("link_type:\txdp\n", StringComparison.Ordinal) && text.Contains($"prog_id:\t{program}\n", StringComparison.Ordinal))
                    return (process, files.Read($"proc/{process}/comm") ?? "?");
            }
        }
        return null;
    }
}
