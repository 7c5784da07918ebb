using XdpTop.Flows;
using XdpTop.Metering;

namespace XdpTop.Tests.Metering;

public sealed class PacketSamplerTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void By_count_every_Nth_packet_is_taken(uint interval)
    {
        PacketSampler sampler = new(new PacketSampling(interval, IsRandom: false));
        for (uint packet = 1; packet <= 1000; packet++)
            Assert.Equal(packet % interval == 0, sampler.TakesNext());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Many_at_once_are_as_many_as_one_by_one(bool isRandom)
    {
        PacketSampling sampling = new(7, isRandom);
        PacketSampler one = new(sampling, seed: 1), many = new(sampling, seed: 1);
        Random random = new(2);
        for (int i = 0; i < 1000; i++)
        {
            uint packets = (uint)random.Next(50);
            uint expected = 0;
            for (int packet = 0; packet < packets; packet++)
                expected += one.TakesNext() ? 1u : 0;
            Assert.Equal(expected, many.Take(packets));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    public void At_random_each_packet_has_the_same_probability_whatever_was_taken_before(uint interval)
    {
        const int Packets = 1_000_000;
        PacketSampler sampler = new(new PacketSampling(interval, IsRandom: true), seed: 3);
        int taken = 0, after = 0, neighbours = 0;
        bool before = false;
        for (int packet = 0; packet < Packets; packet++)
        {
            bool takes = sampler.TakesNext();
            taken += takes ? 1 : 0;
            after += before ? 1 : 0;
            neighbours += before && takes ? 1 : 0;
            before = takes;
        }
        double probability = 1.0 / interval;
        double deviation = Math.Sqrt(Packets * probability * (1 - probability));
        Assert.InRange(taken, Packets * probability - 5 * deviation, Packets * probability + 5 * deviation);
        Assert.InRange((double)neighbours / after, 0.97 * probability, 1.03 * probability);
    }
}
