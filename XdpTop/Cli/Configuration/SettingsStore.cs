using System.Globalization;
using XdpTop.Ui;

namespace XdpTop.Cli.Configuration;

/// <summary>Keeps the screen's settings in the configuration file.</summary>
/// <param name="file">Null where there can be none.</param>
internal sealed class SettingsStore(ConfigurationFile? file) : ISettingsStore
{
    public string Place => file?.Path ?? "";

    public string Save(ScreenSettings settings, TimeSpan interval)
    {
        if (file is null)
            return "There is nowhere to save to, as the user has no home directory: give --config.";
        try
        {
            file.Save(
            [
                ("theme", Quoted(ScreenSettings.WordOf(settings.Theme))),
                ("units", Quoted(ScreenSettings.WordOf(settings.Units))),
                ("sort", Quoted(ScreenSettings.WordOf(settings.Sort.GetValueOrDefault()))),
                ("columns", $"[{string.Join(", ", settings.Columns.Select(Quoted))}]"),
                ("names", settings.Names ? "true" : "false"),
                ("services", settings.Services ? "true" : "false"),
                ("delay", interval.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
            ]);
            return $"Saved to {file.Path}";
        }
        catch (ConfigurationException e)
        {
            return $"Not saved: {SafeText.Clean(e.Message)}";
        }
    }

    // All are words of our own: there is nothing in them to be escaped.
    private static string Quoted(string word) => $"\"{word}\"";
}
