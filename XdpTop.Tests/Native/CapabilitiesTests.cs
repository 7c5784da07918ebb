using XdpTop.Native;

namespace XdpTop.Tests.Native;

public sealed class CapabilitiesTests
{
    private const ulong NetAdmin = 1UL << 12, NetRaw = 1UL << 13, SysAdmin = 1UL << 21, Bpf = 1UL << 39;

    [Theory]
    [InlineData(0UL, "CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF")]
    [InlineData(NetAdmin | Bpf, "CAP_NET_RAW")]
    [InlineData(NetAdmin | NetRaw | SysAdmin, "")]
    [InlineData(NetAdmin | NetRaw | Bpf, "")]
    public void What_is_missing_is_named(ulong effective, string missing) =>
        Assert.Equal(missing, Capabilities.Missing(effective));
}
