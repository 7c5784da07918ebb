using System.Globalization;
using System.Text.RegularExpressions;
using XdpTop.Native;

namespace XdpTop.Capture;

/// <summary>
/// While it lives, an interface's interrupts are put off for as long as someone polls its driver:
/// https://docs.kernel.org/networking/napi.html#irq-mitigation. Afterwards its settings are as they were; after a crash
/// <see cref="RestoreLeftOvers"/> of the next process sees to that, by what was written down beforehand.
/// </summary>
internal sealed partial class InterruptDeferral : IDisposable
{
    /// <summary>The settings by their files' names, and what busy polling takes: after so many empty polls without a poller, or ns, interrupts are back.</summary>
    private static readonly (string Name, long Value)[] s_wanted = [("napi_defer_hard_irqs", 2), ("gro_flush_timeout", 200_000)];

    private static readonly StateDirectory s_usual = new("/run/xdptop");

    private const string FilePrefix = "interrupts-";
    private const string Interfaces = "/sys/class/net";

    private readonly StateDirectory _directory;
    private readonly FileStream _state;
    private readonly Record _record;

    private InterruptDeferral(StateDirectory directory, FileStream state, Record record)
    {
        _directory = directory;
        _state = state;
        _record = record;
    }

    /// <summary>Puts interrupts off. A setting that is not 0 is the administrator's, and stays.</summary>
    /// <param name="directory">Where to write down what was there; null for the usual place.</param>
    /// <exception cref="NativeException">The kernel does not have the settings, or they, or the file, cannot be written.</exception>
    public static InterruptDeferral Apply(NetworkInterface target, StateDirectory? directory = null)
    {
        directory ??= s_usual;
        string step = "reading them";
        try
        {
            if (NameOf(target.Index) is not { } name)
                throw new IOException($"{Interfaces} is not that of this network namespace");
            Record record = new(BootId, NetworkNamespace, target.Index,
                [.. s_wanted.Select(wanted => Read(name, wanted.Name) is var before and not 0
                    ? new Setting(wanted.Name, before, before) : new Setting(wanted.Name, 0, wanted.Value))]);
            step = $"writing down in {directory.Path} what they were";
            FileStream state = directory.Write(record.FileName, record.ToString());
            InterruptDeferral deferral = new(directory, state, record);
            try
            {
                step = "writing them";
                foreach (Setting setting in record.Settings)
                    Write(name, setting.Name, setting.Own);
                return deferral;
            }
            catch
            {
                deferral.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new NativeException(
                $"busy polling takes other settings of {target.Name} ({string.Join(", ", s_wanted.Select(wanted => wanted.Name))} in {Interfaces}/{target.Name}), "
                + $"and {step} failed: {e.Message.TrimEnd('.')}; it takes Linux 5.11, root, and a /sys that can be written: else use --wait poll or spin", e);
        }
    }

    /// <summary>Puts right what processes that were killed have left in this network namespace; gives a sentence for each.</summary>
    public static IReadOnlyList<string> RestoreLeftOvers(StateDirectory? directory = null)
    {
        directory ??= s_usual;
        List<string> sentences = [];
        try
        {
            directory.ReadLeftOvers(FilePrefix + "*", text =>
            {
                Record? record = Record.Parse(text);
                if (record is null || record.Boot != BootId)
                    return true; // part of nothing, or the settings went when the machine was started anew
                return record.Namespace == NetworkNamespace && Restore(record, sentences);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            sentences.Add($"what an earlier xdptop may have left to be put right cannot be read: {e.Message.TrimEnd('.')}; look at {directory.Path}");
        }
        return sentences;
    }

    public void Dispose()
    {
        List<string> failures = [];
        if (Restore(_record, failures))
            _directory.Delete(_record.FileName);
        _state.Dispose();
    }

    /// <summary>False if it could not be done.</summary>
    private static bool Restore(Record record, List<string> sentences)
    {
        if (NameOf(record.Interface) is not { } name)
            return true; // gone, and its settings with it
        try
        {
            List<Setting> restored = [];
            foreach (Setting setting in record.Settings)
            {
                // What someone else has changed since then is theirs.
                if (setting.Own == setting.Before || Read(name, setting.Name) != setting.Own)
                    continue;
                Write(name, setting.Name, setting.Before);
                restored.Add(setting);
            }
            if (restored.Count > 0)
            {
                sentences.Add(
                    $"{name}: an xdptop that was killed had left interrupts put off; "
                    + string.Join(", ", restored.Select(setting => $"{setting.Name} is {setting.Before} again")));
            }
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            if (NameOf(record.Interface) is null)
                return true; // has just gone
            sentences.Add(
                $"{name}: an xdptop that was killed had left interrupts put off, and undoing that failed: {e.Message.TrimEnd('.')}; do it by hand: "
                + string.Join("; ", record.Settings.Select(setting => $"echo {setting.Before} > {Interfaces}/{name}/{setting.Name}")));
            return false;
        }
    }

    private static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>The namespace's inode number, of "net:[4026531833]".</summary>
    private static string NetworkNamespace => new FileInfo("/proc/self/ns/net").LinkTarget![5..^1];

    /// <summary>The interface of this number; null if there is none.</summary>
    private static string? NameOf(int index)
    {
        string wanted = index.ToString(CultureInfo.InvariantCulture);
        return Directory.GetDirectories(Interfaces).Select(path => System.IO.Path.GetFileName(path)).FirstOrDefault(name => IndexOf(name) == wanted);

        static string? IndexOf(string name)
        {
            try
            {
                return File.ReadAllText($"{Interfaces}/{name}/ifindex").Trim();
            }
            catch (IOException)
            {
                return null; // has just gone
            }
        }
    }

    private static long Read(string name, string setting) =>
        long.Parse(File.ReadAllText($"{Interfaces}/{name}/{setting}"), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    // As echo does: opened, not made.
    private static void Write(string name, string setting, long value)
    {
        using FileStream file = new($"{Interfaces}/{name}/{setting}", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
    }

    /// <param name="Own">What it is while packets are captured.</param>
    internal sealed record Setting(string Name, long Before, long Own);

    /// <summary>What is written down.</summary>
    /// <param name="Boot">Tells whether the machine was started anew since then.</param>
    internal sealed partial record Record(string Boot, string Namespace, int Interface, IReadOnlyList<Setting> Settings)
    {
        public string FileName => string.Create(CultureInfo.InvariantCulture, $"{FilePrefix}{Namespace}-{Interface}");

        /// <summary>Null if the text is not such a record, whole.</summary>
        public static Record? Parse(string text)
        {
            if (Pattern().Match(text) is not { Success: true } match
                || !int.TryParse(match.Groups["interface"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                return null;
            }
            List<Setting> settings = [];
            for (int i = 0; i < match.Groups["name"].Captures.Count; i++)
            {
                string name = match.Groups["name"].Captures[i].Value;
                if (!s_wanted.Any(wanted => wanted.Name == name)
                    || !long.TryParse(match.Groups["before"].Captures[i].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long before)
                    || !long.TryParse(match.Groups["own"].Captures[i].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long own))
                {
                    return null;
                }
                settings.Add(new Setting(name, before, own));
            }
            return new Record(match.Groups["boot"].Value, match.Groups["namespace"].Value, index, settings);
        }

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"xdptop interrupts\nboot {Boot}\nnamespace {Namespace}\ninterface {Interface}\n")
            + string.Concat(Settings.Select(setting => string.Create(CultureInfo.InvariantCulture, $"{setting.Name} {setting.Before} {setting.Own}\n"))) + "end\n";

        [GeneratedRegex(@"\Axdptop interrupts\nboot (?<boot>[0-9a-f-]+)\nnamespace (?<namespace>[0-9]+)\ninterface (?<interface>[0-9]+)\n((?<name>[a-z_]+) (?<before>[0-9]+) (?<own>[0-9]+)\n)+end\n\z")]
        private static partial Regex Pattern();
    }
}
