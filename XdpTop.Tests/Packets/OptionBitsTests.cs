using XdpTop.Packets;

namespace XdpTop.Tests.Packets;

public sealed class OptionBitsTests
{
    /// <summary>
    /// IANA's registry of IPFIX Information Elements, ipv4Options (208): the option type of bit 0, of bit 1 and so on;
    /// −1 where the registry has none. Bit 25 has four types, of which the others are below.
    /// </summary>
    private static readonly int[] s_typeOfBit =
    [
        7, 134, 133, 68, 131, 130, 1, 0,
        15, 142, 205, 12, 11, 10, 137, 136,
        151, 150, 149, 147, 148, 82, 145, 144,
        -1, 30, -1, -1, -1, -1, 25, 152,
    ];

    [Fact]
    public void IPv4_option_types_have_the_bits_of_the_registry_and_no_others_have_any()
    {
        for (int type = 0; type <= byte.MaxValue; type++)
        {
            int registered = type is 94 or 158 or 222 ? 25 : Array.IndexOf(s_typeOfBit, type);
            uint expected = registered < 0 ? 0 : 1u << registered;
            Assert.Equal((type, expected), (type, IPv4Parser.BitOfOption((byte)type)));
        }
    }
}
