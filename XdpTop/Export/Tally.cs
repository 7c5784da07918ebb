using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>Data Records together with what they count; those of Biflows with the sums of both directions.</summary>
/// <param name="Octets">Of IP packets: octetDeltaCount (1).</param>
internal readonly record struct Tally(ulong Records, ulong Packets, ulong Octets)
{
    /// <summary>That of one Data Record.</summary>
    /// <param name="dataRecord">A Flow Record, or the two of a Biflow.</param>
    public static Tally Of(ReadOnlySpan<FlowRecord> dataRecord)
    {
        Tally tally = new(1, 0, 0);
        foreach (ref readonly FlowRecord record in dataRecord)
            tally += new Tally(0, record.Packets, record.Octets);
        return tally;
    }

    /// <summary>That of many: Flow Records and Biflows.</summary>
    public static Tally OfAll(ReadOnlySpan<FlowRecord> records)
    {
        Tally tally = default;
        for (int i = 0, length; i < records.Length; i += length)
        {
            length = records[i].HasReverse ? 2 : 1;
            tally += Of(records.Slice(i, length));
        }
        return tally;
    }

    public static Tally operator +(Tally one, Tally other) =>
        new(one.Records + other.Records, one.Packets + other.Packets, one.Octets + other.Octets);

    public static Tally operator -(Tally one, Tally other) =>
        new(one.Records - other.Records, one.Packets - other.Packets, one.Octets - other.Octets);
}
