using System.Text;
using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Tests.Flows;

public sealed class Murmur3Tests
{
    // Vectors that several other implementations publish (https://stackoverflow.com/a/31929528, Apache Cassandra, guava).
    [Theory]
    [InlineData("", 0u, 0u)]
    [InlineData("", 1u, 0x514E28B7u)]
    [InlineData("", 0xffffffffu, 0x81F16F39u)]
    [InlineData("FFFFFFFF", 0u, 0x76293B50u)]
    [InlineData("21436587", 0u, 0xF55B516Bu)]
    [InlineData("21436587", 0x5082EDEEu, 0x2362F9DEu)]
    [InlineData("214365", 0u, 0x7E4A8634u)]
    [InlineData("2143", 0u, 0xA0F7B07Au)]
    [InlineData("21", 0u, 0x72661CF4u)]
    [InlineData("00000000", 0u, 0x2362F9DEu)]
    [InlineData("000000", 0u, 0x85F0B427u)]
    [InlineData("0000", 0u, 0x30F4C306u)]
    [InlineData("00", 0u, 0x514E28B7u)]
    public void Published_vectors_of_bytes(string hex, uint seed, uint hash) =>
        Assert.Equal(hash, Murmur3.Hash(Convert.FromHexString(hex), seed));

    [Theory]
    [InlineData("Hello, world!", 0x9747b28cu, 0x24884CBAu)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x9747b28cu, 0x2FA826CDu)]
    [InlineData("aaaa", 0x9747b28cu, 0x5A97808Au)]
    [InlineData("aaa", 0x9747b28cu, 0x283E0130u)]
    [InlineData("aa", 0x9747b28cu, 0x5D211726u)]
    [InlineData("a", 0x9747b28cu, 0x7FA09EA6u)]
    [InlineData("abcd", 0x9747b28cu, 0xF0478627u)]
    [InlineData("abc", 0x9747b28cu, 0xC84A62DDu)]
    public void Published_vectors_of_text(string text, uint seed, uint hash) =>
        Assert.Equal(hash, Murmur3.Hash(Encoding.ASCII.GetBytes(text), seed));

    [Fact]
    public void The_hash_of_a_key_is_that_of_its_bytes()
    {
        Random random = new(1);
        byte[] bytes = new byte[FlowKey.Size];
        for (int i = 0; i < 100; i++)
        {
            random.NextBytes(bytes);
            uint seed = (uint)random.Next();
            bytes[41] = 6;
            FlowKey six = System.Runtime.InteropServices.MemoryMarshal.Read<FlowKey>(bytes);
            Assert.Equal(Murmur3.Hash(bytes, seed), Murmur3.Hash(in six, seed));

            bytes[41] = 4;
            FlowKey four = System.Runtime.InteropServices.MemoryMarshal.Read<FlowKey>(bytes);
            byte[] used = [.. bytes[..4], .. bytes[16..20], .. bytes[32..]];
            Assert.Equal(20, used.Length);
            Assert.Equal(Murmur3.Hash(used, seed), Murmur3.Hash(in four, seed));

            four.OuterVlan = four.InnerVlan = 0;
            byte[] untagged = [.. bytes[..4], .. bytes[16..20], .. bytes[32..36], .. bytes[40..]];
            Assert.Equal(16, untagged.Length);
            Assert.Equal(Murmur3.Hash(untagged, seed), Murmur3.Hash(in four, seed));
        }
        Assert.Equal(IpAddress.Length, 16);
    }
}
