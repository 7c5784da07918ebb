using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace XdpTop.Export;

/// <summary>By what IPFIX Messages go to a collector (RFC 7011 section 10).</summary>
internal enum TransportProtocol
{
    Udp,
    Tcp,

    /// <summary>TLS over TCP.</summary>
    Tls,
}

/// <summary>
/// Where a Collecting Process listens, and by which transport, as the user gives it: "tls://host:4740", or without scheme
/// (UDP) or port. Holds only characters that are safe to show.
/// </summary>
internal sealed record CollectorAddress
{
    /// <summary>IPFIX's ports (RFC 7011 sections 10.3.4 and 11.5): the second is for TLS.</summary>
    private const int DefaultPort = 4739;
    private const int DefaultTlsPort = 4740;

    private const int MaximumHostLength = 253; // RFC 1035 section 2.3.4, as text
    private const string Form = "give udp://HOST:PORT, tcp:// or tls://, with an IPv6 address in brackets";

    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

    private CollectorAddress(TransportProtocol transport, string host, int port)
    {
        Transport = transport;
        Host = host;
        Port = port;
    }

    public TransportProtocol Transport { get; }

    /// <summary>A name, or an IPv4 or IPv6 address without brackets.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>False with the reason, as one sentence, if the text names no collector to export to.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CollectorAddress? address, out string reason)
    {
        address = null;
        text = text.Trim();
        // Checked first, since the sentences below repeat parts of the text, and end on a terminal.
        if (text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            reason = $"the collector's URL has characters that cannot stand in one; {Form}";
            return false;
        }
        if (!TryTakeScheme(ref text, out TransportProtocol transport, out reason))
            return false;
        if (!TrySplit(text, out string host, out string? portText))
        {
            reason = $"the collector '{text}' is not a host and port; {Form}";
            return false;
        }
        if (!IsHost(host))
        {
            reason = $"the collector's host '{host}' is neither a name nor an address; {Form}";
            return false;
        }
        int port = transport == TransportProtocol.Tls ? DefaultTlsPort : DefaultPort;
        if (portText is not null
            && (!int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port)
                || port is < 1 or > ushort.MaxValue))
        {
            reason = $"the collector's port '{portText}' is not a number from 1 to 65535";
            return false;
        }
        address = new CollectorAddress(transport, host, port);
        return true;
    }

    /// <summary>The same for several, with spaces between. False also if there is none.</summary>
    public static bool TryParseAll(string text, out IReadOnlyList<CollectorAddress> addresses, out string reason)
    {
        List<CollectorAddress> parsed = [];
        addresses = parsed;
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (string part in parts.Length > 0 ? parts : [""])
        {
            if (!TryParse(part, out CollectorAddress? address, out reason))
                return false;
            if (!parsed.Contains(address))
                parsed.Add(address);
        }
        reason = "";
        return true;
    }

    /// <summary>The URL in full.</summary>
    public override string ToString() => $"{SchemeOf(Transport)}://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}";

    private static string SchemeOf(TransportProtocol transport) => transport switch
    {
        TransportProtocol.Tcp => "tcp",
        TransportProtocol.Tls => "tls",
        _ => "udp",
    };

    private static bool TryTakeScheme(ref string text, out TransportProtocol transport, out string reason)
    {
        transport = TransportProtocol.Udp;
        reason = "";
        int end = text.IndexOf("://", StringComparison.Ordinal);
        if (end < 0)
            return true;
        string scheme = text[..end].ToLowerInvariant();
        foreach (TransportProtocol known in Enum.GetValues<TransportProtocol>())
        {
            if (SchemeOf(known) != scheme)
                continue;
            transport = known;
            text = text[(end + 3)..].TrimEnd('/');
            return true;
        }
        reason = scheme is "sctp" or "dtls"
            ? $"export over {scheme} is not supported; use tcp:// or tls://"
            : $"'{scheme}' is not a transport of IPFIX; {Form}";
        return false;
    }

    private static bool TrySplit(string text, out string host, out string? port)
    {
        port = null;
        host = text;
        if (text.StartsWith('['))
        {
            int end = text.IndexOf(']');
            if (end < 0)
                return false;
            host = text[1..end];
            string rest = text[(end + 1)..];
            if (rest.Length == 0)
                return IsIPv6(host);
            port = rest[1..];
            return rest[0] == ':' && IsIPv6(host);
        }
        int colon = text.IndexOf(':');
        if (colon < 0 || IsIPv6(text))
            return true;
        host = text[..colon];
        port = text[(colon + 1)..];
        return true;
    }

    private static bool IsHost(string host) =>
        IsIPv6(host)
        || (host.Length is > 0 and <= MaximumHostLength && !host.AsSpan().ContainsAnyExcept(s_nameCharacters));

    private static bool IsIPv6(string text) =>
        text.Contains(':') && IPAddress.TryParse(text, out IPAddress? address)
        && address.AddressFamily == AddressFamily.InterNetworkV6;
}
