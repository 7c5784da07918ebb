namespace XdpTop.Ui.ViewModels;

/// <summary>The help: the view that it lies over, every key, and the filter's words. What does not fit can be scrolled to.</summary>
internal sealed class HelpModel(ScreenModel screen) : PageModel
{
    private const int KeyWidth = 14;
    private const int ColumnWidth = 80;

    /// <summary>What stands over the keys, in this order.</summary>
    private static readonly string[] s_titles = ["Keys of this view", "Keys of all views", "Keys of other views"];

    private static readonly string[] s_rest =
    [
        "",
        "Filter: joined by and, or, not (&& || !) and parentheses",
        " host 10.0.0.1  net 10.0.0.0/8  port 443  port https  portrange 1-1024",
        " src or dst before these: src port 53   proto 47  tcp udp icmp ip ip6 …",
        " vlan 5  flags S  flags SA   bps > 10M  pps packets bytes length ttl",
        " age > 1h  idle < 5s   :53 port   10.0. web  part of what is on the line",
        " /^10.*443/ regular expression over the line",
        " Enter keeps the filter, Esc clears it.",
        "",
        "Mouse: a click on a heading sorts by it, again: inverse; on a row it puts the",
        "cursor there; on a view's name it shows that; the wheel scrolls.",
        "",
        "Header: k is 1,000. Coverage: the share of the interface's packets that was",
        "received. Drops: missed by the interface, by the kernel since the RX ring was",
        "full or for other reasons, and flow records on their way out. Evicted: flows",
        "that ended since the cache was full. To host: frames of queues that are not",
        "read. The columns at the right are the bits of the last minutes, 5 s each.",
    ];

    private int _top;
    private int _height;
    private int _lines;

    public override IReadOnlyList<(string Keys, string Label)> Keys { get; } = [("Esc", "Back"), ("PgDn", "More"), ("Tab", "View"), ("F2", "Settings")];

    public override IReadOnlyList<string> Help => [];

    public override int PageSize => Math.Max(1, _height - 1);

    public override void Draw(CellGrid grid)
    {
        List<(string Key, string Text)> lines = [.. screen[screen.PageOfHelp].Help.Select(line => ("", line))];
        string[] own = [.. screen[screen.PageOfHelp].Keys.Except(CommonKeys).SelectMany(entry => entry.Keys.Split(' '))];
        foreach (IGrouping<string, KeyBinding> keys in KeyBindings.All.GroupBy(binding => TitleOf(binding, own)).OrderBy(keys => Array.IndexOf(s_titles, keys.Key)))
        {
            lines.AddRange([("", ""), ("", keys.Key)]);
            lines.AddRange(keys.Select(binding => (string.Join(' ', binding.Names), binding.Does)));
        }
        lines.AddRange(s_rest.Select(line => ("", line)));
        // Two columns where there is room for them.
        bool two = grid.Width >= 2 * ColumnWidth;
        _lines = two ? (lines.Count + 1) / 2 : lines.Count;
        _height = grid.Height;
        Move(0);
        for (int row = 0; row < grid.Height && _top + row < _lines; row++)
        {
            DrawLine(grid, 1, row, lines[_top + row]);
            if (two && _top + row + _lines < lines.Count)
                DrawLine(grid, ColumnWidth + 5, row, lines[_top + row + _lines]);
        }
    }

    public override void Move(int rows) => _top = Math.Clamp(_top + rows, 0, Math.Max(0, _lines - _height));

    private string TitleOf(KeyBinding binding, string[] own)
    {
        bool isForAll = binding.For == ScreenPages.All;
        return s_titles[own.Contains(binding.Names[0]) || (!isForAll && binding.IsFor(screen.PageOfHelp)) ? 0 : isForAll ? 1 : 2];
    }

    private static void DrawLine(CellGrid grid, int column, int row, (string Key, string Text) line)
    {
        if (line.Key.Length == 0)
        {
            grid.Write(column, row, line.Text, s_titles.Contains(line.Text) ? Style.Strong : Style.Normal);
            return;
        }
        grid.Write(column + 1, row, line.Key, Style.Strong);
        grid.Write(column + KeyWidth + 1, row, line.Text, Style.Normal);
    }
}
