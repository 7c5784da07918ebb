using System.Diagnostics;

namespace XdpTop.Capture;

/// <summary>
/// The time for live frames: nanoseconds since 1970-01-01 UTC, by the monotonic clock from what the wall clock said at
/// start. A step of the wall clock must not end flows early, nor make them begin after their end.
/// </summary>
internal static class CaptureClock
{
    private static readonly long s_ticksAtStart = Stopwatch.GetTimestamp();
    private static readonly long s_timeAtStart = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    // Stopwatch counts nanoseconds on Linux (CLOCK_MONOTONIC); the runtime fixes its Frequency at 10^9 there.
    public static long Now => s_timeAtStart + (Stopwatch.GetTimestamp() - s_ticksAtStart);
}
