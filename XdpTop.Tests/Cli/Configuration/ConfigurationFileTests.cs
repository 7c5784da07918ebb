using XdpTop.Cli.Configuration;
using XdpTop.Native;

namespace XdpTop.Tests.Cli.Configuration;

public sealed class ConfigurationFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("xdptop-config").FullName;

    private string Place => Path.Combine(_directory, "new", "config.toml");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("/x", "/home/a", "/x/xdptop/config.toml")]
    [InlineData("x", "/home/a", "/home/a/.config/xdptop/config.toml")] // the specification has it ignored
    [InlineData("", "/home/a", "/home/a/.config/xdptop/config.toml")]
    [InlineData(null, "/home/a", "/home/a/.config/xdptop/config.toml")]
    [InlineData(null, null, null)]
    public void Its_place_is_the_user_s_own(string? configHome, string? home, string? expected) =>
        Assert.Equal(expected, ConfigurationFile.UsualPath(configHome, home));

    [Theory]
    [InlineData(1000u, "/home/a")]
    [InlineData(0u, "/root")]
    [InlineData(100u, null)]
    [InlineData(7u, null)]
    public void A_user_s_home_is_that_of_passwd(uint user, string? home) =>
        Assert.Equal(home, InvokingUser.HomeOf(user, ["root:x:0:0:root:/root:/bin/sh", "b:x:7:7::", "", "a:x:1000:100:A:/home/a:/bin/sh"]));

    [Fact]
    public void Keys_have_values_and_lines()
    {
        Write("# a comment\ntheme = \"dark\"\n\ncpus = [1, 3] # another\n");
        Assert.Equal(
            [("theme", "dark", null, 2), ("cpus", null, "1,3", 4)],
            new ConfigurationFile(Place).Read(mustExist: true).Select(entry => (entry.Key, entry.Text, entry.Numbers, entry.Line)));
    }

    [Fact]
    public void No_file_is_one_without_keys_unless_it_was_asked_for()
    {
        Assert.Empty(new ConfigurationFile(Place).Read(mustExist: false));
        Assert.Contains("there is no configuration file", Assert.Throws<ConfigurationException>(() => new ConfigurationFile(Place).Read(mustExist: true)).Message);
    }

    [Theory]
    [InlineData("a = 1\nb = \n", "line 2")]
    [InlineData("a = 1\na = 2\n", "line 2")]
    [InlineData("a = 1\n[screen]\nb = 1\n", "line 2: tables have no meaning")]
    [InlineData("a = 1\n[[screen]]\n", "line 2: tables have no meaning")]
    [InlineData("\0\u001b[31m", "line 1")]
    public void What_is_no_TOML_is_said_with_its_line(string text, string expected)
    {
        Write(text);
        Assert.Contains(expected, Assert.Throws<ConfigurationException>(() => new ConfigurationFile(Place).Read(mustExist: true)).Message);
    }

    [Fact]
    public void Saving_changes_values_and_nothing_else()
    {
        Write("# mine\r\ntheme = 'dark'   # at night\nsort=\"rate\"\n\n# the end\ncolumns = [ # first\n  \"a\",\n]");
        new ConfigurationFile(Place).Save([("theme", "\"light\""), ("columns", "[]"), ("names", "true")]);
        Assert.Equal("# mine\r\ntheme = \"light\"   # at night\nsort=\"rate\"\n\n# the end\ncolumns = []\nnames = true\n", File.ReadAllText(Place));
        new ConfigurationFile(Place).Save([("names", "false")]);
        Assert.EndsWith("names = false\n", File.ReadAllText(Place));
        Assert.Equal(["config.toml"], Directory.GetFiles(Path.GetDirectoryName(Place)!).Select(Path.GetFileName));
    }

    [Fact]
    public void Saving_makes_the_file_and_its_directories()
    {
        new ConfigurationFile(Place).Save([("names", "true")]);
        Assert.Equal("names = true\n", File.ReadAllText(Place));
    }

    [Fact]
    public void Saving_keeps_the_file_s_mode_and_a_link_to_it()
    {
        Write("names = true\n");
        string link = Path.Combine(_directory, "link.toml");
        File.CreateSymbolicLink(link, Place);
        Chmod(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        new ConfigurationFile(link).Save([("names", "false")]);
        Assert.Equal("names = false\n", File.ReadAllText(Place));
        Assert.Equal(Place, new FileInfo(link).LinkTarget);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Place));
    }

    [Fact]
    public void A_file_that_breaks_while_it_is_open_is_not_saved_over()
    {
        Write("a = \n");
        Assert.Throws<ConfigurationException>(() => new ConfigurationFile(Place).Save([("names", "true")]));
        Assert.Equal("a = \n", File.ReadAllText(Place));
    }

    private void Chmod(UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Place, mode);
    }

    private void Write(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Place)!);
        File.WriteAllText(Place, text);
    }
}
