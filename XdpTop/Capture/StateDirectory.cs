using System.Diagnostics.CodeAnalysis;
using System.Text;
using XdpTop.Native;
using static Tmds.Linux.LibC;

namespace XdpTop.Capture;

/// <summary>
/// A directory of files that outlive a process which is killed, for the next one to read. Only its owner, who is root as a
/// rule, may write there; a file is there whole or not at all, and is locked (flock(2)) by the process that wrote it, as long
/// as that lives: so a file that can be locked is a dead process's, whoever has its number now.
/// </summary>
internal sealed class StateDirectory(string path)
{
    private const int MostOctets = 4096;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    public string Path => path;

    /// <summary>Writes a file, and holds its lock until the stream is disposed, before which comes <see cref="Delete"/>.</summary>
    /// <exception cref="IOException">It is there already, or cannot be written.</exception>
    public FileStream Write(string name, string text)
    {
        Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        if (!IsOwn(path, Stat.S_IFDIR))
            throw new IOException($"{path} is not this user's alone");
        string whole = System.IO.Path.Combine(path, name);
        string part = System.IO.Path.Combine(path, $".{name}"); // one that a crash leaves is overwritten
        FileStream stream = new(part, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly,
        });
        try
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
            File.Move(part, whole, overwrite: false);
            return stream;
        }
        catch
        {
            stream.Dispose();
            File.Delete(part);
            throw;
        }
    }

    /// <summary>Files of dead processes, each with its text, in <paramref name="take"/>'s hands, who says whether it is done with.</summary>
    /// <exception cref="IOException">What is there is not to be trusted, or not to be read.</exception>
    public void ReadLeftOvers(string pattern, Func<string, bool> take)
    {
        if (!Directory.Exists(path))
            return;
        if (!IsOwn(path, Stat.S_IFDIR))
            throw new IOException($"{path} is not this user's alone");
        byte[] text = new byte[MostOctets];
        foreach (string file in Directory.GetFiles(path, pattern).Where(file => IsOwn(file, Stat.S_IFREG)))
        {
            if (TryLock(file, out FileStream? stream))
            {
                using (stream)
                {
                    int length = stream.ReadAtLeast(text, MostOctets, throwOnEndOfStream: false);
                    if (take(Encoding.UTF8.GetString(text, 0, length)))
                        Delete(file);
                }
            }
        }
    }

    /// <summary>Deletes a file, and the directory if it was the last.</summary>
    public void Delete(string name)
    {
        File.Delete(System.IO.Path.Combine(path, name));
        if (!Directory.EnumerateFileSystemEntries(path).Any())
            Directory.Delete(path);
    }

    private static bool TryLock(string file, [NotNullWhen(true)] out FileStream? stream)
    {
        try
        {
            stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            stream = null; // a living process's, or gone meanwhile
            return false;
        }
    }

    /// <summary>Whether it is there, no symbolic link, of the type, and only this user may write to it.</summary>
    private static unsafe bool IsOwn(string path, ushort type)
    {
        Stat.statx status;
        return Stat.statx_of(Stat.AT_FDCWD, path, Stat.AT_SYMLINK_NOFOLLOW, Stat.STATX_BASIC_STATS, &status) == 0
            && (status.stx_mode & Stat.S_IFMT) == type
            && status.stx_uid == (uint)geteuid()
            && ((UnixFileMode)(status.stx_mode & ~Stat.S_IFMT) & WritableByOthers) == 0;
    }
}
