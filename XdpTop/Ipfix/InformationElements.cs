using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace XdpTop.Ipfix;

/// <summary>
/// The registry of the Information Elements that xdptop exports: the table <c>elements.csv</c>, whose rows are those of
/// IANA's registry, and of xdptop's own. Code finds them by name.
/// </summary>
internal static class InformationElements
{
    /// <summary>
    /// The enterprise number of xdptop's own elements. None is registered for xdptop: this is the one that RFC 5612
    /// sets aside for documentation. Whoever has one registered puts it here and in the table.
    /// </summary>
    public const uint EnterpriseNumber = 32473;

    /// <summary>
    /// The enterprise number of the reverse elements of IANA's (RFC 5103 section 6.1): by the same number and name, they
    /// are of a Biflow's reverse direction.
    /// </summary>
    public const uint ReverseEnterpriseNumber = 29305;

    /// <summary>Bit in the number of an enterprise's element that makes it the reverse one (RFC 5103 section 6.2).</summary>
    private const ushort ReverseBit = 0x4000;

    private static readonly FrozenDictionary<string, InformationElement> s_byName =
        Read().ToFrozenDictionary(element => element.Name, StringComparer.Ordinal);

    /// <summary>The element of this name, which there must be.</summary>
    public static InformationElement Find(string name) => s_byName[name];

    /// <summary>Likewise of a field that Flow Records have.</summary>
    public static InformationElement Of(FlowField field) => s_byName[field.Name()];

    /// <summary>The same of a Biflow's reverse direction.</summary>
    public static InformationElement ReverseOf(InformationElement element)
    {
        string name = $"reverse{char.ToUpperInvariant(element.Name[0])}{element.Name[1..]}";
        return element.EnterpriseNumber == 0
            ? element with { Name = name, EnterpriseNumber = ReverseEnterpriseNumber }
            : element with { Name = name, Id = (ushort)(element.Id | ReverseBit) };
    }

    private static IEnumerable<InformationElement> Read()
    {
        using Stream table = Assembly.GetExecutingAssembly().GetManifestResourceStream("elements.csv")!;
        using StreamReader reader = new(table);
        reader.ReadLine(); // the heading
        while (reader.ReadLine() is { } line)
            yield return Parse(line.Split(','));
    }

    private static InformationElement Parse(string[] cells)
    {
        ElementType type = Enum.Parse<ElementType>(cells[3], ignoreCase: true);
        ushort length = cells[7].Length > 0 ? ushort.Parse(cells[7], CultureInfo.InvariantCulture) : LengthOf(type);
        string[] range = cells[6].Split('-');
        return new InformationElement(
            uint.Parse(cells[0], CultureInfo.InvariantCulture), ushort.Parse(cells[1], CultureInfo.InvariantCulture), cells[2], type,
            Enum.Parse<ElementSemantics>(cells[4], ignoreCase: true), Enum.Parse<ElementUnits>(cells[5], ignoreCase: true), length)
        {
            Range = range.Length == 2
                ? (ulong.Parse(range[0], CultureInfo.InvariantCulture), ulong.Parse(range[1], CultureInfo.InvariantCulture))
                : default,
            Description = cells[8],
        };
    }

    // RFC 7011 section 6.1.
    private static ushort LengthOf(ElementType type) => type switch
    {
        ElementType.Unsigned8 => 1,
        ElementType.Unsigned16 => 2,
        ElementType.Unsigned32 or ElementType.IPv4Address or ElementType.DateTimeSeconds => 4,
        ElementType.IPv6Address => 16,
        ElementType.String or ElementType.OctetArray => InformationElement.VariableLength,
        _ => 8,
    };
}
