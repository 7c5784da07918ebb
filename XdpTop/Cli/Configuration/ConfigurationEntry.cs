using Tomlyn.Syntax;

namespace XdpTop.Cli.Configuration;

/// <summary>A key of the configuration file with its value, and where they are.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Line">Counted from 1.</param>
internal sealed record ConfigurationEntry(string Key, ValueSyntax Value, string File, int Line)
{
    /// <summary>True or false; null where it is no boolean.</summary>
    public bool? Boolean => (Value as BooleanValueSyntax)?.Value;

    /// <summary>A number as text; null where it is none.</summary>
    public string? Number => Value switch
    {
        IntegerValueSyntax integer => integer.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        FloatValueSyntax number => number.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Null where it is no text.</summary>
    public string? Text => (Value as StringValueSyntax)?.Value;

    /// <summary>The texts of an array; null where it is none, or has other values in it.</summary>
    public string[]? Texts => Items(value => (value as StringValueSyntax)?.Value);

    /// <summary>The numbers of an array, with commas; null where it is none, or has other values in it.</summary>
    public string? Numbers => Items(value => (value as IntegerValueSyntax)?.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)) is { Length: > 0 } numbers
        ? string.Join(',', numbers) : null;

    /// <summary>What is wrong with this entry.</summary>
    public ConfigurationException Wrong(string what) => new($"{File}, line {Line}: {what}");

    private string[]? Items(Func<ValueSyntax?, string?> read)
    {
        if (Value is not ArraySyntax array)
            return null;
        string[] items = [.. array.Items.Select(item => read(item.Value)).OfType<string>()];
        return items.Length == array.Items.Count() ? items : null;
    }
}
