using XdpTop.Export;

namespace XdpTop.Tests.Export;

public sealed class CollectorAddressTests
{
    [Theory]
    [InlineData("udp://collector.example:2055", "collector.example", 2055, "udp://collector.example:2055")]
    [InlineData("UDP://collector", "collector", 4739, "udp://collector:4739")]
    [InlineData("udp://collector:9995/", "collector", 9995, "udp://collector:9995")]
    [InlineData("  collector  ", "collector", 4739, "udp://collector:4739")]
    [InlineData("10.0.0.1:99", "10.0.0.1", 99, "udp://10.0.0.1:99")]
    [InlineData("udp://[2001:db8::1]:2055", "2001:db8::1", 2055, "udp://[2001:db8::1]:2055")]
    [InlineData("[2001:db8::1]", "2001:db8::1", 4739, "udp://[2001:db8::1]:4739")]
    [InlineData("2001:db8::1", "2001:db8::1", 4739, "udp://[2001:db8::1]:4739")]
    [InlineData("tcp://host", "host", 4739, "tcp://host:4739")]
    [InlineData("tls://host", "host", 4740, "tls://host:4740")]
    [InlineData("fe80::1%eth0", "fe80::1%eth0", 4739, "udp://[fe80::1%eth0]:4739")]
    public void A_collector_is_a_host_and_maybe_scheme_and_port(string text, string host, int port, string url)
    {
        Assert.True(CollectorAddress.TryParse(text, out CollectorAddress? address, out string reason), reason);
        Assert.Equal((host, port, url), (address.Host, address.Port, address.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("udp://")]
    [InlineData("udp://:4739")]
    [InlineData("udp://host:0")]
    [InlineData("udp://host:65536")]
    [InlineData("udp://host:port")]
    [InlineData("udp://host:-1")]
    [InlineData("udp://host:")]
    [InlineData("udp://host:1:2")]
    [InlineData("udp://[::1")]
    [InlineData("udp://[::1]x")]
    [InlineData("udp://[host]:1")]
    [InlineData("udp://user@host")]
    [InlineData("udp://host/path")]
    [InlineData("http://host")]
    [InlineData("udp://ho st")]
    [InlineData("udp://h\u00f6st")]
    [InlineData("udp://\u001b[31mhost")]
    [InlineData("udp://host\u009b31m")]
    [InlineData("http\u001b[2J://x")]
    public void Anything_else_is_refused_with_a_reason_that_a_terminal_can_show(string text)
    {
        Assert.False(CollectorAddress.TryParse(text, out CollectorAddress? address, out string reason));
        Assert.Null(address);
        Assert.NotEqual("", reason);
        Assert.DoesNotContain(reason, character => character is < ' ' or > '~');
    }

    [Theory]
    [InlineData("sctp://host", "export over sctp is not supported; use tcp:// or tls://")]
    [InlineData("dtls://host:4740", "export over dtls is not supported; use tcp:// or tls://")]
    [InlineData("http://host", "'http' is not a transport of IPFIX; give udp://HOST:PORT, tcp:// or tls://, with an IPv6 address in brackets")]
    public void Transports_that_are_not_there_are_named(string text, string expected)
    {
        Assert.False(CollectorAddress.TryParse(text, out _, out string reason));
        Assert.Equal(expected, reason);
    }

    [Fact]
    public void Several_collectors_stand_with_spaces_between_each_once()
    {
        Assert.True(CollectorAddress.TryParseAll(" udp://a tls://b  tcp://[::1]:7 udp://a:4739 ", out IReadOnlyList<CollectorAddress> addresses, out _));
        Assert.Equal("udp://a:4739 tls://b:4740 tcp://[::1]:7", string.Join(' ', addresses));
        Assert.False(CollectorAddress.TryParseAll("udp://a udp://", out _, out string reason));
        Assert.NotEqual("", reason);
        Assert.False(CollectorAddress.TryParseAll("  ", out _, out _));
    }
}
