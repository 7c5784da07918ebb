namespace XdpTop.Packets;

/// <summary>
/// Walks the options of an IPv4 or TCP header (RFC 791 section 3.1, RFC 9293 section 3.1), which are laid out alike:
/// a kind, and for all kinds but 0 (end of list) and 1 (no operation) a length that counts both. Stops at the end of
/// the list, at a length that cannot be, and at the end of what was captured.
/// </summary>
internal ref struct OptionReader(ReadOnlySpan<byte> options)
{
    private const byte EndOfList = 0;
    private const byte NoOperation = 1;

    private ReadOnlySpan<byte> _rest = options;

    public bool Next(out byte kind)
    {
        if (_rest.IsEmpty)
        {
            kind = 0;
            return false;
        }
        kind = _rest[0];
        if (kind == EndOfList)
            _rest = default;
        else if (kind == NoOperation)
            _rest = _rest[1..];
        else if (_rest.Length >= 2 && _rest[1] is >= 2 and var length && length <= _rest.Length)
            _rest = _rest[length..];
        else
            _rest = default;
        return true;
    }
}
