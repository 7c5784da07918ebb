using System.Text.Json;

namespace XdpTop.Tests.Privileged;

public sealed class BenchTests
{
    [Fact]
    public void Each_measurement_is_one_line_of_JSON()
    {
        (int exitCode, string output, string errors) = ProgramRun.Run("bench", "--flows", "100,1000", "--packets", "64000", "--json");
        Assert.Equal((0, ""), (exitCode, errors));
        JsonElement[] lines = [.. output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal([100, 1000], lines.Select(line => line.GetProperty("flows").GetInt32()));
        foreach (JsonElement line in lines)
        {
            Assert.Equal("engine", line.GetProperty("bench").GetString());
            Assert.True(line.GetProperty("nsPerPacket").GetDouble() > 0);
            Assert.InRange(line.GetProperty("bytesPerFlow").GetDouble(), 128, 1024);
        }
    }

    [Theory]
    [InlineData("--flows", "0")]
    [InlineData("--flows", "1000,x")]
    [InlineData("--packets", "1")]
    [InlineData("--nonsense", "1")]
    public void Nonsense_gets_a_sentence_and_exit_status_2(string option, string value)
    {
        (int exitCode, _, string errors) = ProgramRun.Run("bench", option, value);
        Assert.Equal(2, exitCode);
        Assert.StartsWith("xdptop: ", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }
}
