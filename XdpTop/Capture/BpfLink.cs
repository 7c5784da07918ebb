using static XdpTop.Native.Libbpf;

namespace XdpTop.Capture;

/// <summary>What holds a BPF program at its place (bpf_link): a file descriptor of this process.</summary>
internal static unsafe class BpfLink
{
    /// <summary>
    /// Whether it still holds its program: a link stays open when somebody else detaches it, or when its interface goes.
    /// True also where the kernel does not tell.
    /// </summary>
    /// <param name="link">Its file descriptor; negative: there is none.</param>
    public static bool IsAttached(int link)
    {
        if (link < 0)
            return false;
        bpf_link_info info = default;
        uint length = (uint)sizeof(bpf_link_info);
        return bpf_obj_get_info_by_fd(link, &info, &length) < 0 || info.xdp != 0;
    }
}
