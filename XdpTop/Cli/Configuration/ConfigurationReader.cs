using System.CommandLine;
using XdpTop.Export;
using XdpTop.Ui;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Cli.Configuration;

/// <summary>
/// Makes of the configuration file what the command line would have been, checked by the same options; and the screen's settings.
/// </summary>
/// <param name="command">With all options that can be given.</param>
/// <param name="options">Those of them that a file can give: not those that are of one run alone.</param>
internal sealed class ConfigurationReader(Command command, IReadOnlyList<Option> options)
{
    private static readonly string[] s_settings = ["units", "columns", "sort", "names", "services", "collectors"];

    /// <summary>Arguments for what the file has and the command line has not; and the screen's settings.</summary>
    /// <param name="isGiven">Whether the command line has the option.</param>
    /// <exception cref="ConfigurationException">A key that there is not, or a value that is none for it.</exception>
    public (string[] Arguments, ScreenSettings Screen) Read(IReadOnlyList<ConfigurationEntry> entries, Func<Option, bool> isGiven)
    {
        List<string> arguments = [];
        ScreenSettings screen = new();
        foreach (ConfigurationEntry entry in entries)
        {
            if (options.FirstOrDefault(option => option.Name == "--" + entry.Key) is { } option)
            {
                string[] own = ArgumentsOf(entry, option);
                if (!isGiven(option))
                    arguments.AddRange(own);
            }
            else
            {
                screen = With(screen, entry);
            }
        }
        return ([.. arguments], screen);
    }

    private string[] ArgumentsOf(ConfigurationEntry entry, Option option)
    {
        if (option.ValueType == typeof(bool))
            return entry.Boolean is { } given ? given ? [option.Name] : [] : throw WrongType(entry, "true or false");
        bool isNumber = option.ValueType == typeof(double) || option.ValueType == typeof(int) || option.ValueType == typeof(int?) || option.ValueType == typeof(uint?);
        bool isList = option.ValueType == typeof(IReadOnlyList<int>);
        if (option.ValueType == typeof(string[]) && entry.Texts is { } several)
            return [.. several.SelectMany(text => Checked(entry, option, text))];
        string value = (isNumber ? entry.Number : isList ? entry.Numbers ?? entry.Text : entry.Text)
            ?? throw WrongType(entry, isNumber ? "a number" : isList ? "numbers in brackets, as [1, 3], or text as \"0-3,5\"" : "text in quotes");
        return Checked(entry, option, value);
    }

    private string[] Checked(ConfigurationEntry entry, Option option, string value)
    {
        // With '=', so that a value that begins with '-' is none of the options.
        string[] arguments = [$"{option.Name}={value}"];
        if (command.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null }).Errors is [var error, ..])
            throw entry.Wrong(error.Message.TrimEnd('.').Replace(option.Name, entry.Key, StringComparison.Ordinal));
        return arguments;
    }

    private ScreenSettings With(ScreenSettings screen, ConfigurationEntry entry) => entry.Key switch
    {
        "units" => screen with { Units = OneOf<AmountUnit>(entry) },
        "sort" => screen with { Sort = OneOf<Monitoring.FlowSortKey>(entry) },
        "columns" => screen with { Columns = Columns(entry) },
        "collectors" => screen with { Collectors = CollectorsOf(entry) },
        "names" => screen with { Names = entry.Boolean ?? throw WrongType(entry, "true or false") },
        "services" => screen with { Services = entry.Boolean ?? throw WrongType(entry, "true or false") },
        _ => throw entry.Wrong(Unknown(entry.Key)),
    };

    private static string[] CollectorsOf(ConfigurationEntry entry)
    {
        string[] collectors = entry.Texts ?? throw WrongType(entry, "texts in brackets, as [\"udp://10.0.0.9:4739\"]");
        foreach (string collector in collectors)
        {
            if (!CollectorAddress.TryParse(collector, out _, out string reason))
                throw entry.Wrong(reason);
        }
        return collectors;
    }

    private string Unknown(string key)
    {
        if (command.Options.Any(option => option.Name == "--" + key))
            return $"'{key}' is for the command line alone";
        string? nearest = NearestWord.To(key, s_settings.Concat(options.Select(option => option.Name[2..])));
        return $"there is no key '{SafeText.Clean(key)}'{(nearest is null ? "" : $": is '{nearest}' meant?")}";
    }

    private static T OneOf<T>(ConfigurationEntry entry)
        where T : struct, Enum
    {
        string text = entry.Text ?? throw WrongType(entry, "text in quotes");
        T[] values = Enum.GetValues<T>();
        string[] words = [.. values.Select(ScreenSettings.WordOf)];
        int index = Array.IndexOf(words, text);
        return index >= 0 ? values[index] : throw NoValue(entry, text, words);
    }

    private static string[] Columns(ConfigurationEntry entry)
    {
        string[] columns = entry.Texts ?? throw WrongType(entry, "texts in brackets, as [\"source\", \"rate\"]");
        return columns.Except(FlowColumn.Names).FirstOrDefault() is { } unknown ? throw NoValue(entry, unknown, FlowColumn.Names) : columns;
    }

    private static ConfigurationException NoValue(ConfigurationEntry entry, string text, IEnumerable<string> words) =>
        entry.Wrong($"'{SafeText.Clean(text)}' is no value for {entry.Key}: give {string.Join(", ", words)}");

    private static ConfigurationException WrongType(ConfigurationEntry entry, string expected) =>
        entry.Wrong($"{entry.Key} takes {expected}");
}
