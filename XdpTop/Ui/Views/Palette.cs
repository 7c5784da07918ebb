using Terminal.Gui.Drawing;
using XdpTop.Ui.ViewModels;
using Attribute = Terminal.Gui.Drawing.Attribute;
using Style = XdpTop.Ui.ViewModels.Style;

namespace XdpTop.Ui.Views;

/// <summary>
/// How each style looks in each theme. Weight and reverse video tell styles apart; the few colours (of the terminal's
/// sixteen) only underline what these say already.
/// </summary>
internal sealed class Palette
{
    private readonly Attribute[] _attributes = new Attribute[Enum.GetValues<Style>().Length];

    /// <param name="theme">The default keeps the terminal's own colours, for black and for white backgrounds.</param>
    /// <param name="glyphs">The characters that the terminal can show.</param>
    public Palette(Theme theme, GlyphSet glyphs = GlyphSet.Unicode)
    {
        Glyphs = glyphs;
        Show(theme);
    }

    /// <summary>The characters that the terminal can show.</summary>
    public GlyphSet Glyphs { get; }

    /// <summary>For menus and whatever else Terminal.Gui draws; another one with each theme.</summary>
    public Scheme Menu { get; private set; } = new();

    public Attribute this[Style style]
    {
        get => _attributes[(int)style];
        private set => _attributes[(int)style] = value;
    }

    /// <summary>Goes over to another theme.</summary>
    public void Show(Theme theme)
    {
        (Color text, Color ground, Color good, Color bad, Color other) = theme switch
        {
            Theme.Dark => (Color.White, Color.Black, Color.BrightGreen, Color.BrightRed, Color.BrightBlue),
            Theme.Light => (Color.Black, Color.White, Color.Green, Color.Red, Color.Blue),
            Theme.HighContrast => (Color.White, Color.Black, Color.BrightYellow, Color.BrightRed, Color.BrightCyan),
            Theme.Mono => (Color.None, Color.None, Color.None, Color.None, Color.None),
            _ => (Color.None, Color.None, Color.Green, Color.Red, Color.Blue),
        };
        // Where there is no red, and where it must be seen from afar.
        TextStyle warning = theme is Theme.Mono or Theme.HighContrast ? TextStyle.Bold | TextStyle.Underline : TextStyle.Bold;
        TextStyle normal = theme == Theme.HighContrast ? TextStyle.Bold : TextStyle.None;
        this[Style.Normal] = new Attribute(text, ground, normal);
        this[Style.Label] = new Attribute(text, ground, normal);
        this[Style.Strong] = new Attribute(text, ground, TextStyle.Bold);
        this[Style.Heading] = new Attribute(good, ground, normal | TextStyle.Reverse);
        this[Style.SortHeading] = new Attribute(good, ground, TextStyle.Reverse | TextStyle.Bold);
        this[Style.Cursor] = new Attribute(text, ground, TextStyle.Reverse | TextStyle.Bold);
        this[Style.Good] = new Attribute(good, ground, TextStyle.Bold);
        this[Style.Warning] = new Attribute(bad, ground, warning);
        this[Style.Ended] = new Attribute(text, ground, TextStyle.Faint);
        this[Style.Graph] = new Attribute(good, ground);
        this[Style.OtherGraph] = new Attribute(other, ground);
        Menu = new Scheme(this[Style.Normal])
        {
            HotNormal = new Attribute(text, ground, TextStyle.Underline),
            Focus = this[Style.Cursor],
            HotFocus = new Attribute(text, ground, TextStyle.Reverse | TextStyle.Bold | TextStyle.Underline),
            Disabled = new Attribute(text, ground, TextStyle.Faint),
        };
    }
}
