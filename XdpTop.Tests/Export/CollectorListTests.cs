using XdpTop.Export;

namespace XdpTop.Tests.Export;

public sealed class CollectorListTests
{
    private readonly CollectorList _list = new();

    [Fact]
    public void Collectors_are_added_replaced_and_removed_each_in_its_place()
    {
        Assert.True(_list.TrySet("udp://a tcp://b", out _));
        Assert.True(_list.TryAdd("tls://c", out string reason));
        Assert.Equal("", reason);
        Assert.True(_list.TryReplace("tcp://b:4739", "tcp://d:99", out _));
        Assert.Equal("udp://a:4739 tcp://d:99 tls://c:4740", Text);
        _list.Remove("udp://a:4739");
        _list.Remove("udp://not-there:4739");
        Assert.Equal("tcp://d:99 tls://c:4740", Text);
        _list.Remove("tcp://d:99");
        _list.Remove("tls://c:4740");
        Assert.Equal("", Text);
    }

    [Fact]
    public void One_that_is_there_or_is_none_is_refused_and_changes_nothing()
    {
        Assert.True(_list.TrySet("udp://a tcp://b", out _));
        Assert.False(_list.TryAdd("a:4739", out string reason));
        Assert.Equal("udp://a:4739 is a collector already", reason);
        Assert.False(_list.TryReplace("tcp://b:4739", "udp://a", out reason));
        Assert.Equal("udp://a:4739 is a collector already", reason);
        Assert.False(_list.TryAdd("http://a", out reason));
        Assert.StartsWith("'http' is not a transport of IPFIX", reason, StringComparison.Ordinal);
        Assert.False(_list.TryReplace("tcp://b:4739", "\u001b[2J", out reason));
        Assert.DoesNotContain('\u001b', reason);
        Assert.Equal("udp://a:4739 tcp://b:4739", Text);
    }

    [Fact]
    public void One_may_be_replaced_by_itself_and_one_that_has_gone_meanwhile_comes_last()
    {
        Assert.True(_list.TrySet("udp://a tcp://b", out _));
        Assert.True(_list.TryReplace("udp://a:4739", "udp://a:4739", out _));
        Assert.True(_list.TryReplace("udp://gone:4739", "udp://c", out _));
        Assert.Equal("udp://a:4739 tcp://b:4739 udp://c:4739", Text);
    }

    private string Text => string.Join(' ', _list.Addresses);
}
