using System.Buffers;
using System.Text.Json;
using XdpTop.Monitoring;

namespace XdpTop.Cli;

/// <summary>What befell an interface, for people and in JSON Lines.</summary>
internal static class EventText
{
    /// <summary>Says it as it is noticed, where there is no screen, which has it in its first line. Any thread.</summary>
    public static void Print(InterfaceEvent news, Options options, Stream standardOutput)
    {
        if (!options.HasScreen)
            ErrorOutput.Say($"{news.Interface}: {news.Message}");
        if (!options.Json)
            return;
        ArrayBufferWriter<byte> line = new();
        WriteJson(line, news);
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
    public static void WriteJson(IBufferWriter<byte> output, InterfaceEvent news)
    {
        using (Utf8JsonWriter json = new(output))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "event"u8);
            json.WriteString("time"u8, news.Time);
            json.WriteString("interface"u8, news.Interface);
            json.WriteString("event"u8, JsonNamingPolicy.CamelCase.ConvertName(news.Kind.ToString()));
            json.WriteString("message"u8, news.Message);
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }
}
