namespace XdpTop.Cli.Doctor;

/// <summary>/proc and /sys, read in as far as they are there and may be read.</summary>
/// <param name="root">The directory that they are in: "/", or a test's.</param>
internal sealed class SystemFiles(string root)
{
    private readonly SortedSet<string> _refused = new(StringComparer.Ordinal);

    /// <summary>Files that this process may not read, though it wanted to.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>A file's text without white space around it; null if there is none, or it cannot be read.</summary>
    /// <param name="path">From the root, as "proc/sys/kernel/osrelease".</param>
    public string? Read(string path) => Try(path, full => File.Exists(full) ? File.ReadAllText(full).Trim() : null);

    public int? ReadNumber(string path) => int.TryParse(Read(path), out int number) ? number : null;

    /// <summary>Names of what is in a directory; empty if it is not there.</summary>
    public IReadOnlyList<string> List(string path) =>
        Try(path, full => Directory.Exists(full) ? Directory.GetFileSystemEntries(full).Select(entry => Path.GetFileName(entry)).ToArray() : null) ?? [];

    /// <summary>The numbers of the processes that there are.</summary>
    public IEnumerable<string> Processes => List("proc").Where(name => name.All(char.IsAsciiDigit));

    /// <summary>The directory that a symbolic link leads to; null if it is none, or leads nowhere.</summary>
    public DirectoryInfo? Follow(string path) =>
        Try(path, full => Directory.ResolveLinkTarget(full, returnFinalTarget: true) as DirectoryInfo);

    private T? Try<T>(string path, Func<string, T?> read)
        where T : class
    {
        try
        {
            return read(Path.Combine(root, path));
        }
        catch (UnauthorizedAccessException)
        {
            _refused.Add("/" + path);
            return null;
        }
        catch (IOException)
        {
            return null; // gone meanwhile, or the driver has no answer (speed of a link that is down: EINVAL)
        }
    }
}
