namespace XdpTop.Tests.Privileged;

/// <summary>Standard descriptors that are closed, and output files that are there already.</summary>
public sealed class DescriptorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-descriptors").FullName;

    public DescriptorTests() => KnownMix.Write(File("one.pcap"), flows: 10);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Closed_standard_error_is_no_matter()
    {
        Assert.Equal("status 0", Shell($"{ProgramRun.ShellName} -r one.pcap -o records.jsonl 2>&-; echo status $?"));
        Assert.NotEmpty(System.IO.File.ReadAllLines(File("records.jsonl")));
    }

    [Fact]
    public void Records_that_have_nowhere_to_go_are_a_failure()
    {
        string said = Shell($"{ProgramRun.ShellName} -r one.pcap -o - 2>&1 >&-; echo status $?");
        Assert.Contains("standard output", said, StringComparison.Ordinal);
        Assert.EndsWith("status 1", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_capture_is_not_overwritten_by_another_of_its_names()
    {
        byte[] before = System.IO.File.ReadAllBytes(File("one.pcap"));
        Assert.EndsWith("which would be lost: name another\nstatus 2", Shell($"ln one.pcap other.jsonl; {ProgramRun.ShellName} -r one.pcap -o other.jsonl 2>&1; echo status $?"), StringComparison.Ordinal);
        Assert.Equal(before, System.IO.File.ReadAllBytes(File("one.pcap")));
    }

    [Fact]
    public void A_file_that_is_there_stays_when_another_option_is_wrong()
    {
        System.IO.File.WriteAllText(File("kept.jsonl"), "precious");
        Assert.EndsWith("status 1", Shell($"{ProgramRun.ShellName} -r one.pcap -o kept.jsonl -e tls://127.0.0.1 --export-ca /nonexistent.pem 2>&1; echo status $?"), StringComparison.Ordinal);
        Assert.Equal("precious", System.IO.File.ReadAllText(File("kept.jsonl")));
    }

    private string File(string name) => Path.Combine(_directory, name);

    private string Shell(string command) => CaptureTools.Run("bash", "-c", $"cd {_directory}; {command}").TrimEnd();
}
