using XdpTop.Monitoring;

namespace XdpTop.Tests.Monitoring;

public sealed class SnapshotExchangeTests
{
    [Fact]
    public void The_reader_gets_the_newest_once()
    {
        SnapshotExchange exchange = new(1);
        Assert.False(exchange.TryTake(out _));
        Write(exchange, 1);
        Write(exchange, 2);
        Assert.True(exchange.TryTake(out TrafficSnapshot snapshot));
        Assert.Equal(2, snapshot.Time);
        Assert.False(exchange.TryTake(out TrafficSnapshot same));
        Assert.Same(snapshot, same);
    }

    [Fact]
    public void What_the_reader_holds_is_not_written_to()
    {
        SnapshotExchange exchange = new(1);
        bool stop = false;
        Thread writer = new(() =>
        {
            for (long i = 1; !Volatile.Read(ref stop); i++)
                Write(exchange, i);
        });
        writer.Start();
        long last = 0;
        int taken = 0;
        while (taken < 20_000)
        {
            if (!exchange.TryTake(out TrafficSnapshot snapshot))
                continue;
            taken++;
            Assert.True(snapshot.Time > last);
            last = snapshot.Time;
            for (int look = 0; look < 5; look++)
            {
                Assert.Equal(last, snapshot.Time);
                Assert.Equal(last, snapshot.LiveFlows);
            }
        }
        Volatile.Write(ref stop, true);
        writer.Join();
    }

    private static void Write(SnapshotExchange exchange, long number)
    {
        exchange.Writing.Time = number;
        exchange.Writing.LiveFlows = (int)number;
        exchange.Publish();
    }
}
