using XdpTop.Capture;

namespace XdpTop.Tests.Capture;

public sealed class InterruptDeferralTests
{
    private static readonly InterruptDeferral.Record s_record = new(
        "057c5c44-a6c8-4da3-a9a4-d1e78ddbfef4", "4026531833", 34,
        [new InterruptDeferral.Setting("napi_defer_hard_irqs", 0, 2), new InterruptDeferral.Setting("gro_flush_timeout", 7, 200000)]);

    [Fact]
    public void What_is_written_down_can_be_read()
    {
        InterruptDeferral.Record read = Assert.IsType<InterruptDeferral.Record>(InterruptDeferral.Record.Parse(s_record.ToString()));
        Assert.Equal(s_record with { Settings = read.Settings }, read);
        Assert.Equal(s_record.Settings, read.Settings);
    }

    [Fact]
    public void A_part_of_it_or_more_is_nothing()
    {
        string text = s_record.ToString();
        for (int length = 0; length < text.Length; length++)
            Assert.Null(InterruptDeferral.Record.Parse(text[..length]));
        Assert.Null(InterruptDeferral.Record.Parse(text + "\n"));
    }

    [Theory]
    [InlineData("napi_defer_hard_irqs", "tx_queue_len")]
    [InlineData("napi_defer_hard_irqs", "../../../proc")]
    [InlineData(" 7 ", " -7 ")]
    [InlineData(" 7 ", " 99999999999999999999 ")]
    [InlineData("interface 34", "interface 99999999999")]
    [InlineData("namespace 4026531833", "namespace ")]
    public void What_it_cannot_be_is_nothing(string part, string other) =>
        Assert.Null(InterruptDeferral.Record.Parse(s_record.ToString().Replace(part, other, StringComparison.Ordinal)));
}
