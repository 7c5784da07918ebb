using System.Text.RegularExpressions;

namespace XdpTop.Tests.Privileged;

/// <summary>
/// Names of links and network namespaces of this process alone, so that two runs of the tests do not meet. What a test
/// process that was killed has left is removed before the first is given.
/// </summary>
internal static partial class TestNetwork
{
    static TestNetwork()
    {
        foreach (string link in Directory.GetDirectories("/sys/class/net").Select(path => Path.GetFileName(path)))
        {
            if (IsLeftOver(link))
                XdpTop.Capture.Links.Delete(link);
        }
        const string Namespaces = "/run/netns";
        foreach (string path in Directory.Exists(Namespaces) ? Directory.GetFiles(Namespaces) : [])
        {
            if (IsLeftOver(Path.GetFileName(path)))
                CaptureTools.Run("ip", "netns", "delete", Path.GetFileName(path));
        }
    }

    /// <param name="suffix">Letters: a few of the test's, so that tests do not meet either.</param>
    public static string Name(string suffix) => $"xt{Environment.ProcessId}{suffix}";

    private static bool IsLeftOver(string name) =>
        NamePattern().Match(name) is { Success: true } match && !Directory.Exists($"/proc/{match.Groups[1].Value}");

    [GeneratedRegex("^xtv?([0-9]+)[a-z]+$")]
    private static partial Regex NamePattern();
}

/// <summary>A network namespace with nothing in it but lo, for links whose names are fixed, as the demo's are.</summary>
internal sealed class TestNamespace : IDisposable
{
    public TestNamespace(string suffix)
    {
        Name = TestNetwork.Name(suffix);
        CaptureTools.Run("ip", "netns", "add", Name);
        Ip("link", "set", "lo", "up");
    }

    public string Name { get; }

    /// <summary>Names of the links in it, lo left out.</summary>
    public string[] Links =>
        [.. Ip("-o", "link").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ")[1].Split('@')[0]).Where(name => name != "lo")];

    public string Ip(params string[] arguments) => CaptureTools.Run("ip", ["-n", Name, .. arguments]);

    /// <summary>Runs another program in it to its end.</summary>
    public string Execute(params string[] command) => CaptureTools.Run("ip", ["netns", "exec", Name, .. command]);

    /// <summary>Starts xdptop in it.</summary>
    public ProgramRun Start(params string[] arguments) =>
        ProgramRun.StartOther(["ip", "netns", "exec", Name, ProgramRun.Program, .. arguments]);

    public (int ExitCode, string Output, string Errors) Run(params string[] arguments)
    {
        using ProgramRun run = Start(arguments);
        return (run.WaitForEnd(), run.Output, run.Errors);
    }

    public void Dispose() => CaptureTools.Run("ip", "netns", "delete", Name);
}
