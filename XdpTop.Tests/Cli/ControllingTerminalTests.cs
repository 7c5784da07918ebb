using XdpTop.Cli;

namespace XdpTop.Tests.Cli;

public sealed class ControllingTerminalTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dumb")]
    public void A_terminal_that_can_do_nothing_gets_no_screen(string? kind) =>
        Assert.EndsWith("use --batch", ControllingTerminal.ProblemOf(kind), StringComparison.Ordinal);

    [Theory]
    [InlineData("xterm-256color")]
    [InlineData("linux")]
    [InlineData("vt100")]
    public void Others_do(string kind) => Assert.Null(ControllingTerminal.ProblemOf(kind));
}
