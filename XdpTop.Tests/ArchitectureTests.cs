using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace XdpTop.Tests;

/// <summary>Which folder may use which, read from the source files; a folder is a namespace.</summary>
public sealed partial class ArchitectureTests
{
    private const int MostLines = 330;

    /// <summary>What each folder may use besides itself. Program and Cli may use all.</summary>
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Native"] = [],
        ["Memory"] = ["Native"],
        ["Packets"] = [],
        ["Flows"] = ["Packets", "Memory"],
        ["Capture"] = ["Memory", "Native", "Packets"],
        ["Metering"] = ["Capture", "Packets", "Flows", "Memory"],
        ["Ipfix"] = ["Flows", "Packets"],
        ["Export"] = ["Ipfix", "Flows", "Packets", "Memory", "Native"],
        ["Monitoring"] = ["Flows", "Packets", "Memory"],
        ["Ui"] = ["Monitoring", "Flows", "Packets"], // Flows and Packets for the values that snapshots hold
    };

    private static readonly string[] s_all = [.. s_allowed.Keys, "Cli"];
    private static readonly string[] s_unsafe = ["Native", "Memory", "Capture", "Flows"];
    private static readonly string[] s_cNames = ["Native", "Memory", "Capture"];

    // In Native/, but not C: whoever may use the folder may use these.
    private static readonly string[] s_notC = ["Native/FileDescriptor.cs", "Native/NativeException.cs", "Native/ProcessStart.cs", "Native/Capabilities.cs", "Native/JobControl.cs", "Native/HostNameLookup.cs", "Native/InvokingUser.cs"];

    private static readonly Source[] s_sources = ReadSources();

    [Fact]
    public void A_folder_uses_only_the_folders_it_may_use()
    {
        Dictionary<string, HashSet<string>> types = TypesByFolder(s_sources);
        Assert.Equal([], s_sources.SelectMany(source => Forbidden(source, types)));
    }

    [Fact]
    public void The_table_has_no_cycle()
    {
        HashSet<string> done = [];
        while (s_allowed.Keys.FirstOrDefault(f => !done.Contains(f) && s_allowed[f].All(done.Contains)) is { } next)
            done.Add(next);
        Assert.Equal(s_allowed.Keys.Order(), done.Order());
    }

    [Fact]
    public void A_file_s_namespace_is_its_folder() =>
        Assert.Equal([], s_sources
            .Where(s => s.Folder != "" && !Regex.IsMatch(s.Code, $@"^namespace XdpTop\.{s.Folder}(\.\w+)*;", RegexOptions.Multiline))
            .Select(s => s.Name));

    [Fact]
    public void Every_folder_is_in_the_table() =>
        Assert.Equal([], s_sources.Select(s => s.Folder).Where(f => f != "" && !s_all.Contains(f)).Distinct());

    [Fact]
    public void Unsafe_code_is_where_it_may_be() =>
        Assert.Equal([], s_sources.Where(s => !s_unsafe.Contains(s.Folder) && UsesUnsafe().IsMatch(s.Code)).Select(s => s.Name));

    [Fact]
    public void C_names_are_where_they_may_be() =>
        Assert.Equal([], s_sources
            .Where(s => !s_cNames.Contains(s.Folder) && UsesC(s.Code))
            .Select(s => s.Name));

    [Fact]
    public void P_Invokes_are_declared_in_Native_alone() =>
        Assert.Equal([], s_sources
            .Where(s => s.Folder != "Native" && Regex.IsMatch(s.Code, @"\b(LibraryImport|DllImport)\b"))
            .Select(s => s.Name));

    [Fact]
    public void No_file_is_too_long() =>
        Assert.Equal([], s_sources.Where(s => s.Lines > MostLines).Select(s => $"{s.Name}: {s.Lines} lines"));

    [Theory]
    [InlineData("Flows", "using XdpTop.Native;", "Flows uses Native")]
    [InlineData("Flows", "using static XdpTop.Native.Libbpf;", "Flows uses Native")]
    [InlineData("Flows", "using B = XdpTop.Native.Libbpf;", "Flows uses Native")]
    [InlineData("Flows", "var x = global::XdpTop.Ui.Thing.New();", "Flows uses Ui")]
    [InlineData("Flows", "var x = Native.Libbpf.BPF_XDP;", "Flows uses Native")]
    [InlineData("Flows", "var x = Totals.Native.Libbpf;", "")]
    [InlineData("Flows", "// as XdpTop.Native.Libbpf has it", "")]
    [InlineData("Flows", "/* using XdpTop.Native; */ using XdpTop.Memory;", "")]
    [InlineData("Flows", "var x = \"// \"; var y = Native.Libbpf.BPF_XDP;", "Flows uses Native")]
    [InlineData("Ui", "var x = row.Flows.Length; var y = Native.Length;", "")]
    [InlineData("Metering", "using XdpTop.Native;", "Metering uses Native")]
    [InlineData("", "using XdpTop.Native;", "")]
    [InlineData("Cli", "using XdpTop.Native;", "")]
    public void A_forbidden_use_is_found(string folder, string text, string found)
    {
        Dictionary<string, HashSet<string>> types = s_all.ToDictionary(f => f, _ => new HashSet<string>());
        types["Native"].Add("Libbpf");
        types["Ui"].Add("Thing");
        IEnumerable<string> uses = Forbidden(new Source("File.cs", folder, text), types);
        Assert.Equal(found, string.Join(", ", uses.Select(u => u.Replace("File.cs: ", ""))));
    }

    [Fact]
    public void Unsafe_code_and_C_names_are_found()
    {
        Assert.Matches(UsesUnsafe(), new Source("", "", "internal unsafe struct X").Code);
        Assert.DoesNotMatch(UsesUnsafe(), new Source("", "", "x = 1; // unsafe").Code);
        Assert.True(UsesC("using static Tmds.Linux.LibC;"));
        Assert.True(UsesC("Libbpf.bpf_object__close(x);"));
        Assert.False(UsesC("throw NativeException.FromErrno(x, y);"));
    }

    /// <summary>The folders that a file uses and may not, each as "file: A uses B".</summary>
    private static IEnumerable<string> Forbidden(Source source, Dictionary<string, HashSet<string>> types)
    {
        if (source.Folder is "" or "Cli")
            return [];
        IEnumerable<string> full = FullName().Matches(source.Code).Select(m => m.Groups[1].Value).Where(s_all.Contains);
        // In namespace XdpTop.A the name B.Type is XdpTop.B.Type; B.Member may be a property called B, however.
        IEnumerable<string> partial = PartialName().Matches(source.Code)
            .Where(m => types.TryGetValue(m.Groups[1].Value, out HashSet<string>? declared) && declared.Contains(m.Groups[2].Value))
            .Select(m => m.Groups[1].Value);
        return full.Concat(partial).Distinct()
            .Where(used => used != source.Folder && !s_allowed[source.Folder].Contains(used))
            .Select(used => $"{source.Name}: {source.Folder} uses {used}");
    }

    private static bool UsesC(string code) => Regex.IsMatch(code, @"\bTmds\.Linux\b|\bLibC\.") ||
        s_sources.Where(s => s.Folder == "Native" && !s_notC.Contains(s.Name))
            .Any(s => Regex.IsMatch(code, $@"\b{Path.GetFileNameWithoutExtension(s.Name)}\."));

    private static Dictionary<string, HashSet<string>> TypesByFolder(IEnumerable<Source> sources) =>
        sources.GroupBy(s => s.Folder).ToDictionary(
            g => g.Key,
            g => g.SelectMany(s => Declaration().Matches(s.Code).Select(m => m.Groups[1].Value)).ToHashSet());

    private static Source[] ReadSources([CallerFilePath] string thisFile = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "XdpTop"));
        return [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file))
            .Where(name => !name.StartsWith("obj/", StringComparison.Ordinal) && !name.StartsWith("bin/", StringComparison.Ordinal))
            .Select(name => new Source(name, name.Contains('/') ? name[..name.IndexOf('/')] : "", File.ReadAllText(Path.Combine(root, name))))];
    }

    /// <summary>A file of XdpTop/: its path in there, its first folder, and its text.</summary>
    private sealed record Source(string Name, string Folder, string Text)
    {
        public int Lines { get; } = Text.Count(c => c == '\n');

        /// <summary>The text without comments, and with strings emptied.</summary>
        public string Code { get; } = CommentOrString().Replace(Text, m => m.Value[0] == '/' ? " " : "\"\"");
    }

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|\"{3,}.*?\"{3,}|@\"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""", RegexOptions.Singleline)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"\bXdpTop\.(\w+)")]
    private static partial Regex FullName();

    [GeneratedRegex(@"(?<![\w.])([A-Z]\w+)\.([A-Z]\w+)")]
    private static partial Regex PartialName();

    [GeneratedRegex(@"\b(?:class|struct|record|enum|interface)\s+([A-Z]\w*)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex UsesUnsafe();
}
