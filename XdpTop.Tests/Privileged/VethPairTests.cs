using System.Diagnostics;
using XdpTop.Capture;
using XdpTop.Native;

namespace XdpTop.Tests.Privileged;

public sealed class VethPairTests
{
    // Of this process alone, so that two runs of the tests do not meet.
    private static readonly string s_a = $"xtv{Environment.ProcessId}a";
    private static readonly string s_b = $"xtv{Environment.ProcessId}b";

    [Fact]
    public void A_pair_has_the_queues_asked_for_and_is_up_until_it_is_disposed()
    {
        using (VethPair.Create(s_a, s_b, queues: 3))
        {
            foreach (string name in (string[])[s_a, s_b])
            {
                NetworkInterface end = NetworkInterface.Find(name);
                Assert.Equal("veth", end.Driver);
                Assert.Equal(3, end.RxQueues);
                Assert.True(end.IsUp);
                Eventually(() => end.IsRunning);
                Assert.Matches($@"^{end.Index}: {name}@.* numtxqueues 3 .*numrxqueues 3 ", Ip("-o", "-d", "link", "show", name));
                Assert.DoesNotContain("inet6", Ip("-o", "address", "show", name), StringComparison.Ordinal);
            }
            Links.SetUp(s_b, false);
            Assert.False(NetworkInterface.Find(s_b).IsUp);
            Assert.True(NetworkInterface.Find(s_a).IsUp);
            Eventually(() => !NetworkInterface.Find(s_a).IsRunning); // no carrier
            Links.SetMtu(s_a, 3000);
            Assert.Contains(" mtu 3000 ", Ip("-o", "link", "show", s_a), StringComparison.Ordinal);
        }
        Assert.Equal(0, Links.IndexOf(s_a));
        Assert.Equal(0, Links.IndexOf(s_b));
    }

    [Fact]
    public void What_an_earlier_run_left_is_replaced()
    {
        VethPair leftover = VethPair.Create(s_a + "x", s_b + "x", queues: 1);
        int before = Links.IndexOf(leftover.Name);
        using (VethPair pair = VethPair.Create(s_a + "x", s_b + "x", queues: 2))
        {
            Assert.NotEqual(before, Links.IndexOf(pair.Name));
            Assert.Equal(2, NetworkInterface.Find(pair.Name).RxQueues);
        }
        leftover.Dispose(); // gone already: no error
    }

    [Fact]
    public void A_refusal_says_what_failed_and_why()
    {
        NativeException mtu = Assert.Throws<NativeException>(() => Links.SetMtu("lo", -1));
        Assert.StartsWith("setting the MTU of lo to -1 failed: Invalid argument (errno 22); ", mtu.Message, StringComparison.Ordinal);
        NativeException taken = Assert.Throws<NativeException>(() => Links.CreateVethPair("lo", s_b + "y", 1));
        Assert.Contains("File exists (errno 17)", taken.Message, StringComparison.Ordinal);
        Assert.False(Links.Delete(s_b + "y"));
    }

    /// <summary>The kernel tells of a carrier's coming and going a moment later.</summary>
    private static void Eventually(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(5)));

    private static string Ip(params string[] arguments)
    {
        using Process ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardOutput = true })!;
        string output = ip.StandardOutput.ReadToEnd();
        ip.WaitForExit();
        return output;
    }
}
