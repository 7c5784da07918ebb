using XdpTop.Flows;

namespace XdpTop.Tests.Flows;

public sealed class LengthHistogramTests
{
    [Theory]
    [InlineData(0u, 0)]
    [InlineData(63u, 0)]
    [InlineData(64u, 1)]
    [InlineData(127u, 1)]
    [InlineData(128u, 2)]
    [InlineData(1500u, 5)]
    [InlineData(4095u, 6)]
    [InlineData(4096u, 7)]
    [InlineData(uint.MaxValue, 7)]
    public void A_length_goes_to_the_bin_whose_bounds_hold_it(uint octets, int bin)
    {
        Assert.Equal(bin, LengthHistogram.BinOf(octets));
        Assert.True(LengthHistogram.LowerBound(bin) <= octets);
    }
}
