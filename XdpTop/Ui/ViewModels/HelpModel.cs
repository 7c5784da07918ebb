namespace XdpTop.Ui.ViewModels;

/// <summary>The help: every key and the filter's words. What does not fit can be scrolled to.</summary>
internal sealed class HelpModel
{
    private static readonly string[] Lines =
    [
        "Keys                                   Filter: all words must match",
        " ↑ ↓ PgUp PgDn Home End  cursor         10.0.         part of an address",
        " s S (or > <)  next, previous sort key  10.0.0.0/8    address within a prefix",
        " i or r        inverse order            tcp icmp      protocol",
        " a             both ways on one line    443           port, VLAN or part",
        " /             filter, as you type        of an address",
        " Space         pause the screen         :53 port:53   port",
        " Tab           other view               vlan:5        VLAN id",
        " 1 f  2 Q      flows, queues            !word         not the word",
        " e  c          export, its collector   Enter keeps the filter, Esc clears it.",
        " ? F1          this help",
        " F9 F10        menu                    Mouse",
        " Esc           close, cursor off,       click on a heading: sort by it;",
        "               filter off                again: inverse; wheel: scroll",
        " q Ctrl-C      quit",
        "",
        "Columns: Bytes are of IP packets; Age since the first packet, Idle since the",
        "last one. TCP flags seen: CWR ECE URG ACK PSH RST SYN FIN. k is 1,000. ICMP's",
        "ports are type/code. ⇄ sums both ways, from whoever began. Pausing stops only",
        "the screen. Coverage: the share of the interface's packets that was received.",
        "Drops: missed by the interface, by the kernel since the RX ring was full or for",
        "other reasons, flow records on their way out. Evicted: flows that ended since",
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
