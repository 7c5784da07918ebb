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
    [InlineData("minimal", 47, 67)]
    [InlineData("full", 100, 200)]
    public void Records_are_written_and_sent_without_allocating(string template, double least, double most)
    {
        (int exitCode, string output, string errors) = ProgramRun.Run("bench", "--ipfix", "--template", template, "--seconds", "0.2", "--json");
        Assert.Equal((0, ""), (exitCode, errors));
        JsonElement line = JsonDocument.Parse(output).RootElement;
        Assert.Equal("ipfix", line.GetProperty("bench").GetString());
        Assert.True(line.GetProperty("recordsPerSecond").GetDouble() > 0);
        Assert.InRange(line.GetProperty("bytesPerRecord").GetDouble(), least, most);
        Assert.Equal(0, line.GetProperty("allocatedPerRecord").GetDouble());
    }

    [Fact]
    public void The_screen_is_shown_on_a_terminal_of_its_own()
    {
        (int exitCode, string output, string errors) = ProgramRun.Run("bench", "--screen", "--flows", "5000", "--size", "100x30", "--seconds", "1", "--keys", "2", "--json");
        Assert.Equal((0, ""), (exitCode, errors));
        JsonElement line = JsonDocument.Parse(output).RootElement;
        Assert.Equal(("screen", 5000, 100, 30), (
            line.GetProperty("bench").GetString(), line.GetProperty("flows").GetInt32(), line.GetProperty("columns").GetInt32(), line.GetProperty("rows").GetInt32()));
        Assert.True(line.GetProperty("refreshes").GetInt32() > 0);
        Assert.True(line.GetProperty("firstFrameMilliseconds").GetDouble() > 0);
        Assert.InRange(line.GetProperty("writtenPerRefresh").GetDouble(), 100, 30_000);
        Assert.InRange(line.GetProperty("allocatedPerRefresh").GetDouble(), 1, 1 << 20);
    }

    [Theory]
    [InlineData("redirect", "br")]
    [InlineData("tap", "bp")]
    public void Of_the_whole_path_each_packet_offered_is_received_or_counted_as_dropped(string mode, string suffix)
    {
        using TestNamespace network = new(suffix);
        (int exitCode, string output, string errors) = network.Run("bench", "--live", "--mode", mode, "--rate", "50000", "--seconds", "0.5", "--json");
        Assert.Equal((0, ""), (exitCode, errors));
        using JsonDocument line = JsonDocument.Parse(output);
        Assert.Equal(mode, line.RootElement.GetProperty("mode").GetString());
        ulong Count(string name) => line.RootElement.GetProperty(name).GetUInt64();
        Assert.True(Count("offeredPackets") > 1000);
        Assert.Equal(Count("offeredPackets"), Count("receivedPackets") + Count("kernelDrops"));
        Assert.Empty(network.Links);
    }

    [Fact]
    public void A_demo_that_is_tapped_is_not_removed_by_another()
    {
        using TestNamespace network = new("bo");
        using ProgramRun first = network.Start("--demo", "--mode", "tap", "--demo-rate", "20000", "-b", "-d", "0.2");
        first.WaitUntilItMeters();
        (int exitCode, _, string errors) = network.Run("--demo", "-b");
        Assert.Equal((1, "xdptop: a demo is running already, on xdptop-demo0: end it first\n"), (exitCode, errors));
        first.Signal(ProgramRun.SigInt);
        Assert.Equal(0, first.WaitForEnd());
    }

    [Theory]
    [InlineData("--flows", "0")]
    [InlineData("--flows", "1000,x")]
    [InlineData("--packets", "1")]
    [InlineData("--nonsense", "1")]
    [InlineData("--live --mode", "auto")]
    public void Nonsense_gets_a_sentence_and_exit_status_2(string option, string value)
    {
        (int exitCode, _, string errors) = ProgramRun.Run(["bench", .. option.Split(' '), value]);
        Assert.Equal(2, exitCode);
        Assert.StartsWith("xdptop: ", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }
}
