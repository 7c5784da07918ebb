namespace XdpTop.Ipfix;

/// <summary>
/// Nanoseconds since 1970-01-01 UTC, as Flow Records have them, in the forms of RFC 7011 section 6.1.
/// </summary>
internal static class Timestamps
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long NanosecondsPerMillisecond = 1_000_000;
    private const long NanosecondsPerMicrosecond = 1_000;
    private const ulong NtpMicrosecondMask = 0x7ff;
    private const long SecondsFrom1900To1970 = 2_208_988_800;

    /// <summary>
    /// dateTimeNanoseconds: NTP's 64-bit timestamp, seconds since 1900 (which wrap in 2036) and 2^-32ths of a second.
    /// </summary>
    public static ulong ToNtp(long nanoseconds)
    {
        (long seconds, long rest) = Split(nanoseconds, NanosecondsPerSecond);
        // Rounded up: 2^-32 s is less than a nanosecond, so that a reader who rounds down gets the same one back.
        ulong fraction = (((ulong)rest << 32) + NanosecondsPerSecond - 1) / NanosecondsPerSecond;
        return ((ulong)(uint)(seconds + SecondsFrom1900To1970) << 32) | fraction;
    }

    /// <summary>dateTimeMicroseconds: the same, with the last 11 bits 0 (RFC 7011 section 6.1.9).</summary>
    public static ulong ToNtpMicroseconds(long nanoseconds)
    {
        (long whole, _) = Split(nanoseconds, NanosecondsPerMicrosecond);
        // Rounded up to what can be said: 2^-21 s is less than a microsecond.
        return (ToNtp(whole * NanosecondsPerMicrosecond) + NtpMicrosecondMask) & ~NtpMicrosecondMask;
    }

    /// <summary>dateTimeSeconds: seconds since 1970-01-01 UTC, until 2106.</summary>
    public static uint ToSeconds(long nanoseconds) => (uint)Split(nanoseconds, NanosecondsPerSecond).Whole;

    /// <summary>From one to the other, as many as there is room for.</summary>
    public static uint Milliseconds(long start, long end) =>
        (uint)Math.Clamp((end - start) / NanosecondsPerMillisecond, 0, uint.MaxValue);

    /// <summary>dateTimeMilliseconds: milliseconds since 1970-01-01 UTC.</summary>
    public static ulong ToMilliseconds(long nanoseconds) => (ulong)Split(nanoseconds, NanosecondsPerMillisecond).Whole;

    // Rounds towards the past, also before 1970.
    private static (long Whole, long Remainder) Split(long nanoseconds, long unit)
    {
        (long whole, long rest) = Math.DivRem(nanoseconds, unit);
        return rest < 0 ? (whole - 1, rest + unit) : (whole, rest);
    }
}
