using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Tests.Monitoring.Filters;

public sealed class FilterPropertyTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void Random_filters_say_of_random_flows_what_they_mean(int seed, bool metering)
    {
        Random random = new(seed);
        FlowRow[] rows = [.. Enumerable.Range(0, 100).Select(_ => RandomFilter.Row(random))];
        int matches = 0;
        for (int i = 0; i < 500; i++)
        {
            RandomFilter expected = RandomFilter.Make(random, metering, depth: 3);
            DisplayFilter screen = TestFilter.Of(expected.Text);
            FlowKeyFilter? worker = metering ? TestFilter.ForMetering(expected.Text) : null;
            foreach (ref readonly FlowRow row in rows.AsSpan())
            {
                bool should = expected.Matches(row);
                bool does = screen.Matches(in row, RandomFilter.Now);
                Assert.True(should == does, $"'{expected.Text}' says {does} of {row.Record.Key.Source.ToString(row.Record.Key.IpVersion)} seed {seed}");
                Assert.Equal(should, worker?.Passes(in row.Record.Key) ?? should);
                matches += should ? 1 : 0;
            }
        }
        Assert.InRange(matches, 5_000, 45_000); // of 50,000: neither nearly all nor nearly none
    }
}
