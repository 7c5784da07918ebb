using System.Globalization;
using XdpTop.Monitoring;

namespace XdpTop.Cli;

/// <summary>What the screen's first line says of an interface besides its mode: what lasts, or for a minute what is new.</summary>
internal sealed class InterfaceNotice
{
    private static readonly TimeSpan s_newFor = TimeSpan.FromMinutes(1);

    private InterfaceEvent? _news;
    private DateTime _since;

    /// <summary>The message of what lasts, as "down: waiting"; empty when all is well.</summary>
    public string Lasting { get; private set; } = "";

    /// <summary>What else the user has to know; empty if nothing.</summary>
    public string Warning { get; set; } = "";

    public void Add(InterfaceEvent news, bool lasts)
    {
        _news = news;
        if (lasts)
            (Lasting, _since) = (news.Message, news.Time);
    }

    /// <summary>What lasted is over.</summary>
    public void Clear() => Lasting = "";

    public string Text(DateTime now)
    {
        string text = Lasting.Length > 0 ? $"{Lasting} since {Clock(_since)}"
            : _news is not null && now - _news.Time < s_newFor ? $"{Clock(_news.Time)} {_news.Message}" : "";
        return Warning.Length == 0 ? text : text.Length == 0 ? Warning : $"{text}; {Warning}";

        static string Clock(DateTime time) => time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
    }
}
