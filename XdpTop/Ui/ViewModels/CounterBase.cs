using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

/// <summary>What had been counted when the user set the counters back; a counter that has begun anew since then counts whole.</summary>
internal sealed class CounterBase
{
    private readonly QueueStatus[] _queues;
    private readonly InterfaceStatus[] _interfaces;
    private readonly int _collections;
    private readonly TimeSpan _pauses;

    public CounterBase(TrafficSnapshot snapshot)
    {
        Totals = snapshot.Totals;
        _queues = [.. snapshot.Queues]; // the snapshot's own will be written to again
        _interfaces = snapshot.Interfaces;
        (_collections, _pauses) = (snapshot.Collections, snapshot.CollectionPauses);
    }

    public ObservationPointCounters Totals { get; }

    /// <summary>Garbage collections since then, and how long they were.</summary>
    public (int Count, TimeSpan Pauses) CollectionsSince(TrafficSnapshot now) => (now.Collections - _collections, now.CollectionPauses - _pauses);

    /// <summary>What a queue has counted since then.</summary>
    /// <param name="index">In the snapshot.</param>
    public QueueStatus Since(int index, in QueueStatus now)
    {
        if (index >= _queues.Length)
            return now;
        ref readonly QueueStatus before = ref _queues[index];
        return now with
        {
            ReceivedPackets = Since(before.ReceivedPackets, now.ReceivedPackets),
            LackOfResources = Since(before.LackOfResources, now.LackOfResources),
            Xsk = now.Xsk is not { } xsk || before.Xsk is not { } old ? now.Xsk : xsk with
            {
                RxDropped = Since(old.RxDropped, xsk.RxDropped), RxInvalidDescs = Since(old.RxInvalidDescs, xsk.RxInvalidDescs),
                TxInvalidDescs = Since(old.TxInvalidDescs, xsk.TxInvalidDescs), RxRingFull = Since(old.RxRingFull, xsk.RxRingFull),
                RxFillRingEmptyDescs = Since(old.RxFillRingEmptyDescs, xsk.RxFillRingEmptyDescs), TxRingEmptyDescs = Since(old.TxRingEmptyDescs, xsk.TxRingEmptyDescs),
            },
        };
    }

    /// <summary>What an interface and its driver have counted since then.</summary>
    public (ObservationPointCounters Counters, IEnumerable<(string Name, ulong Count)> Drops) Since(InterfaceStatus now)
    {
        InterfaceStatus? before = _interfaces.FirstOrDefault(status => status.Name == now.Name);
        return before is null ? (now.Counters, now.InterfaceDrops) : (now.Counters - before.Counters, now.InterfaceDrops
            .Select(drop => (drop.Name, Since(before.InterfaceDrops.FirstOrDefault(old => old.Name == drop.Name).Count, drop.Count))));
    }

    private static ulong? Since(ulong? before, ulong? now) => now is { } count ? Since(before ?? 0, count) : null;

    private static ulong Since(ulong before, ulong now) => now >= before ? now - before : now;
}
