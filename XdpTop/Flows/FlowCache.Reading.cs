using System.Runtime.CompilerServices;

namespace XdpTop.Flows;

/// <summary>How other threads read the flows.</summary>
internal sealed unsafe partial class FlowCache
{
    /// <summary>
    /// A consistent copy of the flow at a slot; false where there is none. Any thread, at any time before
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
                if (!Unsafe.IsNullRef(ref distribution))
                    distribution = _distributions![slot];
                Volatile.ReadBarrier(); // the copy is over before the sequence is read again
                if (entry->Sequence == sequence)
                    return record.Key.IpVersion != 0;
            }
            wait.SpinOnce(); // the worker writes for some nanoseconds, or was interrupted: then let it run
        }
    }
}
