using System.Globalization;
using System.Net;
using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Monitoring;

/// <summary>One word of a <see cref="DisplayFilter"/>, parsed.</summary>
internal sealed class DisplayFilterWord
{
    private enum Kind { Anything, Text, Port, Vlan, Prefix }

    private readonly Kind _kind;
    private readonly bool _negated;
    private readonly string _text = "";
    private readonly int _number = -1;
    private readonly IpAddress _prefix;
    private readonly byte _prefixVersion;
    private readonly int _prefixLength;

    private DisplayFilterWord(string word)
    {
        _negated = word.StartsWith('!');
        _text = (_negated ? word[1..] : word).ToLowerInvariant();
        if (_text.Length == 0 || _text is "port:" or "vlan:")
            _kind = Kind.Anything;
        else if (IsNumberAfter("vlan:", out _number))
            _kind = Kind.Vlan;
        else if (IsNumberAfter(":", out _number) || IsNumberAfter("port:", out _number))
            _kind = Kind.Port;
        else if (IsPrefix(out _prefix, out _prefixVersion, out _prefixLength))
            _kind = Kind.Prefix;
        else
        {
            _kind = Kind.Text;
            IsNumberAfter("", out _number);
        }
    }

    public static DisplayFilterWord Parse(string word) => new(word);

    /// <param name="key">The flow's key.</param>
    /// <param name="source">The source address as text.</param>
    /// <param name="destination">The destination address as text.</param>
    public bool Matches(in FlowKey key, ReadOnlySpan<char> source, ReadOnlySpan<char> destination) => _kind switch
    {
        Kind.Anything => true,
        Kind.Port => HasPort(in key) != _negated,
        Kind.Vlan => HasVlan(in key) != _negated,
        Kind.Prefix => HasPrefix(in key) != _negated,
        _ => (source.IndexOf(_text) >= 0 || destination.IndexOf(_text) >= 0 || HasProtocol(in key)
            || (_number >= 0 && (HasPort(in key) || HasVlan(in key)))) != _negated,
    };

    // ICMP's and IGMP's type and code stand in the port's place, and are none.
    private bool HasPort(in FlowKey key) =>
        (key.SourcePort == _number || key.DestinationPort == _number) && !ProtocolNames.HasTypeAndCode(key.Protocol);

    private bool HasVlan(in FlowKey key) =>
        _number > 0 && (key.OuterVlan == _number || key.InnerVlan == _number);

    private bool HasProtocol(in FlowKey key) =>
        ProtocolNames.Find(key.Protocol)?.StartsWith(_text, StringComparison.Ordinal) == true;

    private bool HasPrefix(in FlowKey key) =>
        key.IpVersion == _prefixVersion
        && (IsWithin(key.Source.Bytes(key.IpVersion)) || IsWithin(key.Destination.Bytes(key.IpVersion)));

    private bool IsWithin(ReadOnlySpan<byte> address)
    {
        ReadOnlySpan<byte> prefix = _prefix.Bytes(_prefixVersion);
        int whole = _prefixLength / 8;
        if (!address[..whole].SequenceEqual(prefix[..whole]))
            return false;
        int bits = _prefixLength % 8;
        return bits == 0 || (address[whole] ^ prefix[whole]) >> (8 - bits) == 0;
    }

    private bool IsNumberAfter(string start, out int number)
    {
        number = -1;
        if (!_text.StartsWith(start, StringComparison.Ordinal)
            || !ushort.TryParse(_text.AsSpan(start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ushort value))
            return false;
        number = value;
        return true;
    }

    private bool IsPrefix(out IpAddress prefix, out byte version, out int length)
    {
        (prefix, version, length) = (default, 0, 0);
        int slash = _text.IndexOf('/');
        // IPAddress takes "10" and "10.1" for addresses, too: nobody means that before a slash.
        if (slash < 0 || (!_text.Contains(':') && _text.Count(c => c == '.') != 3)
            || !IPAddress.TryParse(_text.AsSpan(0, slash), out IPAddress? address))
            return false;
        byte[] bytes = address.GetAddressBytes();
        prefix = IpAddress.FromBytes(bytes);
        version = (byte)(bytes.Length == IpAddress.IPv4Length ? 4 : 6);
        length = 8 * bytes.Length;
        ReadOnlySpan<char> after = _text.AsSpan(slash + 1);
        return after.IsEmpty
            || (int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out int given)
                && given <= length && (length = given) >= 0);
    }
}
