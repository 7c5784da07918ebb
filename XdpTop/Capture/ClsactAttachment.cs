using System.Net.Sockets;
using XdpTop.Native;
using static XdpTop.Native.Libbpf;
using static XdpTop.Native.Netlink;
using static XdpTop.Native.RtNetlink;

namespace XdpTop.Capture;

/// <summary>
/// By filters of the interface's clsact qdisc, for kernels without tcx. The kernel keeps filters when the process that
/// made them is killed, so that they have to be known again: each running xdptop has a slot of its own, and with it the
/// handles of its filters. It holds the slot by a socket with an abstract name, which goes with the process, and which
/// is of the same network namespace as the interface. A filter of a slot that nobody holds is a leftover, and is removed by
/// who takes the slot. What others have attached is left alone, and so is a clsact qdisc that they use or have made.
/// </summary>
internal sealed unsafe class ClsactAttachment : TapAttachment
{
    private const int Slots = 16;

    // Filters of one priority are of one kind and protocol: a number that nobody is likely to use for other ones.
    private const uint Priority = 0x5854;
    private const uint FirstHandle = 0x58545000;

    /// <summary>In a handle: whoever made the filter made the qdisc as well.</summary>
    private const uint MadeQdisc = 0x100;
    private const int HookPoints = BPF_TC_INGRESS | BPF_TC_EGRESS;

    private static readonly int[] s_points = [BPF_TC_INGRESS, BPF_TC_EGRESS];

    private readonly int _interfaceIndex;
    private readonly Socket _slot;
    private readonly uint _handle;
    private readonly List<int> _attachedAt = [];
    private bool _isDisposed;

    /// <exception cref="NativeException">No rights, no such kernel, or the interface has gone.</exception>
    public ClsactAttachment(string interfaceName, int interfaceIndex, int ingress, int egress)
    {
        _interfaceIndex = interfaceIndex;
        (_slot, int slot) = TakeSlot(interfaceName, interfaceIndex);
        bool leftQdisc = RemoveLeftovers(interfaceIndex, FirstHandle + (uint)slot);
        bpf_tc_hook hook = Hook(interfaceIndex, HookPoints);
        int error = -bpf_tc_hook_create(&hook);
        if (error is not (0 or Errno.EEXIST))
        {
            _slot.Dispose();
            throw Failure(error);
        }
        bool madeQdisc = error == 0 || leftQdisc;
        _handle = FirstHandle + (uint)slot + (madeQdisc ? MadeQdisc : 0);
        error = Attach(BPF_TC_INGRESS, ingress);
        if (error == 0)
            error = Attach(BPF_TC_EGRESS, egress);
        if (error != 0)
        {
            Dispose();
            throw Failure(error);
        }

        NativeException Failure(int error) => new(
            $"attaching BPF programs to {interfaceName} by a clsact qdisc", error, error switch
            {
                Errno.EPERM => Capabilities.Remedy(),
                Errno.ENODEV => "the interface has gone",
                _ => "the kernel needs CONFIG_NET_CLS_BPF and CONFIG_NET_SCH_INGRESS",
            });
    }

    public override string Kind => "clsact";

    public override bool IsAttached => _attachedAt.TrueForAll(point => IsOurs(_interfaceIndex, point, _handle));

    public override void Dispose()
    {
        if (_isDisposed)
            return; // a qdisc that is there by now is someone else's
        _isDisposed = true;
        Remove(_interfaceIndex, _handle, _attachedAt);
        _attachedAt.Clear();
        _slot.Dispose();
    }

    private int Attach(int point, int program)
    {
        bpf_tc_hook hook = Hook(_interfaceIndex, point);
        bpf_tc_opts filter = Filter(_handle);
        filter.prog_fd = program;
        int error = -bpf_tc_attach(&hook, &filter);
        if (error == 0)
            _attachedAt.Add(point);
        return error;
    }

    /// <summary>Removes filters that an xdptop which was killed has left in a slot; gives whether the qdisc is to be removed in its stead.</summary>
    private static bool RemoveLeftovers(int interfaceIndex, uint handle)
    {
        bool leftQdisc = false;
        foreach (uint leftover in (ReadOnlySpan<uint>)[handle, handle + MadeQdisc])
        {
            int[] points = [.. s_points.Where(point => IsOurs(interfaceIndex, point, leftover))];
            if (points.Length > 0)
                leftQdisc |= !Remove(interfaceIndex, leftover, points) && (leftover & MadeQdisc) != 0;
        }
        return leftQdisc;
    }

    /// <summary>Removes our filters of a handle, and the qdisc if the handle says so and nobody else uses it. Whether that is gone.</summary>
    private static bool Remove(int interfaceIndex, uint handle, IEnumerable<int> points)
    {
        foreach (int point in points)
        {
            bpf_tc_hook hook = Hook(interfaceIndex, point);
            bpf_tc_opts filter = Filter(handle);
            _ = bpf_tc_detach(&hook, &filter);
        }
        if ((handle & MadeQdisc) == 0 || HasFilters(interfaceIndex, TC_H_MIN_INGRESS) || HasFilters(interfaceIndex, TC_H_MIN_EGRESS))
            return false;
        bpf_tc_hook qdisc = Hook(interfaceIndex, HookPoints);
        return bpf_tc_hook_destroy(&qdisc) == 0;
    }

    /// <summary>Whether there is a filter of this handle with a program of bpf/tap.bpf.c.</summary>
    private static bool IsOurs(int interfaceIndex, int point, uint handle)
    {
        bpf_tc_hook hook = Hook(interfaceIndex, point);
        bpf_tc_opts filter = Filter(handle);
        return bpf_tc_query(&hook, &filter) == 0
            && BpfObject.ProgramName(filter.prog_id).StartsWith(TapProgram.NamePrefix, StringComparison.Ordinal);
    }

    private static bool HasFilters(int interfaceIndex, uint hook)
    {
        tcmsg place = new() { tcm_ifindex = interfaceIndex, tcm_parent = TC_H_CLSACT & 0xFFFF0000 | hook };
        return new RtNetlinkRequest(stackalloc byte[64], RTM_GETTFILTER, NLM_F_DUMP, place).HasAny(RTM_NEWTFILTER);
    }

    private static (Socket Socket, int Slot) TakeSlot(string interfaceName, int interfaceIndex)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        for (int slot = 0; slot < Slots; slot++)
        {
            try
            {
                socket.Bind(new UnixDomainSocketEndPoint($"\0xdptop-clsact-{interfaceIndex}-{slot}"));
                return (socket, slot);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // another xdptop's
            }
        }
        socket.Dispose();
        throw new NativeException($"{Slots} running xdptops have attached filters to {interfaceName} already: end one of them");
    }

    private static bpf_tc_hook Hook(int interfaceIndex, int point) =>
        new() { sz = (nuint)sizeof(bpf_tc_hook), ifindex = interfaceIndex, attach_point = point };

    private static bpf_tc_opts Filter(uint handle) =>
        new() { sz = (nuint)sizeof(bpf_tc_opts), handle = handle, priority = Priority };
}
