namespace XdpTop.Ui;

/// <summary>Where the screen's settings are kept from one run to the next. UI thread.</summary>
internal interface ISettingsStore
{
    /// <summary>A file's path; empty where there is none.</summary>
    string Place { get; }

    /// <summary>Saves them. Gives what came of it, as a sentence.</summary>
    string Save(ScreenSettings settings, TimeSpan interval);
}
