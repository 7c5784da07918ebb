using System.Globalization;
using System.Text;
using System.Text.Json;

namespace XdpTop.Ui.ViewModels;

/// <summary>Writes what a table shows to a new file: JSON (an array of objects) by a name that ends in .json, else CSV (RFC 4180).</summary>
internal static class TableFile
{
    /// <summary>Writes the rows; gives the reason, as a sentence, if that cannot be. Never writes over a file.</summary>
    public static string Write(string file, IEnumerable<IEnumerable<(string Name, object Value)>> rows)
    {
        if (file.Length == 0)
            return "A file needs a name.";
        try
        {
            using FileStream stream = new(file, FileMode.CreateNew, FileAccess.Write);
            if (file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
                WriteJson(stream, rows);
            else
                WriteCsv(stream, rows);
            return "";
        }
        catch (IOException) when (File.Exists(file))
        {
            return "There is such a file already: give another name.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"Cannot write it: {e.Message}";
        }
    }

    /// <summary>A row as a line of text with tabs between its values.</summary>
    public static string ToLine(IEnumerable<(string Name, object Value)> fields) => string.Join('\t', fields.Select(field => ToText(field.Value)));

    private static void WriteCsv(Stream stream, IEnumerable<IEnumerable<(string Name, object Value)>> rows)
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\r\n" };
        bool hasHeading = false;
        foreach ((string Name, object Value)[] fields in rows.Select(row => row.ToArray()))
        {
            if (!hasHeading)
                writer.WriteLine(string.Join(',', fields.Select(field => field.Name)));
            hasHeading = true;
            writer.WriteLine(string.Join(',', fields.Select(field => Quote(ToText(field.Value)))));
        }
    }

    private static void WriteJson(Stream stream, IEnumerable<IEnumerable<(string Name, object Value)>> rows)
    {
        using Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartArray();
        foreach (IEnumerable<(string Name, object Value)> fields in rows)
        {
            writer.WriteStartObject();
            foreach ((string name, object value) in fields)
            {
                if (value is long number)
                    writer.WriteNumber(name, number);
                else if (value is double real)
                    writer.WriteNumber(name, double.IsFinite(real) ? Math.Round(real, 3) : 0);
                else
                    writer.WriteString(name, (string)value);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static string ToText(object value) => value switch
    {
        double real => real.ToString("0.###", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)value,
    };

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(',', '"', '\n') < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
}
