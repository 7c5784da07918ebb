using System.Globalization;
using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Names;
using XdpTop.Packets;

namespace XdpTop.Ui.ViewModels;

/// <summary>The fields of a flow as text in a given span, without allocating. Each returns the length.</summary>
internal static class FlowText
{
    private const int VlanIdMask = 0xfff;
    private const string FlagLetters = "CEUAPRSF";

    /// <summary>The address; its middle is left out, as '…', where it is longer than the span.</summary>
    public static int WriteAddress(in IpAddress address, byte ipVersion, Span<char> text)
    {
        Span<char> whole = stackalloc char[IpAddress.MaximumTextLength];
        address.TryFormat(ipVersion, whole, out int length);
        if (whole[..length].TryCopyTo(text))
            return length;
        int start = text.Length / 2;
        int end = text.Length - start - 1;
        whole[..start].CopyTo(text);
        text[start] = '…';
        whole[(length - end)..length].CopyTo(text[(start + 1)..]);
        return text.Length;
    }

    /// <summary>The host's name, if names are shown and it is known by now, or else the address.</summary>
    public static int WriteHost(in IpAddress address, byte ipVersion, INameSource? names, Span<char> text) =>
        names?.Find(in address, ipVersion) is { } name ? WriteStart(name, text) : WriteAddress(in address, ipVersion, text);

    /// <summary>A name; its end is left out, as '…', where it is longer than the span.</summary>
    public static int WriteStart(ReadOnlySpan<char> name, Span<char> text)
    {
        if (name.TryCopyTo(text))
            return name.Length;
        name[..text.Length].CopyTo(text);
        text[^1] = '…';
        return text.Length;
    }

    /// <summary>The source port, or the service's name.</summary>
    /// <param name="services">Whether a service that has a name is shown by it.</param>
    public static int WriteSourcePort(in FlowKey key, bool services, Span<char> text) =>
        services && ServiceNames.Find(key.SourcePort, key.Protocol) is { } service ? WriteStart(service, text)
        : HasPorts(in key) ? NumberText.WriteInteger(key.SourcePort, text) : 0;

    /// <summary>The destination port, or the service's name.</summary>
    public static int WriteDestinationPort(in FlowKey key, bool services, Span<char> text) =>
        services && ServiceNames.Find(key.DestinationPort, key.Protocol) is { } service ? WriteStart(service, text) : WriteDestinationPort(in key, text);

    /// <summary>The port; for ICMP and IGMP the message's type and code, as "3/1" or by the name that ping has made known.</summary>
    public static int WriteDestinationPort(in FlowKey key, Span<char> text)
    {
        if (!ProtocolNames.HasTypeAndCode(key.Protocol))
            return HasPorts(in key) ? NumberText.WriteInteger(key.DestinationPort, text) : 0;
        int type = key.DestinationPort >> 8;
        int code = key.DestinationPort & 0xff;
        string? name = (key.Protocol, type, code) switch
        {
            (ProtocolNames.Icmp, 8, 0) or (ProtocolNames.Icmp6, 128, 0) => "echo",
            (ProtocolNames.Icmp, 0, 0) or (ProtocolNames.Icmp6, 129, 0) => "reply",
            _ => null,
        };
        if (name is not null)
        {
            name.CopyTo(text);
            return name.Length;
        }
        int length = NumberText.WriteInteger(type, text);
        text[length++] = '/';
        return length + NumberText.WriteInteger(code, text[length..]);
    }

    /// <summary>Whether the flow comes in by its interface or goes out.</summary>
    public static int WriteDirection(in FlowKey key, Span<char> text)
    {
        string direction = key.Direction == 0 ? "in" : "out";
        direction.CopyTo(text);
        return direction.Length;
    }

    /// <summary>The VLAN id, or the outer and the inner one as "100.5"; nothing for untagged packets.</summary>
    public static int WriteVlan(in FlowKey key, Span<char> text)
    {
        if (key.OuterVlan == 0 && key.InnerVlan == 0)
            return 0;
        int length = NumberText.WriteInteger(key.OuterVlan & VlanIdMask, text);
        if (key.InnerVlan == 0)
            return length;
        text[length++] = '.';
        return length + NumberText.WriteInteger(key.InnerVlan & VlanIdMask, text[length..]);
    }

    /// <summary>Whether a line has both directions of a conversation, or one.</summary>
    public static int WriteMark(bool isBiflow, Span<char> text)
    {
        text[0] = isBiflow ? '⇄' : '→';
        return 1;
    }

    /// <summary>CWR, ECE, URG, ACK, PSH, RST, SYN, FIN by their letters, '.' for those not seen; nothing but for TCP.</summary>
    /// <param name="reverseFlags">Of the reverse direction: shown with the others.</param>
    public static int WriteTcpFlags(in FlowRecord record, Span<char> text, ushort reverseFlags = 0)
    {
        if (record.Key.Protocol != ProtocolNames.Tcp)
            return 0;
        for (int i = 0; i < FlagLetters.Length; i++)
            text[i] = ((record.TcpFlags | reverseFlags) & (0x80 >> i)) != 0 ? FlagLetters[i] : '.';
        return FlagLetters.Length;
    }

    /// <summary>What a TCP connection's flags tell of it; of others only whether the flow has ended; else nothing.</summary>
    public static string State(in FlowRow row)
    {
        if (row.EndedAt > 0)
            return "ended";
        if (row.Record.Key.Protocol != ProtocolNames.Tcp)
            return "";
        int forward = row.Record.TcpFlags, both = forward | row.Reverse.TcpFlags;
        if ((both & TcpFlag.Rst) != 0)
            return "reset";
        if ((both & TcpFlag.Fin) != 0)
            return (forward & row.Reverse.TcpFlags & TcpFlag.Fin) != 0 ? "closed" : "closing";
        return (both & TcpFlag.Ack) != 0 ? "open" : (both & TcpFlag.Syn) != 0 ? "opening" : "";
    }

    /// <summary>The lowest and the highest time to live seen, as "57–64"; of both directions.</summary>
    public static int WriteTtl(in FlowRow row, Span<char> text)
    {
        int low = row.Record.MinimumTtl, high = row.Record.MaximumTtl;
        if (row.IsBiflow)
            (low, high) = (Math.Min(low, row.Reverse.MinimumTtl), Math.Max(high, row.Reverse.MaximumTtl));
        int length = NumberText.WriteInteger(low, text);
        if (low == high)
            return length;
        text[length++] = '–';
        return length + NumberText.WriteInteger(high, text[length..]);
    }

    /// <summary>A VLAN's id, of a tag with priority and all.</summary>
    public static int VlanId(ushort tag) => tag & VlanIdMask;

    /// <summary>A time as RFC 3339 has it, in UTC.</summary>
    public static string Time(long nanoseconds) =>
        DateTime.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static int Write(string source, Span<char> text)
    {
        source.CopyTo(text);
        return source.Length;
    }

    // Protocols without ports, and later fragments, have both as 0.
    private static bool HasPorts(in FlowKey key) =>
        !ProtocolNames.HasTypeAndCode(key.Protocol) && (key.SourcePort | key.DestinationPort) != 0;
}
