using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Flows;
using XdpTop.Memory;

namespace XdpTop.Monitoring;

/// <summary>
/// Remembers each flow's counts of the snapshot before, by its slot in the flow cache, to give rates. Room for all of them
/// is set aside at start, off the managed heap, and touched as slots are used: an array that grew would have the garbage
/// collector stop the workers each time. Rates are given by reference: a copy of what was just written, a million times,
/// would take as long as the rest. Snapshot thread only.
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
    public void Update(int slot, in FlowCounts counts, double seconds, out FlowRate rate)
    {
        ref Previous previous = ref At(slot);
        // The slot may have gone to another flow, or the flow may have begun a new record: then all of it is new.
        bool same = previous.Identity == counts.Identity && previous.Packets <= counts.Packets && previous.Octets <= counts.Octets;
        ulong packets = same ? counts.Packets - previous.Packets : counts.Packets;
        ulong octets = same ? counts.Octets - previous.Octets : counts.Octets;
        rate = default;
        if (seconds > 0)
            (rate.PacketsPerSecond, rate.OctetsPerSecond) = (packets / seconds, octets / seconds);
        previous.Identity = counts.Identity;
        previous.Packets = counts.Packets;
        previous.Octets = counts.Octets;
        previous.PacketsPerSecond = (float)rate.PacketsPerSecond;
        previous.OctetsPerSecond = (float)rate.OctetsPerSecond;
        if (_base is not null)
            AddBase(slot, in counts, ref rate);
    }

    /// <summary>Gives a flow the rates that it had at the last <see cref="Update"/>; 0 for one that began since.</summary>
    public void Recall(int slot, in FlowCounts counts, out FlowRate rate)
    {
        ref Previous previous = ref At(slot);
        rate = default;
        if (previous.Identity == counts.Identity)
            (rate.PacketsPerSecond, rate.OctetsPerSecond) = (previous.PacketsPerSecond, previous.OctetsPerSecond);
        if (_base is not null)
            AddBase(slot, in counts, ref rate);
    }

    /// <summary>Mean rates over the flow's own time, at least a second, for when the time stands still.</summary>
    public void Mean(int slot, in FlowCounts counts, out FlowRate rate)
    {
        double seconds = Math.Max((counts.End - counts.Start) / 1e9, 1);
        rate = new FlowRate { PacketsPerSecond = counts.Packets / seconds, OctetsPerSecond = counts.Octets / seconds };
        if (_base is not null)
            AddBase(slot, in counts, ref rate);
    }

    public void Dispose()
    {
        _memory.Dispose();
        _base?.Dispose();
    }

    /// <summary>Adds what the flow had when its counts were set back.</summary>
    private void AddBase(int slot, in FlowCounts counts, ref FlowRate rate)
    {
        ref Base at = ref MemoryMarshal.Cast<byte, Base>(_base!.Span)[slot];
        if (IsResetting)
            at = new Base { Identity = counts.Identity, Packets = counts.Packets, Octets = counts.Octets };
        else if (at.Identity != counts.Identity || at.Packets > counts.Packets || at.Octets > counts.Octets)
            return; // a flow, or a record, that began after
        (rate.BasePackets, rate.BaseOctets) = (at.Packets, at.Octets);
    }

    private ref Previous At(int slot) => ref MemoryMarshal.Cast<byte, Previous>(_memory.Span)[slot];

    private struct Previous
    {
        public ulong Identity;
        public ulong Packets;
        public ulong Octets;
        public float PacketsPerSecond;
        public float OctetsPerSecond;
    }

    private struct Base
    {
        public ulong Identity;
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

    /// <summary>Adds the other direction's.</summary>
    public void Add(in FlowRate other)
    {
        PacketsPerSecond += other.PacketsPerSecond;
        OctetsPerSecond += other.OctetsPerSecond;
        BasePackets += other.BasePackets;
        BaseOctets += other.BaseOctets;
    }
}
