using System.Globalization;
using System.Numerics;

namespace XdpTop.Ui.ViewModels;

/// <summary>Options and extension headers by their usual names, of the bit masks of those that were seen; others by their bit's number.</summary>
internal static class OptionText
{
    // By their kinds in IANA's registry of TCP options.
    private static readonly string[] s_tcp =
    [
        "EOL", "NOP", "MSS", "WS", "SACKP", "SACK", "ECHO", "ECHOR", "TS", "POCP", "POSP", "CC", "CCNEW", "CCECHO", "ACR", "ACD",
        "", "", "", "MD5", "", "", "", "", "", "", "", "QS", "UTO", "AO", "MPTCP", "", "", "", "TFO",
    ];

    // As the parsers of IP headers number the bits.
    private static readonly string[] s_ipv4 =
    [
        "RR", "CIPSO", "E-SEC", "TS", "LSR", "SEC", "NOP", "EOOL", "ENCODE", "VISA", "FINN", "MTUR", "MTUP", "ZSU", "SSR", "SID",
        "DPS", "NSAPA", "SDB", "ADDEXT", "RTRALT", "TR", "EIP", "IMITD", "", "EXP", "", "", "", "", "QS", "UMP",
    ];

    private static readonly string[] s_ipv6 =
        ["DST", "HOP", "", "UNK", "FRA1", "RH", "FRA0", "", "", "", "", "", "MOB", "ESP", "AH", "PAY"];

    public static string OfTcp(ulong options) => Join(options, s_tcp);

    public static string OfIp(uint options, byte ipVersion) => Join(options, ipVersion == 4 ? s_ipv4 : s_ipv6);

    private static string Join(ulong mask, string[] names)
    {
        List<string> seen = [];
        for (; mask != 0; mask &= mask - 1)
        {
            int bit = BitOperations.TrailingZeroCount(mask);
            seen.Add(bit < names.Length && names[bit].Length > 0 ? names[bit] : bit.ToString(CultureInfo.InvariantCulture));
        }
        return seen.Count > 0 ? string.Join(' ', seen) : "none";
    }
}
