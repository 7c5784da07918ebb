using System.Globalization;
using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Monitoring.Filters;

/// <summary>
/// A bare word: a part of an address or of a host's name, the beginning of a protocol's or a service's name, a whole port or a
/// whole VLAN id.
/// </summary>
internal sealed class WordTest(string word) : LineTest
{
    private readonly int _number = ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) ? number : -1;

    public override bool Holds(ref readonly FlowLine line) =>
        Contains(line.Source) || Contains(line.Destination) || Contains(line.SourceName) || Contains(line.DestinationName)
        || Begins(ProtocolNames.Find(line.Key.Protocol)) || Begins(line.SourceService) || Begins(line.DestinationService)
        || (_number >= 0 && IsNumberOf(in line.Key));

    private bool Contains(ReadOnlySpan<char> text) => text.Contains(word, StringComparison.OrdinalIgnoreCase);

    private bool Begins(ReadOnlySpan<char> text) => text.StartsWith(word, StringComparison.OrdinalIgnoreCase);

    private bool IsNumberOf(ref readonly FlowKey key) =>
        (IpProtocol.HasPorts(key.Protocol) && (key.SourcePort == _number || key.DestinationPort == _number))
        || IsVlan(key.OuterVlan) || IsVlan(key.InnerVlan);

    private bool IsVlan(ushort vlan) => vlan == (ParsedPacket.VlanPresent | _number);
}
