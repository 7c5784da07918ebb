using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Flows;
using XdpTop.Memory;

namespace XdpTop.Monitoring;

/// <summary>
/// Remembers each flow's counts of the snapshot before, by its slot in the flow cache, to give rates. Room for all of them
/// is set aside at start, off the managed heap, and touched as slots are used: an array that grew would have the garbage
/// collector stop the workers each time. Snapshot thread only.
/// </summary>
internal sealed class FlowRates : IDisposable
{
    private readonly MappedMemory _memory;
    private MappedMemory? _base;

    /// <param name="capacity">Of the flow cache.</param>
    public FlowRates(int capacity) =>
        _memory = MappedMemory.Allocate((nuint)capacity * (nuint)Unsafe.SizeOf<Previous>(), "the flows' rates");

    /// <summary>Whether each flow that is read has its counts set back to 0.</summary>
    public bool IsResetting
    {
        private get;
        set
        {
            field = value;
            if (value)
                _base ??= MappedMemory.Allocate(_memory.Length / (nuint)Unsafe.SizeOf<Previous>() * (nuint)Unsafe.SizeOf<Base>(), "counts set back");
        }
    }

    /// <summary>
    /// Sets the row's rates from its record, and remembers the record's counts.
    /// </summary>
    /// <param name="slot">Where the flow cache has the flow.</param>
    /// <param name="seconds">Since the snapshot before; 0 for the first.</param>
    public void Update(int slot, ref FlowRow row, double seconds)
    {
        ref Previous previous = ref At(slot);
        ref FlowRecord record = ref row.Record;
        // The slot may have gone to another flow, or the flow may have begun a new record: then all of it is new.
        bool same = previous.Start == record.Start && previous.Packets <= record.Packets && previous.Octets <= record.Octets;
        ulong packets = same ? record.Packets - previous.Packets : record.Packets;
        ulong octets = same ? record.Octets - previous.Octets : record.Octets;
        row.PacketsPerSecond = seconds > 0 ? packets / seconds : 0;
        row.OctetsPerSecond = seconds > 0 ? octets / seconds : 0;
        previous = new Previous
        {
            Start = record.Start,
            Packets = record.Packets,
            Octets = record.Octets,
            PacketsPerSecond = (float)row.PacketsPerSecond,
            OctetsPerSecond = (float)row.OctetsPerSecond,
        };
        SetBase(slot, ref row);
    }

    /// <summary>Gives the row the rates that it had at the last <see cref="Update"/>; 0 for a flow that began since.</summary>
    public void Recall(int slot, ref FlowRow row)
    {
        ref Previous previous = ref At(slot);
        bool same = previous.Start == row.Record.Start;
        row.PacketsPerSecond = same ? previous.PacketsPerSecond : 0;
        row.OctetsPerSecond = same ? previous.OctetsPerSecond : 0;
        SetBase(slot, ref row);
    }

    /// <summary>Mean rates over the flow's own time, at least a second, for when the time stands still.</summary>
    public static void SetMean(ref FlowRow row)
    {
        double seconds = Math.Max((row.Record.End - row.Record.Start) / 1e9, 1);
        row.PacketsPerSecond = row.Record.Packets / seconds;
        row.OctetsPerSecond = row.Record.Octets / seconds;
    }

    public void Dispose()
    {
        _memory.Dispose();
        _base?.Dispose();
    }

    /// <summary>Says in the row what it had when its counts were set back.</summary>
    private void SetBase(int slot, ref FlowRow row)
    {
        (row.BasePackets, row.BaseOctets) = (0, 0);
        if (_base is null)
            return;
        ref Base at = ref MemoryMarshal.Cast<byte, Base>(_base.Span)[slot];
        if (IsResetting)
            at = new Base { Start = row.Record.Start, Packets = row.Record.Packets, Octets = row.Record.Octets };
        else if (at.Start != row.Record.Start)
            return; // a flow, or a record, that began after
        (row.BasePackets, row.BaseOctets) = (at.Packets, at.Octets);
    }

    private ref Previous At(int slot) => ref MemoryMarshal.Cast<byte, Previous>(_memory.Span)[slot];

    private struct Previous
    {
        public long Start;
        public ulong Packets;
        public ulong Octets;
        public float PacketsPerSecond;
        public float OctetsPerSecond;
    }

    private struct Base
    {
        public long Start;
        public ulong Packets;
        public ulong Octets;
    }
}
