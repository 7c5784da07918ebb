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

    /// <summary>Gives a flow's rates since its last time, and remembers its counts.</summary>
    /// <param name="slot">Where the flow cache has the flow.</param>
    /// <param name="seconds">Since the snapshot before; 0 for the first.</param>
    public FlowRate Update(int slot, in FlowCounts counts, double seconds)
    {
        ref Previous previous = ref At(slot);
        // The slot may have gone to another flow, or the flow may have begun a new record: then all of it is new.
        bool same = previous.Start == counts.Start && previous.Packets <= counts.Packets && previous.Octets <= counts.Octets;
        ulong packets = same ? counts.Packets - previous.Packets : counts.Packets;
        ulong octets = same ? counts.Octets - previous.Octets : counts.Octets;
        double packetRate = seconds > 0 ? packets / seconds : 0;
        double octetRate = seconds > 0 ? octets / seconds : 0;
        previous = new Previous
        {
            Start = counts.Start,
            Packets = counts.Packets,
            Octets = counts.Octets,
            PacketsPerSecond = (float)packetRate,
            OctetsPerSecond = (float)octetRate,
        };
        return WithBase(slot, in counts, packetRate, octetRate);
    }

    /// <summary>Gives a flow the rates that it had at the last <see cref="Update"/>; 0 for one that began since.</summary>
    public FlowRate Recall(int slot, in FlowCounts counts)
    {
        ref Previous previous = ref At(slot);
        bool same = previous.Start == counts.Start;
        return WithBase(slot, in counts, same ? previous.PacketsPerSecond : 0, same ? previous.OctetsPerSecond : 0);
    }

    /// <summary>Mean rates over the flow's own time, at least a second, for when the time stands still.</summary>
    public static FlowRate Mean(in FlowCounts counts)
    {
        double seconds = Math.Max((counts.End - counts.Start) / 1e9, 1);
        return new FlowRate { PacketsPerSecond = counts.Packets / seconds, OctetsPerSecond = counts.Octets / seconds };
    }

    public void Dispose()
    {
        _memory.Dispose();
        _base?.Dispose();
    }

    /// <summary>With what the flow had when its counts were set back.</summary>
    private FlowRate WithBase(int slot, in FlowCounts counts, double packetRate, double octetRate)
    {
        FlowRate rate = new() { PacketsPerSecond = packetRate, OctetsPerSecond = octetRate };
        if (_base is null)
            return rate;
        ref Base at = ref MemoryMarshal.Cast<byte, Base>(_base.Span)[slot];
        if (IsResetting)
            at = new Base { Start = counts.Start, Packets = counts.Packets, Octets = counts.Octets };
        else if (at.Start != counts.Start)
            return rate; // a flow, or a record, that began after
        (rate.BasePackets, rate.BaseOctets) = (at.Packets, at.Octets);
        return rate;
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

/// <summary>What a flow has in a second, and what it had when its counts were set back.</summary>
internal struct FlowRate
{
    public double PacketsPerSecond;
    public double OctetsPerSecond;
    public ulong BasePackets;
    public ulong BaseOctets;
}
