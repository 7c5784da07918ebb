namespace XdpTop.Tests.Privileged;

/// <summary>scripts/smt.sh, on files that stand for the kernel's.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SmtTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("xdptop-smt").FullName;

    public SmtTests() => Directory.CreateDirectory(Path.GetDirectoryName(Control)!);

    private string Control => $"{_root}/sys/devices/system/cpu/smt/control";

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("on", "off", 0, "off")]
    [InlineData("off", "on", 0, "on")]
    [InlineData("on", "show", 0, "on")]
    [InlineData("notsupported", "off", 0, "notsupported")]
    [InlineData("notsupported", "on", 77, "notsupported")]
    [InlineData("forceoff", "on", 77, "forceoff")]
    [InlineData("on", "maybe", 2, "on")]
    public void Smt_is_switched_where_it_can_be(string before, string wanted, int expected, string after)
    {
        File.WriteAllText(Control, before + "\n");
        (int exitCode, string output, string errors) = Smt([], wanted);
        Assert.Equal((expected, after + "\n"), (exitCode, File.ReadAllText(Control)));
        Assert.Equal(wanted == "show" ? before + "\n" : "", output);
        Assert.Equal(expected == 0 ? 0 : 1, errors.Count(c => c == '\n'));
    }

    [Fact]
    public void A_kernel_without_the_switch_is_told_of()
    {
        (int exitCode, _, string errors) = Smt([], "off");
        Assert.Equal((77, $"smt.sh: this kernel cannot switch SMT: {Control} is not there\n"), (exitCode, errors));
    }

    [Theory]
    [InlineData("off", 77)]
    [InlineData("show", 0)]
    public void Switching_needs_root_and_looking_does_not(string wanted, int expected)
    {
        File.WriteAllText(Control, "on\n");
        File.SetUnixFileMode(_root, (UnixFileMode)0b111_101_101);
        (int exitCode, _, string errors) = Smt(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], wanted);
        Assert.Equal((expected, expected == 0 ? "" : "smt.sh: switching SMT needs root: run it with sudo\n"), (exitCode, errors));
        Assert.Equal("on\n", File.ReadAllText(Control));
    }

    [Fact]
    public void The_script_is_clean() => OtherProgram.Run("shellcheck", "-x", FakeNic.Script("smt.sh"));

    private (int ExitCode, string Output, string Errors) Smt(string[] starter, params string[] arguments)
    {
        using ProgramRun run = ProgramRun.StartOther([.. starter, "env", $"SMT_ROOT={_root}", FakeNic.Script("smt.sh"), .. arguments]);
        return (run.WaitForEnd(), run.Output, run.Errors);
    }
}
