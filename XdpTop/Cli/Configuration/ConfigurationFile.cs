using System.Text;
using Tomlyn.Parsing;
using Tomlyn.Syntax;
using XdpTop.Native;

namespace XdpTop.Cli.Configuration;

/// <summary>
/// The configuration file, in TOML: read at the start, and written when the user saves what keys have changed. Under sudo it is
/// the invoking user's, opened with their rights.
/// </summary>
/// <param name="path">Where it is.</param>
internal sealed class ConfigurationFile(string path)
{
    /// <summary>Larger files are none that anybody wrote for xdptop.</summary>
    private const int MaximumOctets = 1 << 20;

    public string Path => path;

    /// <summary>The file's path where none is given; null where the user has no home directory.</summary>
    /// <param name="configHome">XDG_CONFIG_HOME, which counts only as an absolute path.</param>
    /// <param name="home">The user's home directory.</param>
    public static string? UsualPath(string? configHome, string? home)
    {
        string? directory = configHome is ['/', ..] ? configHome : home is null ? null : System.IO.Path.Combine(home, ".config");
        return directory is null ? null : System.IO.Path.Combine(directory, "xdptop", "config.toml");
    }

    /// <summary>All keys with their values; none if there is no file.</summary>
    /// <param name="mustExist">Whether it is an error that there is none.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or is no TOML.</exception>
    public IReadOnlyList<ConfigurationEntry> Read(bool mustExist)
    {
        string? text = ReadText();
        if (text is null && mustExist)
            throw new ConfigurationException($"there is no configuration file {path}");
        DocumentSyntax document = Parse(text ?? "");
        if (document.Tables.FirstOrDefault() is { } table)
            throw new ConfigurationException($"{path}, line {table.Span.Start.Line + 1}: tables have no meaning: write 'key = value' without one");
        return [.. document.KeyValues.Select(pair => new ConfigurationEntry(
            Name(pair), pair.Value ?? throw new ConfigurationException($"{path} is no TOML"), path, pair.Span.Start.Line + 1))];
    }

    /// <summary>
    /// Sets keys, each to a value in TOML's notation, and leaves all else as it is, comments included. The file is replaced as a whole, or not at all.
    /// </summary>
    /// <exception cref="ConfigurationException">It cannot be written.</exception>
    public void Save(IReadOnlyList<(string Key, string Value)> changes)
    {
        string text = ReadText() ?? "";
        foreach ((string key, string value) in changes)
            text = With(text, key, value);
        Use("written", () =>
        {
            // Where the file is a link, the file that it leads to is replaced.
            string target = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? path;
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(target))!);
            string temporary = $"{target}.{Environment.ProcessId}";
            try
            {
                using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write))
                {
                    stream.Write(Encoding.UTF8.GetBytes(text));
                    if (OperatingSystem.IsLinux() && File.Exists(target))
                        File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(target));
                    stream.Flush(flushToDisk: true);
                }
                File.Move(temporary, target, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
            return true;
        });
    }

    private string With(string text, string key, string value)
    {
        DocumentSyntax document = Parse(text);
        if (document.KeyValues.FirstOrDefault(pair => Name(pair) == key)?.Value is { } old)
            return string.Concat(text.AsSpan(0, old.Span.Start.Offset), value, text.AsSpan(old.Span.Start.Offset + old.Span.Length));
        string line = $"{key} = {value}\n";
        return text + (text.Length == 0 || text.EndsWith('\n') ? "" : "\n") + line;
    }

    private DocumentSyntax Parse(string text)
    {
        DocumentSyntax document = SyntaxParser.Parse(text, path, true);
        if (document.HasErrors)
        {
            DiagnosticMessage error = document.Diagnostics.First();
            throw new ConfigurationException($"{path}, line {error.Span.Start.Line + 1}: this is no TOML: {error.Message.TrimEnd('.')}");
        }
        return document;
    }

    private static string Name(KeyValueSyntax pair) =>
        pair.Key?.Key is StringValueSyntax { Value: { } quoted } ? quoted : pair.Key?.ToString().Trim() ?? "";

    private string? ReadText() => Use("read", () =>
    {
        if (!File.Exists(path))
            return null;
        using FileStream stream = File.OpenRead(path);
        byte[] bytes = new byte[MaximumOctets + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= MaximumOctets ? Encoding.UTF8.GetString(bytes, 0, length) : throw new IOException("it is larger than 1 MiB");
    });

    private T Use<T>(string how, Func<T> use)
    {
        try
        {
            return InvokingUser.Do(use);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the configuration file {path} cannot be {how}: {e.Message.TrimEnd('.')}");
        }
    }
}
