using System.Runtime.CompilerServices;

namespace XdpTop.Flows;

/// <summary>How other threads read the flows.</summary>
internal sealed unsafe partial class FlowCache
{
    /// <summary>
    /// A consistent copy of the flow at a slot (all of it, where records are joined); false where there is none. Any thread,
    /// at any time before <see cref="Dispose"/>.
    /// </summary>
    public bool TryRead(int slot, ref FlowRecord record) => TryCopy<FlowRecord, RecordReader>(slot, ref record);

    /// <summary>
    /// The same of no more than how much a flow has and since when, which stands in the half of its entry that is read
    /// first: for those who look at all flows to find a few.
    /// </summary>
    public bool TryReadCounts(int slot, ref FlowCounts counts) => TryCopy<FlowCounts, CountsReader>(slot, ref counts);

    /// <summary>The same of its packets by length.</summary>
    public bool TryReadLengths(int slot, ref LengthHistogram lengths) => TryCopy<LengthHistogram, LengthsReader>(slot, ref lengths);

    /// <summary>The same of its byte distribution, of the record that goes on; for where these are counted.</summary>
    public bool TryReadDistribution(int slot, ref ByteDistribution distribution) => TryCopy<ByteDistribution, DistributionReader>(slot, ref distribution);

    private bool TryCopy<T, TReader>(int slot, ref T copy)
        where T : struct
        where TReader : IReader<T>
    {
        FlowEntry* entry = _entries + slot;
        SpinWait wait = default;
        while (true)
        {
            uint sequence = Volatile.Read(ref entry->Sequence); // acquire: pairs with the writer's last release
            if ((sequence & 1) == 0)
            {
                byte version = entry->Version;
                if (version == 0)
                    return false;
                TReader.Copy(this, slot, ref copy);
                Volatile.ReadBarrier(); // the copy is over before the sequence is read again
                if (entry->Sequence == sequence)
                    return true;
            }
            wait.SpinOnce(); // the worker writes for some nanoseconds, or was interrupted: then let it run
        }
    }

    private bool HasEarlier(int slot) => (_entries[slot].State & FlowState.HasEarlier) != 0;

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

    /// <summary>Copies something of an entry, which may be written to meanwhile: then the copy is thrown away.</summary>
    private interface IReader<T>
        where T : struct
    {
        static abstract void Copy(FlowCache cache, int slot, ref T copy);
    }

    private readonly struct RecordReader : IReader<FlowRecord>
    {
        public static void Copy(FlowCache cache, int slot, ref FlowRecord copy)
        {
            cache.Copy(slot, ref copy);
            if (cache.HasEarlier(slot))
                cache._earlier!.AddTo(slot, ref copy);
        }
    }

    private readonly struct CountsReader : IReader<FlowCounts>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Copy(FlowCache cache, int slot, ref FlowCounts copy)
        {
            FlowEntry* entry = cache._entries + slot;
            (copy.Start, copy.End, copy.Packets, copy.Octets) = (entry->Start, entry->End, entry->Packets, entry->Octets);
            if (cache.HasEarlier(slot))
                cache._earlier!.AddTo(slot, ref copy);
            copy.Identity = cache._identity.Of(in *entry, in cache._addresses[entry->AddressIndex], copy.Start);
        }
    }

    private readonly struct LengthsReader : IReader<LengthHistogram>
    {
        public static void Copy(FlowCache cache, int slot, ref LengthHistogram copy)
        {
            cache._entries[slot].CopyLengthsTo(ref copy);
            if (cache.HasEarlier(slot))
                cache._earlier!.AddTo(slot, ref copy);
        }
    }

    private readonly struct DistributionReader : IReader<ByteDistribution>
    {
        public static void Copy(FlowCache cache, int slot, ref ByteDistribution copy) => copy = cache._distributions![slot];
    }
}
