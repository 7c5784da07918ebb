using XdpTop.Cli;

namespace XdpTop.Tests.Cli;

public sealed class NumberListTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0-3,5", "0,1,2,3,5")]
    [InlineData("7,1-2,1", "7,1,2")]
    public void Lists_and_ranges(string text, string numbers)
    {
        Assert.True(NumberList.TryParse(text, out IReadOnlyList<int> list));
        Assert.Equal(numbers, string.Join(",", list));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("1,")]
    [InlineData("-1")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("x")]
    [InlineData("1 2")]
    [InlineData("4096")]
    [InlineData("99999999999")]
    public void What_is_no_list(string text) => Assert.False(NumberList.TryParse(text, out _));
}
