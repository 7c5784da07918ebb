using System.Buffers;
using System.Text.Json;
using XdpTop.Monitoring;

namespace XdpTop.Cli;

/// <summary>What befell an interface, as JSON Lines have it.</summary>
internal static class EventText
{
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
