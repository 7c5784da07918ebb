using System.Globalization;
using System.Net;
using System.Net.Sockets;
using XdpTop.Flows;
using XdpTop.Monitoring.Names;
using XdpTop.Packets;

namespace XdpTop.Monitoring.Filters;

/// <summary>What stands after a filter's keywords: text in lower case into questions. Null where the text is no such value.</summary>
internal static class FilterValues
{
    private const string FlagLetters = "FSRPAUEC"; // from the lowest bit

    private static readonly (string Unit, double Factor)[] s_counts = [("k", 1e3), ("m", 1e6), ("g", 1e9), ("t", 1e12), ("", 1)];
    private static readonly (string Unit, double Factor)[] s_times = [("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("", 1)];

    /// <summary>A whole address.</summary>
    public static (byte IpVersion, IpAddress Address)? Address(string text)
    {
        // IPAddress takes "10" and "10.1" for addresses, and a scope after '%'.
        if (text.Contains('%') || text.Contains('[') || (!text.Contains(':') && text.Count(c => c == '.') != 3)
            || !IPAddress.TryParse(text, out IPAddress? address) || (address.AddressFamily == AddressFamily.InterNetwork && text.Contains('x')))
            return null;
        byte[] bytes = address.GetAddressBytes();
        return ((byte)(bytes.Length == IpAddress.IPv4Length ? 4 : 6), IpAddress.FromBytes(bytes));
    }

    public static FilterNode? Host(FilterSide side, string text) =>
        Address(text) is var (version, address) ? Network(side, version, address, version == 4 ? 32 : 128) : null;

    /// <summary>An address with the length of a prefix after '/', or one to three octets of an IPv4 address, as in tcpdump.</summary>
    public static FilterNode? Network(FilterSide side, string text)
    {
        int slash = text.IndexOf('/');
        string start = slash < 0 ? text : text[..slash];
        int dots = start.Count(c => c == '.');
        int length = 8 * (dots + 1);
        if (Address(start) is not var (version, address))
        {
            if (dots > 2 || Address(start + string.Concat(Enumerable.Repeat(".0", 3 - dots))) is not { IpVersion: 4 } padded)
                return null;
            (version, address) = padded;
        }
        int most = version == 4 ? 32 : 128;
        if (version == 6)
            length = most;
        return slash < 0 || (Number(text.AsSpan(slash + 1), most) is { } given && (length = given) >= 0)
            ? Network(side, version, address, length) : null;
    }

    public static FilterNode? Port(FilterSide side, string text) =>
        PortNumber(text) is { } port ? Ports(side, port, port) : null;

    public static FilterNode? PortRange(FilterSide side, string text)
    {
        int dash = text.IndexOf('-');
        return dash > 0 && PortNumber(text[..dash]) is { } low && PortNumber(text[(dash + 1)..]) is { } high && low <= high
            ? Ports(side, low, high) : null;
    }

    /// <summary>By number or by name.</summary>
    public static FilterNode? Protocol(string text) =>
        Number(text, byte.MaxValue) is { } number ? Protocol(number) : ProtocolName(text);

    /// <summary>A protocol's name, ip or ip6.</summary>
    public static FilterNode? ProtocolName(string text)
    {
        if (text is "ip" or "ip6")
            return InRange(FlowKeyField.IpVersion, text == "ip" ? 4 : 6);
        FilterNode[] found = [.. ProtocolNames.FindAll(text).Select(number => Protocol(number))];
        return found.Length == 0 ? null : found.Length == 1 ? found[0] : new FilterNode.Chain(IsAnd: false, found);
    }

    public static FilterNode? Vlan(string text) =>
        Number(text, ParsedPacket.VlanIdMask) is { } id ? InRange(FlowKeyField.Vlan, id) : null;

    /// <summary>Any VLAN.</summary>
    public static FilterNode AnyVlan { get; } = InRange(FlowKeyField.Vlan, 0, ParsedPacket.VlanIdMask);

    /// <summary>Letters of TCP flags.</summary>
    public static FilterNode? Flags(string text)
    {
        int flags = 0;
        foreach (char letter in text.ToUpperInvariant())
        {
            int bit = FlagLetters.IndexOf(letter);
            if (bit < 0)
                return null;
            flags |= 1 << bit;
        }
        return Question(FilterTest.OfFlags((ushort)flags));
    }

    /// <summary>A number with a unit that fits what it is compared with.</summary>
    public static double? Amount(FilterNumber field, string text)
    {
        foreach ((string unit, double factor) in field is FilterNumber.Age or FilterNumber.Idle ? s_times : s_counts)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
                && double.IsFinite(number))
                return number * factor;
        }
        return null;
    }

    public static FilterNode Question(FilterTest test) => new FilterNode.Question(test, 0, 0);

    private static FilterNode Network(FilterSide side, byte version, IpAddress address, int length) =>
        FilterNode.For(side, isSource => Question(FilterTest.Of(FlowKeyTest.InNetwork(
            isSource ? FlowKeyField.SourceAddress : FlowKeyField.DestinationAddress, version, in address, length))));

    private static FilterNode Ports(FilterSide side, int low, int high) =>
        FilterNode.For(side, isSource => InRange(isSource ? FlowKeyField.SourcePort : FlowKeyField.DestinationPort, low, high));

    private static FilterNode Protocol(int number) => InRange(FlowKeyField.Protocol, number);

    private static FilterNode InRange(FlowKeyField field, int number) => InRange(field, number, number);

    private static FilterNode InRange(FlowKeyField field, int low, int high) =>
        Question(FilterTest.Of(FlowKeyTest.InRange(field, (ushort)low, (ushort)high)));

    private static int? PortNumber(string text) =>
        Number(text, ushort.MaxValue) ?? (ServiceNames.TryFindPort(text, out ushort port) ? port : null);

    private static int? Number(ReadOnlySpan<char> text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most ? number : null;
}
