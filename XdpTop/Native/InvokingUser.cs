using System.Globalization;
using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>
/// Who runs this process: under sudo not root, but whoever typed the command. Their files are read and written with their
/// rights alone, so that no link of theirs leads root to a file that they could not open, and what is written is theirs.
/// </summary>
internal static partial class InvokingUser
{
    private const string Passwd = "/etc/passwd";

    /// <summary>The home directory; null if there is none to be found.</summary>
    public static string? Home => Ids is { } ids
        ? HomeOf(ids.User, File.Exists(Passwd) ? File.ReadLines(Passwd) : [])
        : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : null;

    private static (uint User, uint Group)? Ids =>
        Environment.IsPrivilegedProcess && Number("SUDO_UID") is { } user && Number("SUDO_GID") is { } group ? (user, group) : null;

    /// <summary>Does something with files, on this thread, with the user's rights.</summary>
    public static T Do<T>(Func<T> action)
    {
        if (Ids is not { } ids)
            return action();
        int group = setfsgid(ids.Group);
        int user = setfsuid(ids.User);
        try
        {
            return action();
        }
        finally
        {
            _ = setfsuid((uint)user);
            _ = setfsgid((uint)group);
        }
    }

    /// <summary>The home directory by passwd(5).</summary>
    public static string? HomeOf(uint user, IEnumerable<string> passwd) =>
        passwd.Select(line => line.Split(':'))
            .FirstOrDefault(fields => fields.Length > 5 && fields[2] == user.ToString(CultureInfo.InvariantCulture))?[5] is { Length: > 0 } home ? home : null;

    private static uint? Number(string variable) =>
        uint.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : null;

    // sys/fsuid.h: of the calling thread alone; they give the id that was in force.
    // int setfsuid(uid_t fsuid);
    [LibraryImport("libc")]
    private static partial int setfsuid(uint fsuid);

    // int setfsgid(gid_t fsgid);
    [LibraryImport("libc")]
    private static partial int setfsgid(uint fsgid);
}
