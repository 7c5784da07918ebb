using XdpTop.Flows;

namespace XdpTop.Tests.Flows;

internal static class FlowRecordQueueExtensions
{
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
