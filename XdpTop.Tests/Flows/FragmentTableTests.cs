using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Tests.Flows;

public sealed class FragmentTableTests
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData(4, 1_700_000_000 * Second)]
    [InlineData(6, 1_700_000_000 * Second)]
    [InlineData(4, 0)] // a capture file without times
    [InlineData(6, 0)]
    public void A_later_fragment_gets_the_ports_of_its_first_one(byte version, long time)
    {
        using FragmentTable table = new(seed: 1);
        ParsedPacket first = Fragment(version, FragmentPart.First, id: 7, time);
        first.SourcePort = 1000;
        first.DestinationPort = 53;
        table.Resolve(ref first);
        ParsedPacket later = Fragment(version, FragmentPart.Later, id: 7, time);
        table.Resolve(ref later);
        Assert.Equal((1000, 53), (later.SourcePort, later.DestinationPort));
        ParsedPacket other = Fragment(version, FragmentPart.Later, id: 8, time);
        table.Resolve(ref other);
        Assert.Equal((0, 0), (other.SourcePort, other.DestinationPort));
        Assert.Equal(1ul, table.Unresolved);
    }

    [Theory]
    [InlineData(29, 1000)]
    [InlineData(30, 0)]
    public void A_first_fragment_is_forgotten_as_hosts_forget_it(int seconds, int port)
    {
        using FragmentTable table = new(seed: 1);
        ParsedPacket first = Fragment(4, FragmentPart.First, id: 7, time: Second);
        first.SourcePort = 1000;
        table.Resolve(ref first);
        ParsedPacket later = Fragment(4, FragmentPart.Later, id: 7, time: (1 + seconds) * Second);
        table.Resolve(ref later);
        Assert.Equal(port, later.SourcePort);
    }

    private static ParsedPacket Fragment(byte version, FragmentPart part, uint id, long time) =>
        new() { IpVersion = version, Protocol = 17, Fragment = part, FragmentId = id, Timestamp = time };
}
