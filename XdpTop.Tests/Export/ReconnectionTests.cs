using XdpTop.Export;

namespace XdpTop.Tests.Export;

public sealed class ReconnectionTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void At_the_end_it_is_tried_at_once_and_often()
    {
        Assert.True(CollectorAddress.TryParse("tcp://127.0.0.1:1", out CollectorAddress? address, out _));
        int tries = 0;
        ExportOptions options = new() { RetryInterval = TimeSpan.FromSeconds(1), RetryJitter = 0 };
        using Reconnection reconnection = new(address, options, (_, _) =>
        {
            tries++;
            return Task.FromException<ITransport>(new IOException("refused"));
        }, _time);
        Pass(seconds: 20);
        Assert.Equal(5, tries); // after 0, 1, 3, 7 and 15 seconds
        reconnection.Hurry();
        Pass(seconds: 4);
        Assert.Equal(9, tries);

        void Pass(int seconds)
        {
            for (int i = 0; i < 10 * seconds; i++)
            {
                Assert.Null(reconnection.TryTake(out _));
                _time.Advance(TimeSpan.FromSeconds(0.1));
            }
        }
    }

    [Theory]
    [InlineData(false, new[] { 1.0, 1.0, 1.0, 1.0 })]
    [InlineData(true, new[] { 1.0, 2.0, 4.0, 8.0 })]
    public void A_connection_that_has_stood_begins_anew_unless_it_stalled(bool stalls, double[] waits)
    {
        Assert.True(CollectorAddress.TryParse("tcp://127.0.0.1:1", out CollectorAddress? address, out _));
        ExportOptions options = new() { RetryInterval = TimeSpan.FromSeconds(1), RetryJitter = 0 };
        using Reconnection reconnection = new(address, options, (_, _) => Task.FromResult<ITransport>(new FakeTransport()), _time);
        foreach (double wait in waits)
        {
            Assert.NotNull(reconnection.TryTake(out _));
            long connected = _time.GetTimestamp();
            _time.Advance(TimeSpan.FromSeconds(30));
            reconnection.OnFailed(wellUntil: stalls ? connected : _time.GetTimestamp());
            _time.Advance(TimeSpan.FromSeconds(wait - 0.01));
            Assert.Null(reconnection.TryTake(out _));
            _time.Advance(TimeSpan.FromSeconds(0.01));
        }
    }
}
