using System.Net;
using XdpTop.Flows;
using XdpTop.Packets;
using XdpTop.Tests.Export;

namespace XdpTop.Tests.Flows;

public sealed class BiflowTests
{
    [Theory]
    [InlineData("10.0.0.1", 1024, "10.0.0.2", 80, 6, 80, 1024)]
    [InlineData("2001:db8::1", 5000, "2001:db8::2", 53, 17, 53, 5000)]
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0, 17, 0, 0)] // later fragments
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0, 47, 0, 0)]
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0x0800, 1, 0, 0x0000)]
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0x0000, 1, 0, 0x0800)]
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0x0d00, 1, 0, 0x0e00)]
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0x0e00, 1, 0, 0x0d00)]
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0x1100, 1, 0, 0x1200)]
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0x1200, 1, 0, 0x1100)]
    [InlineData("fe80::1", 0, "fe80::2", 0x8000, 58, 0, 0x8100)]
    [InlineData("fe80::1", 0, "fe80::2", 0x8100, 58, 0, 0x8000)]
    [InlineData("127.0.0.1", 0, "127.0.0.1", 0x0800, 1, 0, 0x0000)]
    [InlineData("127.0.0.1", 5, "127.0.0.1", 6, 17, 6, 5)]
    public void The_reverse_has_ends_swapped_and_the_other_type(
        string source, int sourcePort, string destination, int destinationPort, int protocol, int reverseSource, int reverseDestination)
    {
        FlowKey key = Key(source, sourcePort, destination, destinationPort, protocol);
        key.OuterVlan = ParsedPacket.VlanPresent | 7;
        key.InnerVlan = ParsedPacket.VlanPresent;
        FlowKey expected = Key(destination, reverseSource, source, reverseDestination, protocol);
        (expected.OuterVlan, expected.InnerVlan) = (key.OuterVlan, key.InnerVlan);
        Assert.True(Biflow.TryReverse(in key, out FlowKey reverse));
        Assert.True(Biflow.AreSame(in expected, in reverse));
        Assert.True(Biflow.TryReverse(in reverse, out FlowKey back));
        Assert.True(Biflow.AreSame(in key, in back));
        Assert.Equal(Biflow.Hash(in key, 3), Biflow.Hash(in reverse, 3));
        expected.Direction = 1;
        Assert.True(Biflow.AreSame(in expected, in reverse));
    }

    [Theory]
    [InlineData("10.0.0.1", 5353, "224.0.0.251", 5353, 17)]
    [InlineData("10.0.0.1", 68, "255.255.255.255", 67, 17)]
    [InlineData("239.1.2.3", 1, "10.0.0.1", 2, 17)]
    [InlineData("fe80::1", 5353, "ff02::fb", 5353, 17)]
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0x0301, 1)] // port unreachable
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0x8000, 1)] // ICMPv6's echo in ICMP
    [InlineData("fe80::1", 0, "fe80::2", 0x0800, 58)]
    [InlineData("10.0.0.1", 0, "10.0.0.2", 0x1600, 2)]
    [InlineData("127.0.0.1", 123, "127.0.0.1", 123, 17)]
    [InlineData("127.0.0.1", 0, "127.0.0.1", 0, 47)]
    public void What_cannot_be_answered_has_no_reverse(string source, int sourcePort, string destination, int destinationPort, int protocol)
    {
        FlowKey key = Key(source, sourcePort, destination, destinationPort, protocol);
        Assert.False(Biflow.TryReverse(in key, out _));
    }

    [Fact]
    public void Who_began_first_is_forward_and_else_who_opened_or_has_the_higher_port_or_the_lower_address()
    {
        FlowRecord client = TestRecords.Tcp("10.0.0.9", "10.0.0.2", 1024, 80);
        FlowRecord server = TestRecords.Tcp("10.0.0.2", "10.0.0.9", 80, 1024);
        AssertForward(client, server); // by port
        client.TcpFlags = 0x12;
        server.TcpFlags = 0x02;
        AssertForward(server, client); // it alone has SYN without ACK
        client.TcpFlags = 0x02;
        server.TcpFlags = 0x12;
        AssertForward(client, server);
        server.Start--;
        AssertForward(server, client);
        FlowRecord one = TestRecords.Tcp("10.0.0.1", "10.0.0.2", 9, 9), other = TestRecords.Tcp("10.0.0.2", "10.0.0.1", 9, 9);
        AssertForward(one, other);
        FlowRecord request = TestRecords.Tcp("10.0.0.9", "10.0.0.2", 0, 0x0800), reply = TestRecords.Tcp("10.0.0.2", "10.0.0.9", 0, 0);
        request.Key.Protocol = reply.Key.Protocol = 1;
        AssertForward(request, reply);
    }

    [Fact]
    public void Hashes_tell_keys_apart_by_every_field()
    {
        HashSet<uint> hashes = [];
        foreach (FlowRecord record in TestRecords.Random(20_000, seed: 5))
            hashes.Add(Biflow.Hash(in record.Key, record.ObservationPoint));
        Assert.InRange(hashes.Count, 19_990, 20_000);
        FlowKey key = Key("10.0.0.1", 1, "10.0.0.2", 2, 6), tagged = key;
        tagged.OuterVlan = 1;
        FlowKey inner = key;
        inner.InnerVlan = 1;
        FlowKey udp = key;
        udp.Protocol = 17;
        Assert.Equal(5, new[] { Biflow.Hash(in key, 0), Biflow.Hash(in key, 1), Biflow.Hash(in tagged, 0), Biflow.Hash(in inner, 0), Biflow.Hash(in udp, 0) }.Distinct().Count());
    }

    private static void AssertForward(FlowRecord forward, FlowRecord reverse)
    {
        Assert.True(Biflow.IsForward(in forward, in reverse));
        Assert.False(Biflow.IsForward(in reverse, in forward));
    }

    private static FlowKey Key(string source, int sourcePort, string destination, int destinationPort, int protocol) => new()
    {
        Source = IpAddress.Parse(source),
        Destination = IpAddress.Parse(destination),
        SourcePort = (ushort)sourcePort,
        DestinationPort = (ushort)destinationPort,
        Protocol = (byte)protocol,
        IpVersion = (byte)(IPAddress.Parse(source).GetAddressBytes().Length == 4 ? 4 : 6),
    };
}
