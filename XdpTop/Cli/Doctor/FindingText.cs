using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace XdpTop.Cli.Doctor;

/// <summary>Findings as lines: for people, or as JSON. Names that others chose are cleaned.</summary>
internal static class FindingText
{
    // What is readable stays so: the lines go into no HTML.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As "warning  smt  on: two workers may share a core -> scripts/smt.sh off".</summary>
    public static string Line(Finding finding) =>
        SafeText.Clean($"{Word(finding.Result),-7}  {finding.Check,-15}  {finding.Text}{(finding.Remedy is null ? "" : $" -> {finding.Remedy}")}");

    /// <summary>One JSON object; a remedy that there is not is null.</summary>
    public static string Json(Finding finding)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, s_options))
        {
            writer.WriteStartObject();
            writer.WriteString("check", finding.Check);
            writer.WriteString("result", Word(finding.Result));
            writer.WriteString("finding", SafeText.Clean(finding.Text));
            writer.WriteString("remedy", finding.Remedy is null ? null : SafeText.Clean(finding.Remedy));
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Word(Result result) => result switch
    {
        Result.Ok => "ok",
        Result.Warning => "warning",
        _ => "problem",
    };
}
