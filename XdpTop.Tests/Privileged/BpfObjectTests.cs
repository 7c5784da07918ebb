using XdpTop.Capture;

namespace XdpTop.Tests.Privileged;

public sealed class BpfObjectTests
{
    [Fact]
    public void The_redirect_program_loads_with_as_many_queues_as_asked_for()
    {
        using BpfObject bpf = BpfObject.Open("xdptop.bpf.o");
        bpf.SetMaxEntries("xsks", 3);
        bpf.Load();
        int map = bpf.MapFd("xsks");
        Assert.True(map > 0);
        Assert.True(bpf.ProgramFd("xdptop_redirect") > 0);
        Assert.Contains("max_entries:\t3\n", File.ReadAllText($"/proc/self/fdinfo/{map}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_or_map_that_is_not_there_is_named()
    {
        using BpfObject bpf = BpfObject.Open("xdptop.bpf.o");
        Assert.Contains("'no_such'", Assert.Throws<ArgumentException>(() => bpf.MapFd("no_such")).Message, StringComparison.Ordinal);
        Assert.Contains("'no_such'", Assert.Throws<ArgumentException>(() => bpf.ProgramFd("no_such")).Message, StringComparison.Ordinal);
    }
}
