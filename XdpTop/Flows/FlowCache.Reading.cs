using System.Runtime.CompilerServices;

namespace XdpTop.Flows;

/// <summary>How other threads read the flows.</summary>
internal sealed unsafe partial class FlowCache
{
    /// <summary>
    /// A consistent copy of the flow at a slot (all of it, where records are joined); false where there is none. Any thread, at any time before
    /// <see cref="Dispose"/>.
    /// </summary>
    public bool TryRead(int slot, ref FlowRecord record) => TryRead(slot, ref record, ref Unsafe.NullRef<ByteDistribution>());

    /// <summary>The same, with the byte distribution; for where these are counted.</summary>
    public bool TryRead(int slot, ref FlowRecord record, ref ByteDistribution distribution)
    {
        FlowEntry* entry = _entries + slot;
        SpinWait wait = default;
        while (true)
        {
            uint sequence = Volatile.Read(ref entry->Sequence); // acquire: pairs with the writer's last release
            if ((sequence & 1) == 0)
            {
                if (entry->Version == 0)
                    return false;
                Copy(slot, ref record);
                if ((entry->State & FlowState.HasEarlier) != 0)
                    _earlier!.AddTo(slot, ref record);
                if (!Unsafe.IsNullRef(ref distribution))
                    distribution = _distributions![slot];
                Volatile.ReadBarrier(); // the copy is over before the sequence is read again
                if (entry->Sequence == sequence)
                    return record.Key.IpVersion != 0;
            }
            wait.SpinOnce(); // the worker writes for some nanoseconds, or was interrupted: then let it run
        }
    }

    /// <summary>
    /// The same of no more than how much a flow has and since when, which stands in the half of its entry that is read
    /// first: for those who look at all flows to find a few.
    /// </summary>
    public bool TryReadCounts(int slot, ref FlowCounts counts)
    {
        FlowEntry* entry = _entries + slot;
        SpinWait wait = default;
        while (true)
        {
            uint sequence = Volatile.Read(ref entry->Sequence); // acquire, as above
            if ((sequence & 1) == 0)
            {
                byte version = entry->Version;
                counts = new FlowCounts { Start = entry->Start, End = entry->End, Packets = entry->Packets, Octets = entry->Octets };
                if ((entry->State & FlowState.HasEarlier) != 0)
                    _earlier!.AddTo(slot, ref counts);
                Volatile.ReadBarrier(); // as above
                if (entry->Sequence == sequence)
                    return version != 0;
            }
            wait.SpinOnce();
        }
    }

    private void Copy(int slot, ref FlowRecord record)
    {
        FlowEntry* entry = _entries + slot;
        CopyKey(entry, ref record.Key);
        record.Start = entry->Start;
        record.End = entry->End;
        record.Packets = entry->Packets;
        record.Octets = entry->Octets;
        record.PayloadOctets = entry->PayloadOctets;
        record.Layer2Octets = entry->Layer2Octets;
        record.TcpOptions = entry->TcpOptions;
        record.IpOptions = entry->IpOptions;
        entry->CopyLengthsTo(ref record.LengthHistogram);
        record.MinimumLength = entry->MinimumLength;
        record.MaximumLength = entry->MaximumLength;
        record.TcpFlags = entry->TcpFlags;
        record.MinimumTtl = entry->MinimumTtl;
        record.MaximumTtl = entry->MaximumTtl;
        record.ClassOfService = entry->ClassOfService;
        record.FragmentFlags = entry->FragmentFlags;
        record.EndReason = FlowEndReason.None;
        record.HasReverse = false;
        record.ObservationPoint = _options.ObservationPoint;
    }

    private void CopyKey(FlowEntry* entry, ref FlowKey key)
    {
        key = default;
        entry->CopyKeyTo(ref key);
        if (entry->Version == 4)
            return;
        ref AddressPair addresses = ref _addresses[entry->AddressIndex];
        addresses.Source.CopyTo(ref key.Source);
        addresses.Destination.CopyTo(ref key.Destination);
    }
}
