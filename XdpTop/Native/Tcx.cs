namespace XdpTop.Native;

/// <summary>
/// Of linux/bpf.h what came with tcx in Linux 6.6, C names kept. No constants, which a test compares with the headers:
/// those of older distributions do not have them. The kernel's ABI does not change.
/// </summary>
internal static class Tcx
{
    /// <summary>enum bpf_attach_type.</summary>
    public static int BPF_TCX_INGRESS => 46;

    public static int BPF_TCX_EGRESS => 47;

    /// <summary>Flag of bpf_link_create: before all that are attached.</summary>
    public static uint BPF_F_BEFORE => 1u << 3;
}
