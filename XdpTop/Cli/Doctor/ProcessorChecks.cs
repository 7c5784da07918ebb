using System.Globalization;
using System.Text.RegularExpressions;

namespace XdpTop.Cli.Doctor;

/// <summary>Which cores the interface's interrupts and xdptop's workers meet on.</summary>
internal static partial class ProcessorChecks
{
    public static IEnumerable<Finding> Examine(Subject subject, SystemFiles files)
    {
        yield return IrqAffinity(subject, files);
        yield return files.List("proc").Where(name => name.All(char.IsAsciiDigit)).Any(process => files.Read($"proc/{process}/comm") == "irqbalance")
            ? subject.ForRedirect("irqbalance", "runs, and moves interrupts from core to core", "systemctl stop irqbalance")
            : Finding.Ok("irqbalance", "does not run");
        yield return files.Read("sys/devices/system/cpu/smt/active") == "1"
            ? subject.ForRedirect("smt", "on: two workers may share a core", "scripts/smt.sh off")
            : Finding.Ok("smt", "off: a worker has a core to itself");
        yield return Numa(subject, files);
    }

    private static Finding IrqAffinity(Subject subject, SystemFiles files)
    {
        // Link by link: each is relative to where the one before leads to.
        string directory = $"sys/class/net/{subject.Name}";
        DirectoryInfo? device = files.Follow(Path.Combine(files.Follow(directory)?.FullName ?? directory, "device"));
        // Of a virtio NIC they are the PCI device's, which is its parent.
        HashSet<string> own = [.. MsiIrqs(device), .. MsiIrqs(device?.Parent)];
        Dictionary<string, List<string>> irqsByCores = [];
        int count = 0;
        foreach (string line in (files.Read("proc/interrupts") ?? "").Split('\n'))
        {
            // "38:  0  3241  PCI-MSIX-0000:00:03.0  1-edge  virtio2-input.0"
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !own.Contains(words[0].TrimEnd(':')) || !IsOfQueue(words[^1], subject.Name, device?.Name))
                continue;
            string irq = words[0].TrimEnd(':');
            string cores = files.Read($"proc/irq/{irq}/effective_affinity_list") is { Length: > 0 } effective
                ? effective
                : files.Read($"proc/irq/{irq}/smp_affinity_list") ?? "?";
            if (!irqsByCores.TryGetValue(cores, out List<string>? irqs))
                irqsByCores[cores] = irqs = [];
            irqs.Add(irq);
            count++;
        }
        if (count == 0)
            return Finding.Ok("irq-affinity", "the queues have no interrupts of their own");
        string text = string.Join("; ", irqsByCores
            .OrderBy(pair => pair.Key.Length).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"core {pair.Key}: IRQ {string.Join(',', pair.Value)}"));
        bool isSpread = irqsByCores.Count >= Math.Min(count, subject.Cores);
        return isSpread
            ? Finding.Ok("irq-affinity", text)
            : subject.ForRedirect("irq-affinity", $"queues share cores while others are free: {text}", $"scripts/tune-nic.sh {subject.ShellName} apply");

        IReadOnlyList<string> MsiIrqs(DirectoryInfo? directory) => directory is null ? [] : files.List(Path.Combine(directory.FullName, "msi_irqs"));
    }

    /// <summary>Of a NIC's interrupts those that tell of received packets, by the names that drivers give them.</summary>
    private static bool IsOfQueue(string name, string interfaceName, string? deviceName)
    {
        if (TransmitOnly().IsMatch(name))
            return false;
        bool isNamed = name.Contains(interfaceName, StringComparison.Ordinal) || (deviceName is not null && name.Contains(deviceName, StringComparison.Ordinal));
        return Receive().IsMatch(name) || (isNamed && Numbered().IsMatch(name));
    }

    private static Finding Numa(Subject subject, SystemFiles files)
    {
        int nodes = files.List("sys/devices/system/node").Count(name => Node().IsMatch(name));
        int? node = files.ReadNumber($"sys/class/net/{subject.Name}/device/numa_node");
        if (nodes < 2 || node is null or < 0)
            return Finding.Ok("numa", nodes < 2 ? "one node" : $"{nodes} nodes; the interface belongs to none");
        string cores = files.Read(string.Create(CultureInfo.InvariantCulture, $"sys/devices/system/node/node{node}/cpulist")) ?? "?";
        return subject.ForRedirect("numa", $"the interface is at node {node} of {nodes}: its cores are nearest", $"xdptop {subject.ShellName} --cpus {cores}");
    }

    [GeneratedRegex("rx|input|comp|ntfy", RegexOptions.IgnoreCase)]
    private static partial Regex Receive();

    [GeneratedRegex("-[0-9]+$")]
    private static partial Regex Numbered();

    [GeneratedRegex("-tx-?[0-9]+$|output", RegexOptions.IgnoreCase)]
    private static partial Regex TransmitOnly();

    [GeneratedRegex("^node[0-9]+$")]
    private static partial Regex Node();
}
