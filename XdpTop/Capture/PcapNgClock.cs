namespace XdpTop.Capture;

/// <summary>What the timestamps of one interface in a pcapng file count: if_tsresol and if_tsoffset.</summary>
internal struct PcapNgClock
{
    private const ulong NanosecondsPerSecond = 1_000_000_000;
    private const int NanosecondsExponent = 9;
    private const byte BaseTwo = 0x80;
    private const int LargestPowerOfTen = 19;

    private readonly ulong _multiplier = 1000;
    private readonly ulong _divisor = 1;
    private readonly int _shift;

    /// <summary>Microseconds, as where nothing is said.</summary>
    public PcapNgClock()
    {
    }

    /// <param name="resolution">One second has 10^n units, or with the highest bit set 2^n.</param>
    public PcapNgClock(byte resolution)
    {
        int exponent = resolution & ~BaseTwo;
        _multiplier = 1;
        if ((resolution & BaseTwo) != 0)
            (_multiplier, _shift) = (NanosecondsPerSecond, exponent);
        else if (exponent <= NanosecondsExponent)
            _multiplier = PowerOfTen(NanosecondsExponent - exponent);
        else if (exponent - NanosecondsExponent <= LargestPowerOfTen)
            _divisor = PowerOfTen(exponent - NanosecondsExponent);
        else
            _multiplier = 0; // 2^64 of them are less than a nanosecond
    }

    /// <summary>Added to every timestamp.</summary>
    public long OffsetSeconds { get; set; }

    /// <summary>Nanoseconds since 1970-01-01 UTC; those before and those after the year 2116 become the nearest there is.</summary>
    public readonly long ToTimestamp(ulong ticks)
    {
        const long latest = CaptureFormat.LatestTimestamp;
        const long mostSeconds = latest / (long)NanosecondsPerSecond;
        ulong high = Math.BigMul(ticks, _multiplier, out ulong low);
        if (_shift > 0)
            (high, low) = Shift(new UInt128(high, low), _shift);
        else if (_divisor > 1)
            low /= _divisor;
        if (OffsetSeconds == 0 && high == 0)
            return (long)Math.Min(low, (ulong)latest);
        Int128 offset = (Int128)Math.Clamp(OffsetSeconds, -2 * mostSeconds, 2 * mostSeconds) * (long)NanosecondsPerSecond;
        Int128 sum = (Int128)UInt128.Min(new UInt128(high, low), ulong.MaxValue) + offset;
        return (long)Int128.Clamp(sum, 0, latest);
    }

    private static (ulong High, ulong Low) Shift(UInt128 value, int shift)
    {
        UInt128 shifted = value >> shift;
        return ((ulong)(shifted >> 64), (ulong)shifted);
    }

    private static ulong PowerOfTen(int exponent)
    {
        ulong power = 1;
        for (int i = 0; i < exponent; i++)
            power *= 10;
        return power;
    }
}
