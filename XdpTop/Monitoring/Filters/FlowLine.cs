using System.Globalization;
using XdpTop.Flows;
using XdpTop.Monitoring.Names;
using XdpTop.Packets;

namespace XdpTop.Monitoring.Filters;

/// <summary>
/// The text of a flow's line that a filter looks at: addresses, ports, protocol, VLANs, and the names that are shown. Made for one
/// flow at a time, in memory that is lent by the caller; nothing is allocated.
/// </summary>
internal readonly ref struct FlowLine
{
    /// <summary>Characters that always suffice for one line.</summary>
    public const int MaximumLength = 2 * (IpAddress.MaximumTextLength + HostName.MaximumLength) + 150;

    private const int ProtocolLength = 16;

    private readonly Span<char> _memory;

    /// <param name="names">Of hosts; null where they are not shown.</param>
    /// <param name="services">Whether services are shown by name.</param>
    public FlowLine(ref readonly FlowKey key, INameSource? names, bool services, Span<char> memory)
    {
        Key = ref key;
        _memory = memory;
        key.Source.TryFormat(key.IpVersion, memory, out int source);
        key.Destination.TryFormat(key.IpVersion, memory[source..], out int destination);
        Source = memory[..source];
        Destination = memory.Slice(source, destination);
        if (names is not null)
        {
            SourceName = names.Recall(in key.Source, key.IpVersion);
            DestinationName = names.Recall(in key.Destination, key.IpVersion);
        }
        if (services)
        {
            SourceService = ServiceNames.Find(key.SourcePort, key.Protocol);
            DestinationService = ServiceNames.Find(key.DestinationPort, key.Protocol);
        }
    }

    public readonly ref readonly FlowKey Key;

    /// <summary>The address.</summary>
    public ReadOnlySpan<char> Source { get; }

    /// <summary>The address.</summary>
    public ReadOnlySpan<char> Destination { get; }

    /// <summary>Of the host; null where there is none, or it is not shown.</summary>
    public string? SourceName { get; }

    public string? DestinationName { get; }

    /// <summary>Of the port; null where there is none, or it is not shown.</summary>
    public string? SourceService { get; }

    public string? DestinationService { get; }

    /// <summary>All of it in the order of the screen's columns, with one space between: "10.0.0.1 50123 10.0.0.2 443 tcp vlan 5".</summary>
    public ReadOnlySpan<char> Whole
    {
        get
        {
            Span<char> line = _memory[(Source.Length + Destination.Length)..];
            bool hasPorts = IpProtocol.HasPorts(Key.Protocol);
            int length = Write(line, 0, SourceName ?? Source);
            if (hasPorts)
                length = SourceService is null ? Write(line, length, Key.SourcePort) : Write(line, length, SourceService);
            length = Write(line, length, DestinationName ?? Destination);
            if (hasPorts)
                length = DestinationService is null ? Write(line, length, Key.DestinationPort) : Write(line, length, DestinationService);
            Span<char> protocol = stackalloc char[ProtocolLength];
            length = Write(line, length, protocol[..ProtocolNames.Write(Key.Protocol, protocol)]);
            foreach (ushort vlan in (ReadOnlySpan<ushort>)[Key.OuterVlan, Key.InnerVlan])
            {
                if ((vlan & ParsedPacket.VlanPresent) != 0)
                    length = Write(line, Write(line, length, "vlan"), vlan & ParsedPacket.VlanIdMask);
            }
            return line[..length];
        }
    }

    private static int Write(Span<char> line, int at, ReadOnlySpan<char> field)
    {
        if (at > 0)
            line[at++] = ' ';
        field.CopyTo(line[at..]);
        return at + field.Length;
    }

    private static int Write(Span<char> line, int at, int number)
    {
        if (at > 0)
            line[at++] = ' ';
        number.TryFormat(line[at..], out int length, default, CultureInfo.InvariantCulture);
        return at + length;
    }
}
