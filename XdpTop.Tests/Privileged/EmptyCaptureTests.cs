using XdpTop.Tests.Captures;

namespace XdpTop.Tests.Privileged;

/// <summary>Capture files with next to nothing in them.</summary>
public sealed class EmptyCaptureTests
{
    [Theory]
    [InlineData(0, "es")]
    [InlineData(1, "et")]
    public void One_without_packets_or_of_the_first_second_of_all_is_shown(int packets, string suffix)
    {
        string file = Path.Combine(Path.GetTempPath(), $"xdptop-empty-{suffix}-{Environment.ProcessId}.pcap");
        try
        {
            byte[] capture = NastyCapture.ToPcap(NastyCapture.Make(seed: 1, count: 1).Take(packets));
            const int FileHeader = 24, Times = 8;
            if (packets > 0)
                capture.AsSpan(FileHeader, Times).Clear();
            File.WriteAllBytes(file, capture);
            (int exitCode, string output, _) = ProgramRun.Run("-r", file, "-b", "--json");
            Assert.Equal(0, exitCode);
            Assert.Contains($"\"receivedPackets\":{packets},", output, StringComparison.Ordinal);

            using Tmux terminal = new(suffix, 80, 24);
            terminal.Enter($"{ProgramRun.ShellName} -r {file} 2>/dev/null; echo \"status $?\"");
            terminal.WaitFor($"Received {packets} ");
            terminal.Keys("5");
            terminal.WaitFor("10 minutes");
            terminal.Keys("q");
            terminal.WaitFor("status 0");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
