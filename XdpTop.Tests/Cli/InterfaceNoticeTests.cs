using System.Buffers;
using System.Text;
using XdpTop.Cli;
using XdpTop.Monitoring;

namespace XdpTop.Tests.Cli;

public sealed class InterfaceNoticeTests
{
    private static readonly DateTime s_start = new DateTime(2026, 5, 4, 12, 0, 0, DateTimeKind.Local).ToUniversalTime();
    private readonly InterfaceNotice _notice = new();

    [Fact]
    public void What_lasts_stays_and_what_is_new_goes_after_a_minute()
    {
        Assert.Equal("", _notice.Text(s_start));
        Add(0, InterfaceEventKind.Down, "down: waiting", lasts: true);
        Assert.Equal("down: waiting since 12:00:00", _notice.Text(s_start.AddHours(2)));
        Add(5, InterfaceEventKind.MtuChanged, "MTU 9000, 1500 before", lasts: false);
        Assert.Equal("down: waiting since 12:00:00", _notice.Text(s_start.AddSeconds(6)));
        _notice.Clear();
        Add(10, InterfaceEventKind.Up, "up", lasts: false);
        Assert.Equal("12:00:10 up", _notice.Text(s_start.AddSeconds(69)));
        Assert.Equal("", _notice.Text(s_start.AddSeconds(70)));
        _notice.Warning = "MTU 9000: frames beyond 1774 are dropped";
        Assert.Equal(_notice.Warning, _notice.Text(s_start.AddSeconds(70)));
        Assert.Equal($"12:00:10 up; {_notice.Warning}", _notice.Text(s_start.AddSeconds(11)));
    }

    [Fact]
    public void An_event_is_a_line_of_JSON()
    {
        ArrayBufferWriter<byte> line = new();
        EventText.WriteJson(line, new InterfaceEvent(DateTime.UnixEpoch, "eth\"0", InterfaceEventKind.NoCarrier, "no carrier: waiting"));
        Assert.Equal(
            """{"type":"event","time":"1970-01-01T00:00:00Z","interface":"eth\u00220","event":"noCarrier","message":"no carrier: waiting"}""" + "\n",
            Encoding.UTF8.GetString(line.WrittenSpan));
    }

    private void Add(int seconds, InterfaceEventKind kind, string message, bool lasts) =>
        _notice.Add(new InterfaceEvent(s_start.AddSeconds(seconds), "eth0", kind, message), lasts);
}
