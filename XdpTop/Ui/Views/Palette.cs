using Terminal.Gui.Drawing;
using XdpTop.Ui.ViewModels;
using Attribute = Terminal.Gui.Drawing.Attribute;
using Style = XdpTop.Ui.ViewModels.Style;

namespace XdpTop.Ui.Views;

/// <summary>
/// How each style looks. The terminal's own colours are kept, for black and for white backgrounds; weight and reverse
/// video tell styles apart, and the few colours (of the terminal's sixteen) only underline what these say already.
/// </summary>
internal sealed class Palette
{
    private readonly Attribute[] _attributes = new Attribute[Enum.GetValues<Style>().Length];

    /// <param name="hasColours">False for NO_COLOR and terminals without colours.</param>
    public Palette(bool hasColours)
    {
        Color green = hasColours ? Color.Green : Color.None;
        Color red = hasColours ? Color.Red : Color.None;
        this[Style.Normal] = new Attribute(Color.None, Color.None);
        this[Style.Faint] = new Attribute(Color.None, Color.None);
        this[Style.Strong] = new Attribute(Color.None, Color.None, TextStyle.Bold);
        this[Style.Heading] = new Attribute(green, Color.None, TextStyle.Reverse);
        this[Style.SortHeading] = new Attribute(green, Color.None, TextStyle.Reverse | TextStyle.Bold);
        this[Style.Cursor] = new Attribute(Color.None, Color.None, TextStyle.Reverse | TextStyle.Bold);
        this[Style.Good] = new Attribute(green, Color.None, TextStyle.Bold);
        this[Style.Ended] = new Attribute(Color.None, Color.None, TextStyle.Faint);
        this[Style.Graph] = new Attribute(green, Color.None);
        this[Style.OtherGraph] = new Attribute(hasColours ? Color.Blue : Color.None, Color.None);
        this[Style.Warning] = new Attribute(red, Color.None, hasColours ? TextStyle.Bold : TextStyle.Bold | TextStyle.Underline);
        Menu = new Scheme(this[Style.Normal])
        {
            HotNormal = new Attribute(Color.None, Color.None, TextStyle.Underline),
            Focus = this[Style.Cursor],
            HotFocus = new Attribute(Color.None, Color.None, TextStyle.Reverse | TextStyle.Bold | TextStyle.Underline),
            Disabled = new Attribute(Color.None, Color.None, TextStyle.Faint),
        };
    }

    /// <summary>As the environment asks for: see https://no-color.org.</summary>
    public static Palette FromEnvironment() =>
        new(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not "dumb");

    /// <summary>The characters that the terminal can show.</summary>
    public GlyphSet Glyphs { get; init; }

    /// <summary>For menus and whatever else Terminal.Gui draws.</summary>
    public Scheme Menu { get; }

    public Attribute this[Style style]
    {
        get => _attributes[(int)style];
        private set => _attributes[(int)style] = value;
    }
}
