using XdpTop.Native;
using static Tmds.Linux.LibC;
using static XdpTop.Native.IfXdp;
using static XdpTop.Native.Libbpf;

namespace XdpTop.Capture;

/// <summary>
/// bpf/xdptop.bpf.c on an interface, by a bpf_link: when this process ends, however it does, the kernel detaches it.
/// What another program has attached is never replaced.
/// </summary>
internal sealed unsafe class XdpProgram : IDisposable
{
    private const string Program = "xdptop_redirect";

    // enum counter of xdptop.bpf.c
    private const uint CounterPassed = 1;

    private readonly BpfObject _object;
    private int _link;

    private XdpProgram(BpfObject bpfObject, int link, bool isNative)
    {
        _object = bpfObject;
        _link = link;
        IsNative = isNative;
    }

    /// <summary>In the driver; else on skbs.</summary>
    public bool IsNative { get; }

    /// <summary>Frames left to the host, since their queue has no socket. Any thread.</summary>
    public ulong Passed => _object.ReadPerCpuCounter("counters", CounterPassed);

    /// <exception cref="NativeException">No rights, another program is attached, or the driver does not have the mode.</exception>
    public static XdpProgram Attach(string interfaceName, int interfaceIndex, int queues, AttachMode mode)
    {
        BpfObject bpfObject = BpfObject.Open("xdptop.bpf.o");
        try
        {
            bpfObject.SetMaxEntries("xsks", (uint)queues);
            bpfObject.Load();
            int program = bpfObject.ProgramFd(Program);
            int error = 0;
            if (mode != AttachMode.Skb)
            {
                int link = Link(program, interfaceIndex, XDP_FLAGS_DRV_MODE);
                if (link >= 0)
                    return new XdpProgram(bpfObject, link, isNative: true);
                error = -link;
            }
            // EBUSY and EEXIST mean that something is attached, which skb mode would not change.
            if (mode == AttachMode.Skb || (mode == AttachMode.Auto && error is not (Errno.EBUSY or Errno.EEXIST or Errno.EPERM)))
            {
                int link = Link(program, interfaceIndex, XDP_FLAGS_SKB_MODE);
                if (link >= 0)
                    return new XdpProgram(bpfObject, link, isNative: false);
                error = -link;
            }
            throw new NativeException($"attaching an XDP program to {interfaceName}", error, Remedy(error, interfaceIndex, mode));
        }
        catch
        {
            bpfObject.Dispose();
            throw;
        }
    }

    /// <summary>From now on the queue's frames go to this socket.</summary>
    public void Redirect(int queue, XskSocket socket)
    {
        uint key = (uint)queue;
        int value = socket.FileDescriptor;
        int error = bpf_map_update_elem(_object.MapFd("xsks"), &key, &value, BPF_ANY);
        if (error < 0)
            throw new NativeException($"entering the socket of queue {queue} into the XSKMAP", -error, "this is a bug: report it");
    }

    /// <summary>Detaches: the host has all frames from now on. What is in the rings by then can still be received.</summary>
    public void Detach()
    {
        if (_link >= 0)
            _ = close(_link);
        _link = -1;
    }

    /// <summary>After the last look at the counters.</summary>
    public void Dispose()
    {
        Detach();
        _object.Dispose();
    }

    private static int Link(int program, int interfaceIndex, uint flags)
    {
        bpf_link_create_opts options = new() { sz = (nuint)sizeof(bpf_link_create_opts), flags = flags };
        return bpf_link_create(program, interfaceIndex, BPF_XDP, &options);
    }

    private static string Remedy(int error, int interfaceIndex, AttachMode mode) => error switch
    {
        Errno.EBUSY or Errno.EEXIST =>
            $"{AttachedProgram(interfaceIndex)} is attached there and is not replaced: end the program that attached it ('bpftool net' and 'ip link' show more)",
        Errno.EPERM => Capabilities.Remedy(),
        Errno.ENODEV => "the interface has gone",
        _ when mode == AttachMode.Native =>
            "its driver has no native XDP, or not with this MTU or these offloads: use --attach auto, or a smaller MTU",
        _ => "see 'ethtool -i' for the driver, and try a smaller MTU",
    };

    /// <summary>Whether an XDP program, of whatever origin, is attached to the interface.</summary>
    public static bool IsAttachedTo(int interfaceIndex) => AttachedId(interfaceIndex) != 0;

    /// <summary>Whether what is attached works on skbs, not in the driver.</summary>
    public static bool IsAttachedToSkbs(int interfaceIndex) => Query(interfaceIndex) is { drv_prog_id: 0, skb_prog_id: not 0 };

    /// <summary>The kernel's number of the attached program; 0 if there is none, or none can be seen.</summary>
    public static uint AttachedId(int interfaceIndex)
    {
        bpf_xdp_query_opts query = Query(interfaceIndex);
        return query.prog_id != 0 ? query.prog_id : query.drv_prog_id != 0 ? query.drv_prog_id : query.skb_prog_id;
    }

    private static bpf_xdp_query_opts Query(int interfaceIndex)
    {
        bpf_xdp_query_opts query = new() { sz = (nuint)sizeof(bpf_xdp_query_opts) };
        return bpf_xdp_query(interfaceIndex, 0, &query) < 0 ? default : query;
    }

    /// <summary>Names what is attached, as "the XDP program 'xdp_pass' (id 17)".</summary>
    public static string AttachedProgram(int interfaceIndex)
    {
        uint id = AttachedId(interfaceIndex);
        if (id == 0)
            return "another XDP program";
        string name = BpfObject.ProgramName(id);
        return name == "" ? $"another XDP program (id {id})" : $"the XDP program '{name}' (id {id})";
    }
}
