using XdpTop.Packets;
using XdpTop.Tests.Packets;

namespace XdpTop.Tests.Captures;

public sealed class NastyCaptureTests
{
    [Fact]
    public void It_is_the_same_for_the_same_seed_and_holds_every_result()
    {
        IReadOnlyList<CapturedPacket> packets = NastyCapture.Make(1, 2000);
        Assert.Equal(NastyCapture.ToPcap(packets), NastyCapture.ToPcap(NastyCapture.Make(1, 2000)));
        ParseResult[] results = [.. packets.Select(packet => PacketText.Parse(LinkType.Ethernet, packet.Bytes, packet.WireOctets).Result)];
        Assert.All(Enum.GetValues<ParseResult>(), result => Assert.True(results.Count(other => other == result) >= 20, $"{result}"));
        Assert.Equal(packets.Select(packet => packet.Malformed), results.Select(result => result == ParseResult.Malformed));
    }
}
