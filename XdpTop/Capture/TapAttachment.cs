using XdpTop.Native;
using static Tmds.Linux.LibC;
using static XdpTop.Native.Libbpf;

namespace XdpTop.Capture;

/// <summary>The tap's two programs at an interface's ingress and egress. <see cref="Dispose"/> takes them away.</summary>
internal abstract class TapAttachment : IDisposable
{
    /// <summary>"tcx" or "clsact".</summary>
    public abstract string Kind { get; }

    /// <summary>Whether both programs are still there.</summary>
    public abstract bool IsAttached { get; }

    /// <param name="ingress">The program's file descriptor.</param>
    /// <param name="egress">The program's file descriptor.</param>
    /// <exception cref="NativeException">No rights, no such kernel, or the interface has gone.</exception>
    public static TapAttachment Create(string interfaceName, int interfaceIndex, int ingress, int egress, AttachMode mode)
    {
        int error = Errno.EINVAL;
        if (mode != AttachMode.Clsact)
        {
            if (TcxAttachment.TryCreate(interfaceIndex, ingress, egress, out error) is { } attachment)
                return attachment;
            // Kernels without tcx do not know the attach type.
            if (mode == AttachMode.Tcx || error is not (Errno.EINVAL or Errno.EOPNOTSUPP))
                throw new NativeException($"attaching BPF programs to {interfaceName} by tcx", error, Remedy(error));
        }
        return new ClsactAttachment(interfaceName, interfaceIndex, ingress, egress);
    }

    public abstract void Dispose();

    protected static string Remedy(int error) => error switch
    {
        Errno.EPERM => Capabilities.Remedy(),
        Errno.ENODEV => "the interface has gone",
        _ => "tcx is there from Linux 6.6 on: use --attach auto",
    };
}

/// <summary>By two bpf_links: when this process ends, however it does, the kernel detaches the programs.</summary>
internal sealed unsafe class TcxAttachment : TapAttachment
{
    private int _ingress;
    private int _egress;

    private TcxAttachment(int ingress, int egress)
    {
        _ingress = ingress;
        _egress = egress;
    }

    public override string Kind => "tcx";

    public override bool IsAttached => BpfLink.IsAttached(_ingress) && BpfLink.IsAttached(_egress);

    /// <summary>Null with the errno if the kernel refuses.</summary>
    public static TcxAttachment? TryCreate(int interfaceIndex, int ingress, int egress, out int error)
    {
        // Nearest to the wire: before the other programs on the way in, and after them on the way out.
        int first = Link(ingress, interfaceIndex, Tcx.BPF_TCX_INGRESS, Tcx.BPF_F_BEFORE);
        int second = first < 0 ? first : Link(egress, interfaceIndex, Tcx.BPF_TCX_EGRESS, 0);
        error = second < 0 ? -second : 0;
        if (second >= 0)
            return new TcxAttachment(first, second);
        if (first >= 0)
            _ = close(first);
        return null;
    }

    public override void Dispose()
    {
        foreach (int link in (ReadOnlySpan<int>)[_ingress, _egress])
        {
            if (link >= 0)
                _ = close(link);
        }
        _ingress = _egress = -1;
    }

    private static int Link(int program, int interfaceIndex, int attachType, uint flags)
    {
        bpf_link_create_opts options = new() { sz = (nuint)sizeof(bpf_link_create_opts), flags = flags };
        return bpf_link_create(program, interfaceIndex, attachType, &options);
    }
}
