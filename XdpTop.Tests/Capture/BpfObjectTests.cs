using XdpTop.Capture;

namespace XdpTop.Tests.Capture;

public sealed class BpfObjectTests
{
    [Fact]
    public void The_verifier_s_reason_is_the_line_before_its_statistics()
    {
        const string Log = """
            libbpf: prog 'p': BPF program load failed: Permission denied
            libbpf: prog 'p': -- BEGIN PROG LOAD LOG --
            0: R1=ctx(off=0,imm=0) R10=fp0
            1: (71) r0 = *(u8 *)(r1 +0)
            invalid access to packet, off=0 size=1, R1(id=0,off=0,r=0)
            processed 2 insns (limit 1000000) max_states_per_insn 0
            -- END PROG LOAD LOG --
            libbpf: failed to load object 'x'
            """;
        Assert.Equal("invalid access to packet, off=0 size=1, R1(id=0,off=0,r=0)", BpfObject.VerifierVerdict(Log));
        Assert.Equal("", BpfObject.VerifierVerdict("libbpf: failed to load object 'x'\n"));
    }
}
