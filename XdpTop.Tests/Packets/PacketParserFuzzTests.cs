using System.Runtime.InteropServices;
using XdpTop.Packets;

namespace XdpTop.Tests.Packets;

public sealed class PacketParserFuzzTests
{
    private const int Cases = 200_000;

    [Fact]
    public void No_mutation_of_a_frame_breaks_the_parser_or_what_it_promises()
    {
        Random random = new(20260101);
        FrameKind[] kinds = [.. FrameKind.All.Values];
        int[] results = new int[4];
        for (int i = 0; i < Cases; i++)
        {
            FrameKind kind = kinds[random.Next(kinds.Length)];
            byte[] frame = Mutate(kind.Frame, random);
            byte[] captured = random.Next(3) == 0 ? frame[..random.Next(frame.Length + 1)] : frame;
            uint wire = random.Next(20) == 0 ? (uint)random.NextInt64(uint.MaxValue + 1L) : (uint)frame.Length;
            (ParseResult result, ParsedPacket packet) = PacketText.Parse(kind.LinkType, captured, wire);
            results[(int)result]++;
            if (result == ParseResult.Metered)
                CheckPromises(packet, captured, wire);
            else if (captured.Length >= wire)
                Assert.NotEqual(ParseResult.Truncated, result);
        }
        Assert.All(results, count => Assert.True(count > Cases / 100));
    }

    [Fact]
    public void No_noise_breaks_the_parser()
    {
        Random random = new(7);
        LinkType[] linkTypes = Enum.GetValues<LinkType>();
        byte[] noise = new byte[100];
        for (int i = 0; i < Cases; i++)
        {
            int length = random.Next(noise.Length + 1);
            random.NextBytes(noise.AsSpan(0, length));
            LinkType linkType = linkTypes[i % linkTypes.Length];
            (ParseResult result, ParsedPacket packet) = PacketText.Parse(linkType, noise.AsSpan(0, length), (uint)length);
            if (result == ParseResult.Metered)
                CheckPromises(packet, noise.AsSpan(0, length), (uint)length);
        }
    }

    /// <summary>The short way for plain frames is no other parser: it says what the long way says, or nothing.</summary>
    [Fact]
    public void Plain_frames_are_read_alike_on_both_ways()
    {
        Random random = new(11);
        FrameKind[] kinds = [.. FrameKind.All.Values.Where(kind => kind.LinkType == LinkType.Ethernet)];
        int plain = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] frame = Mutate(kinds[random.Next(kinds.Length)].Frame, random);
            byte[] captured = random.Next(4) == 0 ? frame[..random.Next(frame.Length + 1)] : frame;
            ParsedPacket shortWay = Noise(random), longWay = Noise(random);
            if (!PlainPacketParser.TryParse(captured, (uint)frame.Length, ref shortWay))
                continue;
            plain++;
            Assert.Equal(ParseResult.Metered, PacketParser.ParseAny(LinkType.Ethernet, captured, (uint)frame.Length, ref longWay));
            Assert.Equal(Bytes(longWay), Bytes(shortWay));
        }
        Assert.True(plain > Cases / 50);
    }

    // All that the parser writes.
    private static byte[] Bytes(ParsedPacket packet) => MemoryMarshal.AsBytes(new Span<ParsedPacket>(ref packet))[..80].ToArray();

    // What was in the worker's packet before.
    private static ParsedPacket Noise(Random random)
    {
        ParsedPacket packet = default;
        random.NextBytes(MemoryMarshal.AsBytes(new Span<ParsedPacket>(ref packet)));
        return packet;
    }

    private static void CheckPromises(in ParsedPacket packet, ReadOnlySpan<byte> captured, uint wire)
    {
        Assert.Equal(Math.Max((uint)captured.Length, wire), packet.FrameOctets);
        Assert.InRange(packet.IpOctets, packet.IpVersion == 4 ? 20u : 40u, packet.FrameOctets);
        Assert.InRange(packet.PayloadOctets, 0u, packet.IpOctets - (packet.IpVersion == 4 ? 20u : 40u));
        Assert.True(packet.IpVersion is 4 or 6);
        Assert.InRange(packet.IpOffset, 0u, packet.FrameOctets - packet.IpOctets);
        Assert.Equal(packet.IpVersion, captured[(int)packet.IpOffset] >> 4);
        Assert.InRange(packet.OuterVlan, 0, 0x1fff);
        Assert.True(packet.OuterVlan is 0 or >= ParsedPacket.VlanPresent);
        Assert.True(packet.InnerVlan == 0 || packet.OuterVlan != 0);
        Assert.Equal(0, packet.TcpFlags & 0xf000);
        if (packet.Fragment == FragmentPart.Later)
            Assert.Equal((0, 0), (packet.SourcePort, packet.DestinationPort));
        byte[] key = PacketText.Key(packet);
        Assert.Equal(0, key[42] | key[43]);
        if (packet.IpVersion == 4)
            Assert.False(key.AsSpan(4, 12).ContainsAnyExcept((byte)0) || key.AsSpan(20, 12).ContainsAnyExcept((byte)0));
    }

    private static byte[] Mutate(byte[] frame, Random random)
    {
        byte[] mutated = [.. frame];
        for (int i = random.Next(4); i > 0 && mutated.Length > 0; i--)
        {
            int at = random.Next(mutated.Length);
            switch (random.Next(5))
            {
                case 0:
                    mutated[at] = (byte)random.Next(256);
                    break;
                case 1:
                    mutated[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    mutated[at] = (byte)(random.Next(2) * 255);
                    break;
                case 3:
                    mutated = [.. mutated[..at], .. mutated[Math.Min(mutated.Length, at + random.Next(1, 9))..]];
                    break;
                default:
                    mutated = [.. mutated[..at], .. mutated.AsSpan(random.Next(at + 1), random.Next(mutated.Length - at)), .. mutated[at..]];
                    break;
            }
        }
        return mutated;
    }
}
