namespace XdpTop.Ui.ViewModels;

/// <summary>The screen's colours.</summary>
internal enum Theme
{
    /// <summary>The terminal's own, of its sixteen.</summary>
    Default,

    /// <summary>On black.</summary>
    Dark,

    /// <summary>On white.</summary>
    Light,

    /// <summary>Bold, on black.</summary>
    HighContrast,

    /// <summary>None: weight, underlining and reverse video alone.</summary>
    Mono,
}

/// <summary>The themes' names.</summary>
internal static class Themes
{
    /// <summary>In the order of <see cref="Theme"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<Theme>().Select(ScreenSettings.WordOf)];

    /// <summary>The theme that was chosen, or in place of the default one none of colours where the environment asks for that: see https://no-color.org.</summary>
    public static Theme OrAsTheEnvironmentAsks(Theme theme)
    {
        bool hasColours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not "dumb" and not "vt100" and not "vt220";
        return hasColours || theme != Theme.Default ? theme : Theme.Mono;
    }
}
