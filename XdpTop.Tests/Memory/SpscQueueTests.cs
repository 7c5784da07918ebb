using XdpTop.Memory;

namespace XdpTop.Tests.Memory;

public sealed class SpscQueueTests
{
    [Fact]
    public void Holds_what_its_capacity_says_and_gives_it_back_in_order()
    {
        using SpscQueue<int> queue = new(5);
        Assert.Equal(8, queue.Capacity);
        int[] taken = new int[3];
        int expected = 0;
        for (int next = 0; next < 100;)
        {
            while (queue.TryEnqueue(next))
                next++;
            Assert.Equal(8, queue.Count);
            Assert.Equal(3, queue.TryDequeue(taken));
            Assert.Equal([expected, expected + 1, expected + 2], taken);
            expected += 3;
        }
    }

    [Fact]
    public void Nothing_is_lost_or_changed_between_two_threads()
    {
        const int Items = 1_000_000;
        using SpscQueue<(long, long)> queue = new(64);
        Thread producer = new(() =>
        {
            for (long i = 0; i < Items; i++)
            {
                while (!queue.TryEnqueue((i, -i)))
                    Thread.Yield();
            }
        });
        producer.Start();
        (long, long)[] items = new (long, long)[16];
        long next = 0;
        while (next < Items)
        {
            int count = queue.TryDequeue(items);
            for (int i = 0; i < count; i++, next++)
                Assert.Equal((next, -next), items[i]);
            if (count == 0)
                Thread.Yield();
        }
        producer.Join();
        Assert.Equal(0, queue.Count);
    }
}
