namespace XdpTop.Tests;

/// <summary>What other threads do in their own time.</summary>
internal static class Eventually
{
    /// <summary>Waits until it is so.</summary>
    public static void Await(Func<bool> condition) =>
        Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20)), "it did not happen in 20 s");
}
