using XdpTop.Memory;

namespace XdpTop.Flows;

/// <summary>
/// What the records before the one that goes on have counted of each flow, at the flow's slot: so that readers see the
/// whole of a flow that has been reported at its active time-out. Its memory is touched by such flows alone. The worker
/// thread alone writes; others may read, and have to make sure in their own way that nothing was written meanwhile.
/// </summary>
internal sealed unsafe class EarlierRecords : IDisposable
{
    private readonly MappedMemory _memory;
    private readonly FlowEntry* _entries;

    /// <param name="capacity">Slots.</param>
    public EarlierRecords(int capacity)
    {
        _memory = MappedMemory.Allocate((nuint)capacity * FlowEntry.Size, "the earlier records of flows");
        _entries = (FlowEntry*)_memory.Pointer;
    }

    public ulong MemoryOctets => _memory.Length;

    /// <summary>Takes what an entry has counted so far.</summary>
    /// <param name="isFirst">Whether the entry's record is the flow's first.</param>
    public void Take(int slot, FlowEntry* entry, bool isFirst)
    {
        FlowEntry* all = _entries + slot;
        if (isFirst)
        {
            *all = *entry;
            return;
        }
        all->MinimumTtl = Math.Min(all->MinimumTtl, entry->MinimumTtl);
        all->MaximumTtl = Math.Max(all->MaximumTtl, entry->MaximumTtl);
        all->Start = Math.Min(all->Start, entry->Start);
        all->Packets += entry->Packets;
        all->Octets += entry->Octets;
        all->Layer2Octets += entry->Layer2Octets;
        all->PayloadOctets += entry->PayloadOctets;
        all->TcpOptions |= entry->TcpOptions;
        all->Seen |= entry->Seen;
        all->MinimumLength = Math.Min(all->MinimumLength, entry->MinimumLength);
        all->MaximumLength = Math.Max(all->MaximumLength, entry->MaximumLength);
        for (int bin = 0; bin < LengthCounts.Bins; bin++)
            all->LengthCounts[bin] = Sum(all->LengthCounts[bin], entry->LengthCounts[bin]);
    }

    /// <summary>Adds it to a copy of the record that goes on.</summary>
    public void AddTo(int slot, ref FlowRecord record)
    {
        FlowEntry* all = _entries + slot;
        record.Start = Math.Min(record.Start, all->Start);
        record.Packets += all->Packets;
        record.Octets += all->Octets;
        record.Layer2Octets += all->Layer2Octets;
        record.PayloadOctets += all->PayloadOctets;
        record.TcpOptions |= all->TcpOptions;
        record.IpOptions |= all->IpOptions;
        record.TcpFlags |= all->TcpFlags;
        record.FragmentFlags |= all->FragmentFlags;
        record.MinimumTtl = Math.Min(record.MinimumTtl, all->MinimumTtl);
        record.MaximumTtl = Math.Max(record.MaximumTtl, all->MaximumTtl);
        record.MinimumLength = Math.Min(record.MinimumLength, all->MinimumLength);
        record.MaximumLength = Math.Max(record.MaximumLength, all->MaximumLength);
        record.ClassOfService = all->ClassOfService; // the first packet's
        AddTo(slot, ref record.LengthHistogram);
    }

    /// <summary>The same of packets by length.</summary>
    public void AddTo(int slot, ref LengthHistogram lengths)
    {
        LengthHistogram before = default;
        _entries[slot].CopyLengthsTo(ref before);
        for (int bin = 0; bin < LengthHistogram.Bins; bin++)
            lengths[bin] = Sum(lengths[bin], before[bin]);
    }

    /// <summary>The same of counts alone.</summary>
    public void AddTo(int slot, ref FlowCounts counts)
    {
        FlowEntry* all = _entries + slot;
        counts.Start = Math.Min(counts.Start, all->Start);
        counts.Packets += all->Packets;
        counts.Octets += all->Octets;
    }

    public void Dispose() => _memory.Dispose();

    private static uint Sum(uint one, uint other) => (uint)Math.Min((ulong)one + other, uint.MaxValue);
}
