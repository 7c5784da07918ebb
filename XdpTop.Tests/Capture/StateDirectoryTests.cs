using XdpTop.Capture;

namespace XdpTop.Tests.Capture;

public sealed class StateDirectoryTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("xdptop-state").FullName;
    private readonly string _path;
    private readonly StateDirectory _directory;

    public StateDirectoryTests()
    {
        _path = Path.Combine(_parent, "state");
        _directory = new StateDirectory(_path);
    }

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void A_living_process_s_file_is_its_own_and_a_dead_one_s_is_read_until_it_is_done_with()
    {
        FileStream alive = _directory.Write("a-1", "one");
        Assert.Equal([], LeftOvers(done: true));
        alive.Dispose(); // as when its process ends
        Assert.Equal(["one"], LeftOvers(done: false));
        Assert.Equal(["one"], LeftOvers(done: true));
        Assert.Equal([], LeftOvers(done: true));
        Assert.False(Directory.Exists(_path));
    }

    [Fact]
    public void Only_its_owner_can_read_and_write_there()
    {
        using FileStream file = _directory.Write("a-1", "one");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_path));
        Assert.Equal(["a-1"], Directory.GetFiles(_path).Select(Path.GetFileName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_path, "a-1")));
    }

    [Fact]
    public void A_file_that_is_there_is_not_overwritten()
    {
        _directory.Write("a-1", "one").Dispose();
        Assert.ThrowsAny<IOException>(() => _directory.Write("a-1", "two"));
        Assert.Equal(["one"], LeftOvers(done: false));
    }

    [Fact]
    public void What_others_could_have_written_is_not_trusted()
    {
        _directory.Write("a-1", "one").Dispose();
        File.WriteAllText(Path.Combine(_parent, "elsewhere"), "two");
        File.CreateSymbolicLink(Path.Combine(_path, "a-2"), Path.Combine(_parent, "elsewhere"));
        _directory.Write("a-3", "three").Dispose();
        File.SetUnixFileMode(Path.Combine(_path, "a-3"), UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        Assert.Equal(["one"], LeftOvers(done: false));

        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupWrite);
        Assert.ThrowsAny<IOException>(() => LeftOvers(done: false));
        Assert.ThrowsAny<IOException>(() => _directory.Write("a-4", "four"));
        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        string link = Path.Combine(_parent, "link");
        Directory.CreateSymbolicLink(link, _path);
        Assert.ThrowsAny<IOException>(() => new StateDirectory(link).ReadLeftOvers("a-*", _ => false));
    }

    private List<string> LeftOvers(bool done)
    {
        List<string> texts = [];
        _directory.ReadLeftOvers("a-*", text =>
        {
            texts.Add(text);
            return done;
        });
        return texts;
    }
}
