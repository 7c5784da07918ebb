namespace XdpTop.Ui.ViewModels;

internal enum AmountUnit
{
    Bits,
    Bytes,
    Packets,
}

/// <summary>In what the tables and graphs count, and whether they show first how much comes now or how much has come.</summary>
internal readonly record struct Amounts(AmountUnit Unit, bool IsTotals)
{
    /// <summary>The unit of the column beside the main one.</summary>
    public AmountUnit OtherUnit => Unit == AmountUnit.Packets ? AmountUnit.Bits : AmountUnit.Packets;

    /// <summary>The unit of totals beside rates, and the other way round: what there is in all is counted in bytes.</summary>
    public AmountUnit SecondUnit => Unit == AmountUnit.Bits && !IsTotals ? AmountUnit.Bytes : Unit;

    /// <summary>What stands over a column of numbers in this unit.</summary>
    public static string Heading(AmountUnit unit, bool isTotal) => (unit, isTotal) switch
    {
        (AmountUnit.Bits, false) => "bit/s",
        (AmountUnit.Bytes, false) => "B/s",
        (AmountUnit.Packets, false) => "pkt/s",
        (AmountUnit.Bits, true) => "Bits",
        (AmountUnit.Bytes, true) => "Bytes",
        _ => "Pkts",
    };

    /// <summary>Writes a rate or a total in this unit; gives its length.</summary>
    public static int Write(AmountUnit unit, bool isTotal, double octetRate, double packetRate, ulong octets, ulong packets, Span<char> text) =>
        (unit, isTotal) switch
        {
            (AmountUnit.Bits, false) => NumberText.WriteRate(8 * octetRate, text),
            (AmountUnit.Bytes, false) => NumberText.WriteRate(octetRate, text),
            (AmountUnit.Packets, false) => NumberText.WriteRate(packetRate, text),
            (AmountUnit.Bits, true) => octets < 10_000 / 8 ? NumberText.WriteCount(8 * octets, text) : NumberText.WriteRate(8.0 * octets, text),
            (AmountUnit.Bytes, true) => NumberText.WriteCount(octets, text),
            _ => NumberText.WriteCount(packets, text),
        };
}
