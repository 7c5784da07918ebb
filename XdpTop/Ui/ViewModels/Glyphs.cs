namespace XdpTop.Ui.ViewModels;

/// <summary>Which characters a terminal can show.</summary>
internal enum GlyphSet
{
    /// <summary>UTF-8, and fonts that have block characters.</summary>
    Unicode,

    /// <summary>UTF-8 on Linux's own console, whose fonts have few characters beyond Latin ones.</summary>
    Console,

    /// <summary>No UTF-8.</summary>
    Ascii,
}

/// <summary>The characters that the screen uses beside Latin letters, and what stands for them where there are none.</summary>
internal static class Glyphs
{
    /// <summary>Each takes one cell on every terminal.</summary>
    public const string Special = "…–→←⇄↑↓▼▲─│┌┐└┘├┤┬┴┼▁▂▃▄▅▆▇█▏▎▍▌▋▊▉";

    // What Linux's console shows for the same places (code page 437 has these), and what ASCII has.
    private const string OnConsole = ".-><=^vv^─│┌┐└┘├┤┬┴┼▄▄▄▄████▌▌▌▌███";
    private const string InAscii = ".-><=^vv^-|+++++++++__..::##....:::";

    /// <summary>The character, or what stands for it; '·' or '?' for what a terminal could take for more than a plain one.</summary>
    public static char Show(char character, GlyphSet glyphs)
    {
        if (character is >= ' ' and <= '~')
            return character;
        // Latin letters take one cell each on every terminal.
        if (character is >= '\u00a1' and <= '\u024f' and not '\u00ad')
            return glyphs != GlyphSet.Ascii ? character : character switch { 'µ' => 'u', '×' => 'x', _ => '?' };
        int special = Special.IndexOf(character);
        if (special < 0)
            return glyphs == GlyphSet.Ascii ? '?' : '·';
        return glyphs switch
        {
            GlyphSet.Unicode => character,
            GlyphSet.Console => OnConsole[special],
            _ => InAscii[special],
        };
    }

    /// <summary>As the locale and the terminal's name in the environment have it.</summary>
    public static GlyphSet FromEnvironment()
    {
        string locale = FirstOf("LC_ALL", "LC_CTYPE", "LANG");
        bool isUtf8 = locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("utf8", StringComparison.OrdinalIgnoreCase);
        return !isUtf8 ? GlyphSet.Ascii : FirstOf("TERM") == "linux" ? GlyphSet.Console : GlyphSet.Unicode;
    }

    private static string FirstOf(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                return value;
        }
        return "";
    }
}
