using XdpTop.Capture;

namespace XdpTop.Tests.Privileged;

public sealed class ScreenEndTests
{
    [Fact]
    public void After_its_last_refresh_the_screen_ends_and_all_is_well_though_snapshots_go_on()
    {
        string program = Environment.GetEnvironmentVariable("XDPTOP_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "xdptop");
        using VethPair pair = VethPair.Create($"xts{Environment.ProcessId}a", $"xts{Environment.ProcessId}b", queues: 1);
        // script gives it a terminal; refreshes come faster than workers end.
        using OtherProgram script = new(
            "script", "-qec", $"stty cols 100 rows 30; TERM=xterm-256color exec '{program}' {pair.Name} -d 0.05 -n 2", "/dev/null");
        (int status, string output, _) = script.WaitForExit();
        Assert.True(status == 0, $"exit status {status}: {output}");
        Assert.Contains("packets received", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", output, StringComparison.Ordinal);
    }
}
