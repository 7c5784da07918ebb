using System.Text.RegularExpressions;

namespace XdpTop.Cli.Doctor;

/// <summary>Names and paths in commands that a user may paste into a shell: an interface may be called "a;reboot".</summary>
internal static partial class ShellWord
{
    /// <summary>The name as it is if it is harmless, else in single quotes.</summary>
    public static string Quote(string name) =>
        Harmless().IsMatch(name) ? name : "'" + name.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    [GeneratedRegex(@"\A[A-Za-z0-9_/][A-Za-z0-9_./@-]*\z")]
    private static partial Regex Harmless();
}
