using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>One line on the screen: a flow, or the two directions of a Biflow.</summary>
internal struct FlowRow
{
    /// <summary>The flow; of a Biflow the forward direction.</summary>
    public FlowRecord Record;
    public double PacketsPerSecond;

    /// <summary>Octets of IP packets.</summary>
    public double OctetsPerSecond;

    /// <summary>What had been counted when the user set the counters back; 0 if they never were.</summary>
    public ulong BasePackets;
    public ulong BaseOctets;

    /// <summary>Of a Biflow the reverse direction; else, like what follows, nothing but zeros.</summary>
    public FlowRecord Reverse;
    public double ReversePacketsPerSecond;
    public double ReverseOctetsPerSecond;
    public ulong ReverseBasePackets;
    public ulong ReverseBaseOctets;

    /// <summary>When it was found to have ended: nanoseconds since 1970-01-01 UTC; 0 while it is alive.</summary>
    public long EndedAt;

    /// <summary>Where the flow caches have the two directions.</summary>
    public FlowPlace Place;
    public FlowPlace ReversePlace;

    public readonly bool IsBiflow => Reverse.Packets > 0;

    // Of both directions together.
    public readonly ulong Packets => Record.Packets - BasePackets + Reverse.Packets - ReverseBasePackets;

    public readonly ulong Octets => Record.Octets - BaseOctets + Reverse.Octets - ReverseBaseOctets;

    public readonly double TotalPacketsPerSecond => PacketsPerSecond + ReversePacketsPerSecond;

    public readonly double TotalOctetsPerSecond => OctetsPerSecond + ReverseOctetsPerSecond;

    /// <summary>Octets of a mean packet; 0 while none has been counted.</summary>
    public readonly double MeanLength => Packets > 0 ? (double)Octets / Packets : 0;

    /// <summary>Time of the last packet. (That of the first is the forward direction's.)</summary>
    public readonly long End => Math.Max(Record.End, Reverse.End);

    /// <summary>What the flow, or the forward direction, has in a second, and what it had when the counters were set back.</summary>
    public FlowRate Rate
    {
        readonly get => new() { PacketsPerSecond = PacketsPerSecond, OctetsPerSecond = OctetsPerSecond, BasePackets = BasePackets, BaseOctets = BaseOctets };
        set => (PacketsPerSecond, OctetsPerSecond, BasePackets, BaseOctets) = (value.PacketsPerSecond, value.OctetsPerSecond, value.BasePackets, value.BaseOctets);
    }

    /// <summary>The same of the reverse direction.</summary>
    public FlowRate ReverseRate
    {
        readonly get => new()
        {
            PacketsPerSecond = ReversePacketsPerSecond, OctetsPerSecond = ReverseOctetsPerSecond,
            BasePackets = ReverseBasePackets, BaseOctets = ReverseBaseOctets,
        };
        set => (ReversePacketsPerSecond, ReverseOctetsPerSecond, ReverseBasePackets, ReverseBaseOctets) =
            (value.PacketsPerSecond, value.OctetsPerSecond, value.BasePackets, value.BaseOctets);
    }

    /// <summary>Takes another row's flow for the reverse direction.</summary>
    public void SetReverse(ref readonly FlowRow reverse)
    {
        Reverse = reverse.Record;
        ReverseRate = reverse.Rate;
        ReversePlace = reverse.Place;
    }

    public void RemoveReverse()
    {
        Reverse = default;
        ReverseRate = default;
    }

    /// <summary>Takes another row's flow for the forward direction.</summary>
    public void SetForward(ref readonly FlowRow forward)
    {
        Record = forward.Record;
        Rate = forward.Rate;
        Place = forward.Place;
    }
}

/// <summary>A flow cache and a slot in it, which a flow keeps until it ends.</summary>
internal record struct FlowPlace(int Cache, int Slot);
