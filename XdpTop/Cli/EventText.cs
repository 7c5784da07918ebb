using System.Buffers;
using System.Text.Json;
using XdpTop.Monitoring;

namespace XdpTop.Cli;

/// <summary>What befell an interface, a collector or an output, for people and in JSON Lines.</summary>
internal static class EventText
{
    /// <summary>Says it as it is noticed, where there is no screen, which has it in its first line. Any thread.</summary>
    public static void Print(InterfaceEvent news, Options options, Stream standardOutput)
    {
        if (!options.HasScreen)
            ErrorOutput.Say($"{news.Interface}: {news.Message}");
        PrintJson(options, standardOutput, line => WriteJson(line, news));
    }

    /// <summary>The same; where there is a screen it has all this in its header.</summary>
    public static void Print(ExportEvent news, Options options, Stream standardOutput)
    {
        ErrorOutput.Say(news.Message);
        PrintJson(options, standardOutput, line => WriteJson(line, news));
    }

    private static void PrintJson(Options options, Stream standardOutput, Action<ArrayBufferWriter<byte>> write)
    {
        if (!options.Json)
            return;
        ArrayBufferWriter<byte> line = new();
        write(line);
        try
        {
            standardOutput.Write(line.WrittenSpan);
        }
        catch (IOException)
        {
            // The next line that is printed meets the same, and ends the run.
        }
    }

    /// <summary>One JSON object with its line end.</summary>
    public static void WriteJson(IBufferWriter<byte> output, InterfaceEvent news) =>
        WriteJson(output, news.Time, "interface", news.Interface, JsonNamingPolicy.CamelCase.ConvertName(news.Kind.ToString()), news.Message);

    /// <summary>The same.</summary>
    public static void WriteJson(IBufferWriter<byte> output, ExportEvent news) =>
        WriteJson(output, news.Time, "collector", news.Collector, news.Collector is null ? "outputFailed" : news.IsWell ? "collectorUp" : "collectorFailing", news.Message);

    private static void WriteJson(IBufferWriter<byte> output, DateTime time, string subject, string? name, string kind, string message)
    {
        using (Utf8JsonWriter json = new(output))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "event"u8);
            json.WriteString("time"u8, time);
            if (name is not null)
                json.WriteString(subject, name);
            json.WriteString("event"u8, kind);
            json.WriteString("message"u8, message);
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }
}
