using XdpTop.Flows;
using XdpTop.Packets;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Tests.Ui;

public sealed class TextTests
{
    private delegate int Writer(Span<char> text);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.004, "0.00")]
    [InlineData(0.25, "0.25")]
    [InlineData(9.994, "9.99")]
    [InlineData(9.996, "10.0")]
    [InlineData(99.96, "100")]
    [InlineData(999.4, "999")]
    [InlineData(999.6, "1.00k")]
    [InlineData(1480000, "1.48M")]
    [InlineData(98.7e9, "98.7G")]
    [InlineData(400e12, "400T")]
    [InlineData(1e15, "1.00P")]
    [InlineData(2e18, "2.00E")]
    [InlineData(double.NaN, "–")]
    [InlineData(double.PositiveInfinity, "–")]
    [InlineData(-1, "–")]
    public void Rates_have_three_digits_and_a_prefix(double value, string expected) =>
        Assert.Equal(expected, Write(text => NumberText.WriteRate(value, text)));

    [Fact]
    public void Rates_of_any_size_take_five_characters_at_most()
    {
        Random random = new(7);
        for (int i = 0; i < 10_000; i++)
        {
            double value = Math.Pow(10, random.NextDouble() * 26 - 3);
            string text = Write(t => NumberText.WriteRate(value, t));
            Assert.True(text.Length <= 5, $"{value}: {text}");
        }
    }

    [Theory]
    [InlineData(0ul, "0")]
    [InlineData(9999ul, "9999")]
    [InlineData(10_000ul, "10.0k")]
    [InlineData(999_499ul, "999k")]
    [InlineData(999_500ul, "1.00M")]
    [InlineData(ulong.MaxValue, "18.4E")]
    public void Counts_are_exact_while_they_are_short(ulong value, string expected) =>
        Assert.Equal(expected, Write(text => NumberText.WriteCount(value, text)));

    [Theory]
    [InlineData(-5.0, "0s")]
    [InlineData(0.9, "0s")]
    [InlineData(12, "12s")]
    [InlineData(59.99, "59s")]
    [InlineData(60, "1m00s")]
    [InlineData(185, "3m05s")]
    [InlineData(3599, "59m59s")]
    [InlineData(7800, "2h10m")]
    [InlineData(86_399, "23h59m")]
    [InlineData(86_400, "1d00h")]
    [InlineData(8_640_000, "100d")]
    public void Ages_are_in_the_two_largest_units(double seconds, string expected) =>
        Assert.Equal(expected, Write(text => NumberText.WriteAge((long)(seconds * 1e9), text)));

    [Theory]
    [InlineData(8, "800ns")]
    [InlineData(125, "12.5µs")]
    [InlineData(12_000, "1.20ms")]
    [InlineData(25_000_000, "2.50s")]
    public void Durations_have_the_unit_that_suits_them(long ticks, string expected) =>
        Assert.Equal(expected, Write(text => NumberText.WriteDuration(TimeSpan.FromTicks(ticks), text)));

    [Theory]
    [InlineData("10.0.0.1", 15, "10.0.0.1")]
    [InlineData("255.255.255.255", 15, "255.255.255.255")]
    [InlineData("2001:db8:1234:5678:9abc:def0:1234:5678", 39, "2001:db8:1234:5678:9abc:def0:1234:5678")]
    [InlineData("2001:db8:1234:5678:9abc:def0:1234:5678", 16, "2001:db8…34:5678")]
    [InlineData("2001:db8:1234:5678:9abc:def0:1234:5678", 1, "…")]
    public void Addresses_lose_their_middle_where_they_are_too_long(string address, int width, string expected)
    {
        byte version = (byte)(address.Contains(':') ? 6 : 4);
        IpAddress parsed = IpAddress.Parse(address);
        Assert.Equal(expected, Write(text => FlowText.WriteAddress(in parsed, version, text[..width])));
    }

    [Theory]
    [InlineData(0x00, "........")]
    [InlineData(0x1b, "...AP.SF")]
    [InlineData(0xff, "CEUAPRSF")]
    [InlineData(0x102, "......S.")]
    public void Flags_have_a_place_each(ushort flags, string expected)
    {
        FlowRecord record = SampleTraffic.Record("10.0.0.1", "10.0.0.2", 6);
        record.TcpFlags = flags;
        Assert.Equal(expected, Write(text => FlowText.WriteTcpFlags(in record, text)));
    }

    [Theory]
    [InlineData(1, 0x0800, "echo")]
    [InlineData(1, 0x0000, "reply")]
    [InlineData(1, 0x0301, "3/1")]
    [InlineData(1, 0xffff, "255/255")]
    [InlineData(2, 0x1600, "22/0")]
    [InlineData(58, 0x8000, "echo")]
    [InlineData(58, 0x8100, "reply")]
    [InlineData(58, 0x0800, "8/0")]
    [InlineData(6, 443, "443")]
    [InlineData(47, 0, "")]
    public void The_destination_port_of_messages_is_type_and_code(byte protocol, ushort port, string expected)
    {
        FlowKey key = SampleTraffic.Record("10.0.0.1", "10.0.0.2", protocol, 0, port).Key;
        Assert.Equal(expected, Write(text => FlowText.WriteDestinationPort(in key, text)));
    }

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(5, 0, "5")]
    [InlineData(100, 4094, "100.4094")]
    public void Vlans_stand_outer_first(ushort outer, ushort inner, string expected)
    {
        FlowKey key = new() { OuterVlan = outer, InnerVlan = inner };
        Assert.Equal(expected, Write(text => FlowText.WriteVlan(in key, text)));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Columns_never_overlap_nor_leave_the_table_whatever_its_width(bool biflows, bool services)
    {
        for (int width = 60; width <= 320; width++)
        {
            int next = 0;
            foreach ((FlowColumn column, int at, int columnWidth) in TableColumn.Place(FlowColumn.For(width, biflows, services, default, []), width))
            {
                Assert.True(at >= next, $"{column.Field} at width {width}");
                Assert.True(columnWidth >= (column.IsName ? 15 : column.Field == FlowField.Mark ? 1 : 3), $"{column.Field} at width {width}");
                next = at + columnWidth + 1;
            }
            Assert.True(next - 1 <= width, $"width {width} is exceeded: {next - 1}");
        }
    }

    private static string Write(Writer writer)
    {
        Span<char> text = stackalloc char[64];
        return text[..writer(text)].ToString();
    }
}
