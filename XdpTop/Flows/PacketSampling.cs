namespace XdpTop.Flows;

/// <summary>Which of the packets are metered (RFC 5475): one in so many.</summary>
/// <param name="Interval">1 is all.</param>
/// <param name="IsRandom">Each with the same probability (section 5.2.2.1), rather than every so many'th (section 5.1).</param>
internal readonly record struct PacketSampling(uint Interval, bool IsRandom)
{
    /// <summary>All packets.</summary>
    public static readonly PacketSampling Off = new(1, IsRandom: false);

    public bool IsOn => Interval > 1;
}
