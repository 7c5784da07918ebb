using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using XdpTop.Packets;

namespace XdpTop.Export;

/// <summary>Appends UTF-8 text to a buffer of the caller's, who sees to it that all fits. Allocates nothing.</summary>
internal ref struct Utf8Text(Span<byte> buffer)
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private static readonly StandardFormat s_threeDecimals = new('F', 3);

    private readonly Span<byte> _buffer = buffer;
    private long _second;
    private int _secondAt; // where the text of that second stands; 0: nowhere yet

    /// <summary>Octets written.</summary>
    public int Length { get; private set; }

    public void Append(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer[Length..]);
        Length += text.Length;
    }

    public void Append(byte character) => _buffer[Length++] = character;

    public void Append(ulong number)
    {
        if (number < 10)
        {
            Append((byte)('0' + number));
            return;
        }
        bool fits = Utf8Formatter.TryFormat(number, _buffer[Length..], out int written);
        Debug.Assert(fits);
        Length += written;
    }

    /// <summary>With three decimals; 0 for what is no number.</summary>
    public void Append(double number)
    {
        bool fits = Utf8Formatter.TryFormat(
            double.IsFinite(number) ? number : 0, _buffer[Length..], out int written, s_threeDecimals);
        Debug.Assert(fits);
        Length += written;
    }

    /// <summary>Appends "0x" and two hexadecimal digits, or as many more as it takes.</summary>
    public void AppendHex(ulong number)
    {
        Append("0x"u8);
        int digits = 2;
        while (digits < 16 && number >> (4 * digits) != 0)
            digits++;
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
            Append("0123456789abcdef"u8[(int)(number >> shift) & 0xf]);
    }

    public void Append(in IpAddress address, byte ipVersion)
    {
        bool fits = address.TryFormat(ipVersion, _buffer[Length..], out int written);
        Debug.Assert(fits);
        Length += written;
    }

    /// <summary>ISO 8601, UTC: 2026-01-01T00:00:00.000000001Z.</summary>
    /// <param name="decimals">Of a second, 0 to 9; what is beyond is cut off.</param>
    public void AppendTime(long nanosecondsSince1970, int decimals)
    {
        (long seconds, long rest) = Math.DivRem(nanosecondsSince1970, NanosecondsPerSecond);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + NanosecondsPerSecond);
        AppendSecond(seconds);
        if (decimals > 0)
        {
            Append((byte)'.');
            AppendDigits((uint)rest, 9);
            Length -= 9 - decimals;
        }
        Append((byte)'Z');
    }

    // A record's times are often of one second.
    private void AppendSecond(long seconds)
    {
        const int SecondLength = 19;
        int at = Length;
        if (_secondAt > 0 && _second == seconds)
        {
            Append(_buffer.Slice(_secondAt, SecondLength));
            return;
        }
        (_second, _secondAt) = (seconds, at);
        DateTime time = DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond);
        time.Deconstruct(out int year, out int month, out int day);
        AppendDigits((uint)year, 4);
        Append((byte)'-');
        AppendDigits((uint)month, 2);
        Append((byte)'-');
        AppendDigits((uint)day, 2);
        Append((byte)'T');
        AppendDigits((uint)time.Hour, 2);
        Append((byte)':');
        AppendDigits((uint)time.Minute, 2);
        Append((byte)':');
        AppendDigits((uint)time.Second, 2);
    }

    private void AppendDigits(uint number, int digits)
    {
        Span<byte> to = _buffer.Slice(Length, digits);
        for (int i = to.Length - 1; i >= 0; i--)
        {
            uint rest = number / 10;
            to[i] = (byte)('0' + number - rest * 10);
            number = rest;
        }
        Length += digits;
    }
}
