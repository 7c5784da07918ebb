namespace XdpTop.Ui.ViewModels;

/// <summary>The help: every key and the filter's language. What does not fit can be scrolled to.</summary>
internal sealed class HelpModel
{
    private static readonly string[] Lines =
    [
        "Keys                                   Filter: words may stand side by side",
        " ↑ ↓ PgUp PgDn Home End  cursor         host 10.0.0.1  net 10.0.0.0/8",
        " s S (or > <)  next, previous sort key  port 443  port https",
        " i or r        inverse order            portrange 1-1024",
        " a             both ways on one line    src dst before these: src port 53",
        " /             filter, as you type      tcp udp icmp ip ip6 …  proto 47",
        " Space         pause the screen         vlan 5    flags S  flags SA",
        " Tab           other view               bps > 10M pps packets bytes",
        " 1 f  2 Q      flows, queues            length ttl age > 1h idle < 5s",
        " e  c          export, its collector    and or not && || ! ( )",
        " ? F1          this help                :53 10.0. web  port; part of the",
        " F9 F10        menu                      line; /^10.*443/ regular expression",
        " Esc           close, cursor off,      Enter keeps the filter, Esc clears it.",
        "               filter off              Mouse: click on a heading: sort by it;",
        " q Ctrl-C      quit                     again: inverse; wheel: scroll",
        "",
        "Columns: Bytes are of IP packets; Age since the first packet, Idle since the",
        "last one. TCP flags seen: CWR ECE URG ACK PSH RST SYN FIN. k is 1,000. ICMP's",
        "ports are type/code. ⇄ sums both ways, from whoever began. Pausing stops only",
        "the screen. Drops: by the kernel since the RX ring was full or for other",
        "reasons, and flow records on their way out. Evicted: flows that ended since",
        "the cache was full. To host: frames of queues that are not read.",
    ];

    private int _top;
    private int _height;

    public int PageSize => Math.Max(1, _height - 1);

    public void Draw(CellGrid grid)
    {
        _height = grid.Height;
        Scroll(0);
        for (int row = 0; row < grid.Height && _top + row < Lines.Length; row++)
        {
            string line = Lines[_top + row];
            grid.Write(1, row, line, line.StartsWith("Keys", StringComparison.Ordinal) ? Style.Strong : Style.Normal);
        }
    }

    public void Scroll(int rows) => _top = Math.Clamp(_top + rows, 0, Math.Max(0, Lines.Length - _height));
}
