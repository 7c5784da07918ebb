using XdpTop.Export;

namespace XdpTop.Tests.Export;

public sealed class ReconnectionTests
{
    private readonly ManualTime _time = new();

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
            _time.Advance(TimeSpan.FromSeconds(30));
            reconnection.OnFailed(stalls);
            _time.Advance(TimeSpan.FromSeconds(wait - 0.01));
            Assert.Null(reconnection.TryTake(out _));
            _time.Advance(TimeSpan.FromSeconds(0.01));
        }
    }
}
