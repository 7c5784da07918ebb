using System.Runtime.InteropServices;
using XdpTop.Capture;
using XdpTop.Native;

namespace XdpTop.Tests.Privileged;

/// <summary>However it ends, a tap leaves nothing attached, and never touches what others have attached.</summary>
public sealed partial class TapEndsTests : IDisposable
{
    private const int SigKill = 9;
    private const string Clsact = "qdisc clsact";
    private static readonly string[] s_others = ["protocol", "ip", "prio", "7", "u32", "match", "u32", "0", "0", "classid", "1:1"];

    private readonly VethPair _pair = VethPair.Create(TestNetwork.Name("tea"), TestNetwork.Name("teb"), queues: 1);

    public void Dispose() => _pair.Dispose();

    [Theory]
    [InlineData(ProgramRun.SigInt)]
    [InlineData(SigKill)]
    public void The_kernel_takes_its_programs_from_the_tcx_hooks(int signal)
    {
        int index = Links.IndexOf(_pair.Name);
        using ProgramRun run = Start("tcx");
        Assert.Equal((1u, 1u), (Attached(index, Tcx.BPF_TCX_INGRESS), Attached(index, Tcx.BPF_TCX_EGRESS)));
        Assert.DoesNotContain(Clsact, Qdiscs(), StringComparison.Ordinal);
        End(run, signal);
        Assert.True(ProgramRun.Until(() => Attached(index, Tcx.BPF_TCX_INGRESS) + Attached(index, Tcx.BPF_TCX_EGRESS) == 0));
    }

    [Fact]
    public void Its_filters_go_and_so_does_the_qdisc_that_it_made()
    {
        using ProgramRun first = Start("clsact");
        Assert.Contains("xdptop_in", Filters("ingress"), StringComparison.Ordinal);
        Assert.Contains("xdptop_out", Filters("egress"), StringComparison.Ordinal);
        using (ProgramRun second = Start("clsact"))
        {
            Assert.Equal(2, Filters("ingress").Split("handle 0x5854").Length - 1);
            End(second, ProgramRun.SigInt);
        }
        Assert.Equal(1, Filters("ingress").Split("handle 0x5854").Length - 1);
        End(first, ProgramRun.SigInt);
        Assert.DoesNotContain(Clsact, Qdiscs(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_killed_one_left_is_removed_by_the_next()
    {
        using (ProgramRun killed = Start("clsact"))
            End(killed, SigKill);
        Assert.Contains("xdptop_in", Filters("ingress"), StringComparison.Ordinal);
        using ProgramRun next = Start("clsact");
        Assert.Equal(1, Filters("ingress").Split("handle 0x5854").Length - 1);
        Assert.Equal(1, Filters("egress").Split("handle 0x5854").Length - 1);
        End(next, ProgramRun.SigInt);
        Assert.DoesNotContain(Clsact, Qdiscs(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Other_s_filters_and_the_qdisc_under_them_stay(bool wereFirst)
    {
        if (wereFirst)
            OtherProgram.Run("tc", "qdisc", "add", "dev", _pair.Name, "clsact");
        using ProgramRun run = Start("clsact");
        OtherProgram.Run("tc", ["filter", "add", "dev", _pair.Name, "egress", .. s_others]);
        End(run, ProgramRun.SigInt);
        Assert.Contains(Clsact, Qdiscs(), StringComparison.Ordinal);
        Assert.Contains("u32", Filters("egress"), StringComparison.Ordinal);
        Assert.DoesNotContain("xdptop", Filters("egress") + Filters("ingress"), StringComparison.Ordinal);
        OtherProgram.Run("tc", "filter", "delete", "dev", _pair.Name, "egress");

        // A qdisc that was there before stays without filters, too.
        using ProgramRun again = Start("clsact");
        End(again, ProgramRun.SigInt);
        Assert.Contains(Clsact, Qdiscs(), StringComparison.Ordinal);
    }

    [Fact]
    public void Packets_are_the_same_by_clsact()
    {
        using TapNetwork network = new("te");
        using ProgramRun run = network.Start("--attach", "clsact");
        TapNetwork.Python(network.Near, """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 5000))
            for n in range(100):
                try: s.sendto(bytes(n), ("10.9.0.2", 9))
                except ConnectionRefusedError: s.sendto(bytes(n), ("10.9.0.2", 9))
            """);
        Thread.Sleep(300);
        ulong packets = network.Statistic("rx_packets") + network.Statistic("tx_packets");
        TapNetwork.End(run);
        Assert.Equal(packets, run.Summary().GetProperty("receivedPackets").GetUInt64());
        Assert.Equal("clsact", run.Summary().GetProperty("interfaces")[0].GetProperty("attach").GetString());
    }

    private ProgramRun Start(string attach)
    {
        ProgramRun run = ProgramRun.Start(_pair.Name, "--attach", attach, "-b", "-d", "0.2");
        run.WaitUntilItMeters();
        return run;
    }

    private static void End(ProgramRun run, int signal)
    {
        run.Signal(signal);
        Assert.Equal(signal == SigKill ? 128 + SigKill : 0, run.WaitForEnd());
    }

    private string Qdiscs() => OtherProgram.Run("tc", "qdisc", "show", "dev", _pair.Name);

    private string Filters(string hook) => OtherProgram.Run("tc", "filter", "show", "dev", _pair.Name, hook);

    /// <summary>How many programs are attached at a hook.</summary>
    private static unsafe uint Attached(int interfaceIndex, int hook)
    {
        uint* programs = stackalloc uint[64];
        uint count = 64;
        Assert.Equal(0, bpf_prog_query(interfaceIndex, hook, 0, null, programs, &count));
        return count;
    }

    // int bpf_prog_query(int target_fd, enum bpf_attach_type type, __u32 query_flags, __u32 *attach_flags, __u32 *prog_ids, __u32 *prog_cnt);
    [LibraryImport("libbpf.so.1")]
    private static unsafe partial int bpf_prog_query(int target_fd, int type, uint query_flags, uint* attach_flags, uint* prog_ids, uint* prog_cnt);
}
