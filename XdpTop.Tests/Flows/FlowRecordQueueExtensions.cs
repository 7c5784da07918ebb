using XdpTop.Flows;

namespace XdpTop.Tests.Flows;

internal static class FlowRecordQueueExtensions
{
    /// <summary>Enqueues records, for which there has to be room, as a worker does when flows end.</summary>
    public static void EnqueueAll(this FlowRecordQueue queue, ReadOnlySpan<FlowRecord> records)
    {
        foreach (ref readonly FlowRecord record in records)
            Assert.True(queue.TryEnqueue(in record));
    }

    /// <summary>Enqueues both, as a flow cache does that counts byte distributions.</summary>
    public static bool TryEnqueue(this FlowRecordQueue queue, in FlowRecord record, in ByteDistribution distribution)
    {
        if (!queue.TryReserve())
            return false;
        queue.Reserved = record;
        queue.ReservedDistribution = distribution;
        queue.Commit();
        return true;
    }
}
