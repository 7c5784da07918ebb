using System.CommandLine;
using System.Globalization;
using System.Numerics;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Monitoring.Filters;

namespace XdpTop.Cli;

/// <summary>Makes the command line's options by what they take; a value that is none is refused with what would be one.</summary>
internal static class OptionMakers
{
    public static Option<T> New<T>(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = value, Description = description, Arity = value == "" ? ArgumentArity.Zero : ArgumentArity.ExactlyOne };

    public static Option<T> New<T>(string name, string value, string description, string[] aliases, T initial, Func<string, T?> parse, string expected)
        where T : struct
    {
        Option<T> option = New<T>(name, value, description, aliases);
        option.DefaultValueFactory = _ => initial;
        option.CustomParser = argument =>
        {
            string text = argument.Tokens[0].Value;
            if (parse(text) is { } number)
                return number;
            argument.AddError($"'{text}' is no value for {name}: give {expected}");
            return initial;
        };
        return option;
    }

    public static Option<string[]> Several(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = value, Description = description, Arity = ArgumentArity.OneOrMore };

    public static Option<Rotation?> Rotate(string name, string description)
    {
        Option<Rotation?> option = New<Rotation?>(name, "SECONDS|SIZE", description);
        option.CustomParser = argument =>
        {
            string text = argument.Tokens[0].Value;
            Rotation? rotation = Rotation.Parse(text);
            if (rotation is null)
                argument.AddError($"'{text}' is no value for {name}: give seconds, as 300, or a size, as 100M (units K, M, G)");
            return rotation;
        };
        return option;
    }

    public static Option<double> Seconds(string name, string value, string description, double initial, double least, params string[] aliases)
    {
        const double Most = 1e8; // some years, and more packets a second than any link has
        return New<double>(name, value, description, aliases, initial, Parse, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {Most:F0}"));

        double? Parse(string text) =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            && number >= least && number <= Most ? number : null;
    }

    public static Option<int> Number(string name, string value, string description, int initial, int least, int most, params string[] aliases) =>
        New<int>(name, value, description, aliases, initial, text => ParseInteger(text, least, most), $"a number from {least} to {most}");

    public static Option<int> PowerOfTwo(string name, string description, int initial, int least, int most) =>
        New<int>(name, "N", description, [], initial,
            text => ParseInteger(text, least, most) is { } number && BitOperations.IsPow2(number) ? number : null,
            $"a power of two from {least} to {most}");

    public static Option<int?> OptionalPowerOfTwo(string name, string description, int least, int most)
    {
        Option<int?> option = New<int?>(name, "N", description);
        option.CustomParser = argument =>
        {
            string text = argument.Tokens[0].Value;
            if (ParseInteger(text, least, most) is { } number && BitOperations.IsPow2(number))
                return number;
            argument.AddError($"'{text}' is no value for {name}: give a power of two from {least} to {most}");
            return null;
        };
        return option;
    }

    public static Option<uint?> PositiveNumber(string name, string value, string description, uint most)
    {
        Option<uint?> option = New<uint?>(name, value, description);
        option.CustomParser = argument =>
        {
            string text = argument.Tokens[0].Value;
            if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number > 0 && number <= most)
                return number;
            argument.AddError($"'{text}' is no value for {name}: give a number from 1 to {most}");
            return null;
        };
        return option;
    }

    private static int? ParseInteger(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number : null;

    public static Option<IReadOnlyList<int>> Numbers(string name, string description, params string[] aliases)
    {
        Option<IReadOnlyList<int>> option = New<IReadOnlyList<int>>(name, "LIST", description, aliases);
        option.CustomParser = argument =>
        {
            string text = argument.Tokens[0].Value;
            if (!NumberList.TryParse(text, out IReadOnlyList<int> numbers))
                argument.AddError($"'{text}' is no list for {name}: give numbers as 0-3,5");
            return numbers;
        };
        return option;
    }

    public static Option<FlowKeyFilter?> Filter(string name, string value, string description, params string[] aliases)
    {
        Option<FlowKeyFilter?> option = New<FlowKeyFilter?>(name, value, description, aliases);
        option.CustomParser = argument =>
        {
            string text = argument.Tokens[0].Value;
            if (MeteringFilter.Read(text, out FlowKeyFilter? filter) is { } error)
                argument.AddError($"'{SafeText.Clean(text)}' is no filter for {name}: {SafeText.Clean(error.Sentence(text))}");
            return filter;
        };
        return option;
    }

    // The words on the command line are the names of the enumeration's values, in the same order.
    public static Option<T> Choice<T>(string name, string words, string description, T initial, params string[] aliases)
        where T : struct, Enum
    {
        T[] values = Enum.GetValues<T>();
        return New<T>(name, words, description, aliases, initial,
            text => Array.IndexOf(words.Split('|'), text) is >= 0 and var index ? values[index] : null,
            words.Replace("|", ", ", StringComparison.Ordinal));
    }
}
