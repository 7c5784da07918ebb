using System.Net;
using XdpTop.Capture;

namespace XdpTop.Tests.Capture;

/// <summary>Keys are judged as by hashing packets in both directions.</summary>
public sealed class RssSettingsTests
{
    /// <summary>Of Microsoft's verification suite for RSS, which drivers have had as their key.</summary>
    private static readonly byte[] s_known = Convert.FromHexString("6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa");

    private static readonly byte[] s_repeated = [.. Enumerable.Range(0, 40).Select(i => (byte)(i % 2 == 0 ? 0x6d : 0x5a))];

    [Fact]
    public void The_model_hashes_as_the_verification_suite_says()
    {
        Assert.Equal(0x51ccc178u, Toeplitz(s_known, Input("66.9.149.187", "161.142.100.80", 2794, 1766)));
        Assert.Equal(0x40207d3du, Toeplitz(s_known, Input("3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766)));
    }

    [Fact]
    public void A_key_is_symmetric_if_both_directions_hash_alike()
    {
        Random random = new(7);
        byte[] withOneBitWrong = [.. s_repeated];
        withOneBitWrong[20] ^= 8;
        byte[] byFours = [.. Enumerable.Range(0, 40).Select(i => s_known[i % 4])];
        byte[] byFives = [.. Enumerable.Range(0, 40).Select(i => s_known[i % 5])];
        byte[] longer = [.. s_repeated, .. s_repeated[..12]];
        foreach (byte[] key in (byte[][])[s_known, s_repeated, withOneBitWrong, byFours, byFives, longer, new byte[40]])
        {
            bool isSymmetric = true;
            for (int i = 0; i < 2000; i++)
            {
                byte[] a = new byte[i % 2 == 0 ? 4 : 16], b = new byte[a.Length];
                random.NextBytes(a);
                random.NextBytes(b);
                (ushort m, ushort n) = ((ushort)random.Next(65536), (ushort)random.Next(65536));
                (string x, string y) = (new IPAddress(a).ToString(), new IPAddress(b).ToString());
                isSymmetric &= Toeplitz(key, Input(x, y, m, n)) == Toeplitz(key, Input(y, x, n, m));
            }
            Assert.Equal(isSymmetric, RssSettings.IsSymmetricKey(key));
        }
        Assert.True(RssSettings.IsSymmetricKey(s_repeated));
        Assert.False(RssSettings.IsSymmetricKey(s_known));
    }

    private static byte[] Input(string source, string destination, ushort sourcePort, ushort destinationPort) =>
    [
        .. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(),
        (byte)(sourcePort >> 8), (byte)sourcePort, (byte)(destinationPort >> 8), (byte)destinationPort,
    ];

    /// <summary>Bit by bit, as its definition: each bit of the input that is set brings in the key's next 32 bits.</summary>
    private static uint Toeplitz(byte[] key, byte[] input)
    {
        uint hash = 0;
        for (int bit = 0; bit < input.Length * 8; bit++)
        {
            if ((input[bit / 8] >> (7 - bit % 8) & 1) == 0)
                continue;
            for (int i = 0; i < 32; i++)
            {
                int at = bit + i;
                uint keyBit = at / 8 < key.Length ? (uint)(key[at / 8] >> (7 - at % 8) & 1) : 0;
                hash ^= keyBit << (31 - i);
            }
        }
        return hash;
    }
}
