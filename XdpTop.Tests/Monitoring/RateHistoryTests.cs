using XdpTop.Monitoring;

namespace XdpTop.Tests.Monitoring;

public sealed class RateHistoryTests
{
    private const long Second = 1_000_000_000;
    private const long Start = 1_800_000_000;

    [Theory]
    [InlineData(0.05)]
    [InlineData(1)]
    [InlineData(2.7)]
    [InlineData(61)]
    public void Whatever_the_interval_each_second_has_its_rate(double interval)
    {
        RateHistory history = new();
        double now = Start + 0.4;
        while (now < Start + 500)
        {
            history.Add(At(now), At(now + interval), 100 * interval, 7 * interval);
            now += interval;
        }
        Assert.Equal(Start + 1, history.From); // the second before is not known in full
        Assert.InRange(history.To, now - 1, now);
        for (long second = history.From; second < history.To; second++)
        {
            Assert.Equal(100, history.OctetRate(second, second + 1), 1);
            Assert.Equal(7, history.PacketRate(second, second + 1), 1);
        }
        Assert.Equal(double.NaN, history.OctetRate(history.To, history.To + 10));
        Assert.Equal(double.NaN, history.OctetRate(Start - 10, Start));
    }

    [Fact]
    public void An_hour_is_kept_and_no_more()
    {
        RateHistory history = new();
        for (int second = 0; second < 10_000; second++)
            history.Add(At(Start + second), At(Start + second + 1), second, 0);
        Assert.Equal(Start + 10_000, history.To);
        Assert.Equal(RateHistory.Length - 1, history.To - history.From);
        for (long second = history.From; second < history.To; second++)
            Assert.Equal(second - Start, history.OctetRate(second, second + 1), 1);
        Assert.Equal(9994.5, history.OctetRate(history.To - 10, history.To), 1);
    }

    [Fact]
    public void A_clock_that_goes_back_begins_anew()
    {
        RateHistory history = new();
        history.Add(At(Start), At(Start + 100), 1e6, 1);
        history.Add(At(Start + 50), At(Start + 40), 5, 5); // no time at all
        Assert.Equal(Start + 100, history.To);
        history.Add(At(Start - 1000), At(Start - 990), 1000, 1);
        Assert.Equal(100, history.OctetRate(Start - 999, Start - 990), 1);
        Assert.Equal(double.NaN, history.OctetRate(Start, Start + 100));
    }

    private static long At(double seconds) => (long)(seconds * 1000) * (Second / 1000);
}
