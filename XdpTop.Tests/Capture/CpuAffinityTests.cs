using XdpTop.Capture;
using XdpTop.Native;

namespace XdpTop.Tests.Capture;

public sealed class CpuAffinityTests
{
    [Fact]
    public void A_pinned_thread_runs_on_its_core_and_others_are_left_alone()
    {
        int[] before = CpuAffinity.Allowed();
        int last = before[^1];
        int[] pinned = [];
        Thread thread = new(() =>
        {
            CpuAffinity.Pin(last);
            pinned = CpuAffinity.Allowed();
        });
        thread.Start();
        thread.Join();
        Assert.Equal([last], pinned);
        Assert.Equal(before, CpuAffinity.Allowed());
    }

    [Fact]
    public void Cores_are_avoided_as_long_as_there_are_others()
    {
        int[] before = CpuAffinity.Allowed();
        int[] without = [], withNoneLeft = [];
        Thread thread = new(() =>
        {
            CpuAffinity.Avoid([before[^1]]);
            without = CpuAffinity.Allowed();
            CpuAffinity.Avoid(before);
            withNoneLeft = CpuAffinity.Allowed();
        });
        thread.Start();
        thread.Join();
        Assert.Equal(before.Length > 1 ? before[..^1] : before, without);
        Assert.Equal(without, withNoneLeft);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4095)]
    [InlineData(4096)]
    public void A_core_that_is_not_there_is_named(int cpu) =>
        Assert.StartsWith(
            $"pinning a thread to core {cpu} failed: ",
            Assert.Throws<NativeException>(() => CpuAffinity.Pin(cpu)).Message,
            StringComparison.Ordinal);
}
