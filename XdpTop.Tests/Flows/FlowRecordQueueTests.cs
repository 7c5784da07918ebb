using XdpTop.Flows;

namespace XdpTop.Tests.Flows;

public sealed class FlowRecordQueueTests
{
    [Fact]
    public void Records_keep_their_distributions_across_threads_and_full_queues()
    {
        const int Records = 100_000;
        using FlowRecordQueue queue = new(64, byteDistribution: true);
        Thread producer = new(() =>
        {
            SpinWait pause = default;
            for (uint i = 0; i < Records; i++)
            {
                FlowRecord record = new() { Packets = i };
                ByteDistribution distribution = default;
                distribution[(int)(i % 256)] = i;
                while (!queue.TryEnqueue(in record, in distribution))
                    pause.SpinOnce();
            }
        });
        producer.Start();
        FlowRecord[] records = new FlowRecord[50];
        ByteDistribution[] distributions = new ByteDistribution[50];
        uint next = 0;
        while (next < Records)
        {
            int count = queue.TryDequeue(records.AsSpan(0, 1 + (int)(next % 50)), distributions);
            for (int i = 0; i < count; i++, next++)
                Assert.Equal((next, next), ((uint)records[i].Packets, distributions[i][(int)(next % 256)]));
        }
        producer.Join();
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void A_full_queue_takes_neither()
    {
        using FlowRecordQueue queue = new(2, byteDistribution: true);
        FlowRecord record = default;
        ByteDistribution distribution = default;
        for (uint i = 0; i < 5; i++)
        {
            record.Packets = distribution[0] = i;
            Assert.Equal(i < 2, queue.TryEnqueue(in record, in distribution));
        }
        FlowRecord[] records = new FlowRecord[4];
        ByteDistribution[] distributions = new ByteDistribution[4];
        for (uint round = 0; round < 3; round++)
        {
            Assert.Equal(round == 0 ? 2 : 1, queue.TryDequeue(records, distributions));
            Assert.Equal(records[0].Packets, distributions[0][0]);
            record.Packets = distribution[0] = 10 + round;
            Assert.True(queue.TryEnqueue(in record, in distribution));
        }
    }
}
