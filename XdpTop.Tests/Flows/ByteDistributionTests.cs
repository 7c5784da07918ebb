using XdpTop.Flows;

namespace XdpTop.Tests.Flows;

public sealed class ByteDistributionTests
{
    [Fact]
    public void No_payload_and_one_value_alone_have_no_entropy()
    {
        ByteDistribution counts = default;
        Assert.Equal(0, ByteDistribution.Entropy(counts));
        counts[7] = 3;
        Assert.Equal(0, ByteDistribution.Entropy(counts));
        Assert.False(double.IsNegative(ByteDistribution.Entropy(counts)));
        counts[7] = uint.MaxValue;
        Assert.Equal(0, ByteDistribution.Entropy(counts));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(16, 4)]
    [InlineData(256, 8)]
    public void Values_that_are_equally_frequent_have_the_entropy_of_their_number(int values, double bits)
    {
        foreach (uint count in new uint[] { 1, 3, uint.MaxValue })
        {
            ByteDistribution counts = default;
            for (int value = 0; value < values; value++)
                counts[value] = count;
            Assert.Equal(bits, ByteDistribution.Entropy(counts));
        }
    }

    [Fact]
    public void Others_have_what_the_definition_says()
    {
        ByteDistribution counts = default;
        (counts['a'], counts['b'], counts['c']) = (2, 1, 1);
        Assert.Equal(1.5, ByteDistribution.Entropy(counts));
        (counts['a'], counts['b'], counts['c']) = (9, 1, 0);
        Assert.Equal(0.468995593589281, ByteDistribution.Entropy(counts), 1e-12); // of a coin that falls 9 : 1
    }
}
