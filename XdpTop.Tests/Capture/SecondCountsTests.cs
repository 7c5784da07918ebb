using XdpTop.Capture;

namespace XdpTop.Tests.Capture;

public sealed unsafe class SecondCountsTests
{
    private const long Second = 1_000_000_000;
    private const long Begin = 1_700_000_000;

    [Theory]
    [InlineData(100, 0)]
    [InlineData(3600, 5)]
    [InlineData(9000, 3000)]
    public void Counts_what_a_dictionary_counts_over_the_last_hour(int length, int disorder)
    {
        Random random = new(length);
        SecondCounts counts = new();
        Dictionary<long, (ulong Frames, ulong Octets)> model = [];
        long earliest = long.MaxValue;
        Frame[] frames = new Frame[64];
        for (int second = 0; second < length; second += random.Next(4))
        {
            int count = random.Next(1, frames.Length);
            for (int i = 0; i < count; i++)
            {
                long time = (Begin + second - random.Next(disorder + 1)) * Second + random.NextInt64(Second);
                uint octets = (uint)random.Next(60, 1500);
                frames[i].Set(null, 0, octets, time);
                earliest = Math.Min(earliest, time);
                (ulong f, ulong o) = model.GetValueOrDefault(time / Second);
                model[time / Second] = (f + 1, o + octets);
            }
            counts.Add(frames.AsSpan(0, count));
        }
        Assert.Equal((earliest, model.Keys.Max()), (counts.Earliest, counts.Newest));
        Assert.Equal(Math.Max(earliest / Second, counts.Newest - 3599), counts.Oldest);
        for (long second = counts.Oldest; second <= counts.Newest; second++)
            Assert.Equal(model.GetValueOrDefault(second), counts[second]);
    }

    [Fact]
    public void Frames_that_go_back_behind_the_hour_are_left_out()
    {
        SecondCounts counts = new();
        Frame[] frames = new Frame[3];
        frames[0].Set(null, 0, 100, (Begin + 5000) * Second);
        frames[1].Set(null, 0, 100, Begin * Second);
        frames[2].Set(null, 0, 100, 0);
        counts.Add(frames);
        Assert.Equal((1, Begin + 5000, Begin + 1401), (counts.Earliest, counts.Newest, counts.Oldest));
        Assert.Equal((1ul, 100ul), counts[Begin + 5000]);
        Assert.Equal((0ul, 0ul), counts[Begin + 1401]);
    }
}
