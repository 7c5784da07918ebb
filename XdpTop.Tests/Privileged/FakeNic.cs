using System.Runtime.CompilerServices;

namespace XdpTop.Tests.Privileged;

/// <summary>
/// A NIC "nic0" that is files alone: what the fake ethtool in Resources/ tells and takes, and a root directory with what
/// scripts look at in /proc, /sys and /run.
/// </summary>
internal sealed class FakeNic : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("xdptop-nic").FullName;

    public FakeNic(int queues = 8, string hashFields = "sd", string table = "0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7")
    {
        Write("nic/ring-rx", "512");
        Write("nic/ring-tx", "1024");
        Write("nic/channels", $"{queues}");
        Write("nic/table", table);
        if (table != string.Join(' ', Enumerable.Range(0, 16).Select(place => place % queues)))
            Write("nic/configured", "");
        Write("nic/key", string.Join(':', Enumerable.Range(1, 40).Select(i => $"{i:x2}")));
        Write("nic/adaptive-rx", "on");
        Write("nic/rx-usecs", "1");
        Write("nic/rx-vlan-offload", "on");
        Write("nic/tx-vlan-offload", "on");
        foreach (string kind in (string[])["tcp4", "udp4", "tcp6", "udp6"])
            Write($"nic/hash-{kind}", kind.StartsWith("tcp", StringComparison.Ordinal) ? "sdfn" : hashFields);
        Write("sys/class/net/nic0/ifindex", "7");
        Write("sys/class/net/nic0/address", "02:00:00:00:00:07");
        Write("sys/devices/system/cpu/online", "0-3");
        Directory.CreateSymbolicLink(Path.Combine(_root, "sys/class/net/nic0/device"), "../../../devices/pci0/nic");
        string interrupts = "            CPU0       CPU1\n";
        for (int irq = 30; irq < 34; irq++)
        {
            Write($"sys/devices/pci0/nic/msi_irqs/{irq}", "msix");
            Write($"proc/irq/{irq}/smp_affinity_list", "0-3");
            interrupts += $" {irq}:    1    2  PCI-MSIX-0000:00:03.0  {irq - 30}-edge  nic0{(irq == 33 ? "" : $"-TxRx-{irq - 30}")}\n";
        }
        Write("proc/interrupts", interrupts + " 40:    1    2  PCI-MSIX-0000:00:04.0  0-edge  other-rx-0\n");
        Directory.CreateDirectory(Path.Combine(_root, "run"));
    }

    /// <summary>Takes the place of "/" for the scripts.</summary>
    public string Root => _root;

    /// <summary>What was there before apply; null when nothing is kept.</summary>
    public string? StateFile => Directory.Exists($"{_root}/run/xdptop") ? Directory.GetFiles($"{_root}/run/xdptop", "tune-*").SingleOrDefault() : null;

    /// <summary>What ethtool was told to change: an option and its arguments in each line.</summary>
    public string[] Changes => File.Exists($"{_root}/nic.log") ? File.ReadAllLines($"{_root}/nic.log") : [];

    /// <summary>All of the NIC's settings and its interrupts' cores, as one text.</summary>
    public string Settings => string.Join('\n', new[] { "nic", "proc/irq" }
        .SelectMany(directory => Directory.GetFiles(Path.Combine(_root, directory), "*", SearchOption.AllDirectories))
        .Order(StringComparer.Ordinal)
        .Select(file => $"{file[_root.Length..]}: {File.ReadAllText(file).TrimEnd()}"));

    public static string Script(string name, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "scripts", name));

    public string Read(string path) => File.ReadAllText(Path.Combine(_root, path)).TrimEnd();

    public void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text + "\n");
    }

    /// <summary>Runs tune-nic.sh on it.</summary>
    public (int ExitCode, string Output, string Errors) Tune(params string[] arguments) => TuneBy([], arguments);

    /// <summary>The same, started by another program, such as one that gives up rights.</summary>
    public (int ExitCode, string Output, string Errors) TuneBy(string[] starter, params string[] arguments)
    {
        string resources = Path.Combine(AppContext.BaseDirectory, "Privileged", "Resources");
        // In a process group of its own, which can be killed.
        using ProgramRun run = ProgramRun.StartOther(
            [
                "setsid", "--wait", .. starter, "env", $"PATH={resources}:{Environment.GetEnvironmentVariable("PATH")}",
                $"FAKE_NIC={_root}/nic", $"TUNE_NIC_ROOT={_root}", Script("tune-nic.sh"), "nic0", .. arguments,
            ]);
        return (run.WaitForEnd(), run.Output, run.Errors);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
