using System.Reflection;
using XdpTop.Flows;

namespace XdpTop.Tests.Flows;

public sealed class ObservationPointCountersTests
{
    [Theory]
    [InlineData(0, 0, 0, null)]                // nothing has come
    [InlineData(1000, 1000, 0, 1.0)]
    [InlineData(900, 1000, 0, 0.9)]
    [InlineData(900, 900, 100, 0.9)]           // what was missed is not among those counted
    [InlineData(0, 10, 0, 0.0)]
    [InlineData(1010, 1000, 0, 1.0)]           // read a moment later: never beyond all
    [InlineData(60, 0, 0, null)]               // counted nowhere
    [InlineData(1_100_064, 1_000_000, 0, 1.0)]
    [InlineData(1_100_065, 1_000_000, 0, null)] // the driver counts less than there is
    public void Coverage_is_the_share_that_was_received(ulong received, ulong counted, ulong missed, double? coverage) =>
        Assert.Equal(coverage, new ObservationPointCounters { ReceivedPackets = received, InterfacePackets = counted, InterfaceMissed = missed }.Coverage);

    [Fact]
    public void Sums_and_differences_have_every_field()
    {
        object a = default(ObservationPointCounters);
        object b = default(ObservationPointCounters);
        FieldInfo[] fields = // what counts
            [.. typeof(ObservationPointCounters).GetFields(BindingFlags.Public | BindingFlags.Instance).Where(field => field.FieldType == typeof(ulong))];
        for (int i = 0; i < fields.Length; i++)
        {
            fields[i].SetValue(a, (ulong)i + 1);
            fields[i].SetValue(b, 100UL * ((ulong)i + 1));
        }
        object sum = (ObservationPointCounters)a + (ObservationPointCounters)b;
        Assert.All(fields.Index(), item => Assert.Equal(101UL * ((ulong)item.Index + 1), item.Item.GetValue(sum)));
        object difference = (ObservationPointCounters)sum - (ObservationPointCounters)b;
        Assert.All(fields.Index(), item => Assert.Equal((ulong)item.Index + 1, item.Item.GetValue(difference)));
        Assert.Equal(7u, (new ObservationPointCounters { SamplingInterval = 7 } - new ObservationPointCounters { SamplingInterval = 7 }).SamplingInterval);
    }
}
