namespace XdpTop.Cli.Configuration;

/// <summary>The configuration file cannot be used as it is; the message is a sentence that names the file, the line and the remedy.</summary>
internal sealed class ConfigurationException(string message) : Exception(message);
