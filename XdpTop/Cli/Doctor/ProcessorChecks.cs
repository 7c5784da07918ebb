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
        IReadOnlyList<QueueInterrupt> interrupts = QueueInterrupts.Of(subject.Name, files);
        if (interrupts.Count == 0)
            return Finding.Ok("irq-affinity", "the queues have no interrupts of their own");
        IGrouping<string, QueueInterrupt>[] byCores = [.. interrupts.GroupBy(irq => irq.Cores)];
        string text = string.Join("; ", byCores
            .OrderBy(group => group.Key.Length).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"core {group.Key}: IRQ {string.Join(',', group.Select(irq => irq.Irq))}"));
        bool isSpread = byCores.Length >= Math.Min(interrupts.Count, subject.Cores);
        return isSpread
            ? Finding.Ok("irq-affinity", text)
            : subject.ForRedirect("irq-affinity", $"queues share cores while others are free: {text}", $"scripts/tune-nic.sh {subject.ShellName} apply");
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

    [GeneratedRegex("^node[0-9]+$")]
    private static partial Regex Node();
}
