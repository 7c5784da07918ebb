using XdpTop.Capture;
using XdpTop.Cli;

namespace XdpTop.Tests.Cli;

public sealed class QueueCoverageTests
{
    private static readonly RssSettings s_rss = new() { Indirection = [0, 1, 2, 3, 0, 1, 2, 3] };

    [Theory]
    [InlineData("0", "queues 1-3", "ethtool -X nic0 equal 1")]
    [InlineData("1,2", "queues 0,3", "ethtool -X nic0 start 1 equal 2")]
    [InlineData("3,0,1", "queue 2", "ethtool -X nic0 weight 1 1 0 1")]
    public void Queues_that_RSS_sends_to_and_nobody_reads_are_named_with_the_remedy(string read, string unread, string command)
    {
        Assert.True(NumberList.TryParse(read, out IReadOnlyList<int> queues));
        string sentence = QueueCoverage.Examine("nic0", 4, queues, s_rss)!.Sentence;
        Assert.StartsWith($"RSS sends packets to {unread} of nic0, ", sentence, StringComparison.Ordinal);
        Assert.EndsWith($": {command}", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Queues_that_RSS_does_not_send_to_need_no_reader()
    {
        Assert.Null(QueueCoverage.Examine("nic0", 4, [0, 1, 2, 3], s_rss));
        Assert.Null(QueueCoverage.Examine("nic0", 4, [1], new RssSettings { Indirection = [1, 1] }));
        Assert.Null(QueueCoverage.Examine("nic0", 2, [0, 1], null));
    }

    [Fact]
    public void Without_a_table_packets_may_come_to_all_queues() => Assert.StartsWith(
        "queues 0,2-3 of nic0 are not read, so that the host gets what comes there, ",
        QueueCoverage.Examine("nic0", 4, [1], new RssSettings())!.Sentence, StringComparison.Ordinal);
}
