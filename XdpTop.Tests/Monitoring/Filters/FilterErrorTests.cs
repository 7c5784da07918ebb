using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Filters;

namespace XdpTop.Tests.Monitoring.Filters;

public sealed class FilterErrorTests
{
    private const string What = "expected what to look for, such as 'host', 'port', 'tcp' or a word";
    private const string More = "expected 'and', 'or' or the end";
    private const string Port = "expected a port number or a service";
    private const string Network = "expected a network, as 10.0.0.0/8";

    [Theory]
    [InlineData("port", "", Port)]
    [InlineData("port x", "x", Port)]
    [InlineData("port 65536", "65536", Port)]
    [InlineData("port -1", "-1", Port)]
    [InlineData("port (80)", "(", Port)]
    [InlineData("tcp port x udp", "x", Port)]
    [InlineData("port:", "port:", Port)]
    [InlineData("host", "", "expected an IP address")]
    [InlineData("host 10.0.0", "10.0.0", "expected an IP address")]
    [InlineData("host 10.0.0.256", "10.0.0.256", "expected an IP address")]
    [InlineData("host www.example.org", "www.example.org", "expected an IP address")]
    [InlineData("host fe80::1%eth0", "fe80::1%eth0", "expected an IP address")]
    [InlineData("host [::1]", "[::1]", "expected an IP address")]
    [InlineData("host 0x7f.0.0.1", "0x7f.0.0.1", "expected an IP address")]
    [InlineData("net 10.0.0.0/33", "10.0.0.0/33", Network)]
    [InlineData("tcp 10.0.0.1/33", "10.0.0.1/33", Network)]
    [InlineData("::/129", "::/129", Network)]
    [InlineData("net 1.2.3.4.5", "1.2.3.4.5", Network)]
    [InlineData("portrange 10", "10", "expected two ports, as 1-1024")]
    [InlineData("portrange 10-9", "10-9", "expected two ports, as 1-1024")]
    [InlineData("src", "", "expected 'host', 'net', 'port', 'portrange' or an IP address")]
    [InlineData("src or dst tcp", "tcp", "expected 'host', 'net', 'port', 'portrange' or an IP address")]
    [InlineData("vlan 4096", "4096", "expected a VLAN id up to 4095")]
    [InlineData("vlan:x", "vlan:x", "expected a VLAN id up to 4095")]
    [InlineData("proto 256", "256", "expected a protocol's number or name")]
    [InlineData("flags SX", "SX", "expected letters of TCP flags, of FSRPAUEC")]
    [InlineData("bps", "", "expected a comparison, as '>'")]
    [InlineData("bps 10M", "10M", "expected a comparison, as '>'")]
    [InlineData("bps > ", "", "expected a number, as 3, 1.5k or 10M")]
    [InlineData("bps > 10X", "10X", "expected a number, as 3, 1.5k or 10M")]
    [InlineData("age > 1w", "1w", "expected a time, as 90s, 5m or 1h")]
    [InlineData("speed > 10", "speed", "expected bps, pps, packets, bytes, length, ttl, age, idle before a comparison")]
    [InlineData("tcp speed > 10", "speed", "expected bps, pps, packets, bytes, length, ttl, age, idle before a comparison")]
    [InlineData("> 10", ">", What)]
    [InlineData("tcp >", ">", "expected bps, pps, packets, bytes, length, ttl, age, idle before a comparison", 0, 3)]
    [InlineData("!", "", What)]
    [InlineData("not", "", What)]
    [InlineData("and", "and", What)]
    [InlineData("tcp and", "", What)]
    [InlineData("tcp or or udp", "or", What, 7, 2)]
    [InlineData("tcp and or udp", "or", What)]
    [InlineData("()", ")", What)]
    [InlineData("(tcp", "", "expected ')'")]
    [InlineData("(tcp port", "", Port)]
    [InlineData("tcp)", ")", More)]
    [InlineData("tcp & udp", "&", "expected '&&'")]
    [InlineData("tcp | udp", "|", "expected '||'")]
    [InlineData("/abc", "", "expected '/' after the pattern")]
    [InlineData("/abc\\/", "", "expected '/' after the pattern")]
    [InlineData("\"abc", "", "expected '\"' after the text")]
    [InlineData("tcp /a(/", "/a(/", "expected a regular expression (insufficient closing parentheses)")]
    [InlineData("/(?=a)b/", "/(?=a)b/", "expected a smaller regular expression, without look-around and back-references")]
    [InlineData("/(a)\\1/", "/(a)\\1/", "expected a smaller regular expression, without look-around and back-references")]
    [InlineData("/((a{100}){100}){100}/", "/((a{100}){100}){100}/", "expected a smaller regular expression, without look-around and back-references")]
    public void What_is_wrong_is_said_and_where(string text, string wrong, string message, int position = -1, int length = -1)
    {
        FilterError? error = DisplayFilter.Read(text, out DisplayFilter filter);
        if (position < 0)
            (position, length) = (wrong == "" ? text.Length : text.LastIndexOf(wrong, StringComparison.Ordinal), wrong.Length);
        Assert.Equal(new FilterError(position, length, message), error);
        Assert.Same(DisplayFilter.None, filter);
    }

    [Theory]
    [InlineData("tcp port 443 or (udp and not net 10.0.0.0/8)", true)]
    [InlineData("10.0.0.1 or 10.0.0.0/8 or :53 or vlan:5", true)]
    [InlineData("", true)]
    [InlineData("tcp and bps > 10M", false)]
    [InlineData("not (tcp or age > 1h)", false)]
    [InlineData("flags S", false)]
    [InlineData("ttl < 5", false)]
    [InlineData("443", false)]
    [InlineData("web", false)]
    [InlineData("/a/", false)]
    [InlineData("\"a\"", false)]
    public void Metering_takes_what_a_Flow_Key_answers(string text, bool isTaken)
    {
        FilterError? error = MeteringFilter.Read(text, out FlowKeyFilter? filter);
        Assert.Equal(isTaken, error is null);
        Assert.Equal(isTaken, filter is not null);
        Assert.Equal(text == "", filter?.PassesAll ?? false);
    }

    [Fact]
    public void Metering_says_what_it_cannot_take()
    {
        Assert.Equal(new FilterError(8, 3, "expected what a flow has from its first packet to its last: --filter decides when a flow begins, and only the screen's filter can ask for this"),
            MeteringFilter.Read("tcp and bps > 10M", out _));
        Assert.Equal(
            "at '443' (character 5), expected what says what it is, as 'host 10.0.0.1' or 'port 443': only the screen's filter looks for text",
            MeteringFilter.Read("tcp 443", out _)!.Sentence("tcp 443"));
    }

    [Fact]
    public void Parentheses_have_an_end()
    {
        static string Nested(int depth) => new string('(', depth) + "tcp" + new string(')', depth);

        TestFilter.Of(Nested(FilterLexer.MaximumDepth));
        Assert.Equal(FilterLexer.MaximumDepth, DisplayFilter.Read(Nested(100_000), out _)!.Position);
        TestFilter.Of(new string('!', 100_000) + "tcp");
        TestFilter.Of(string.Concat(Enumerable.Repeat("tcp and ", 10_000)) + "tcp");
    }
}
